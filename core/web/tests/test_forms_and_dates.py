"""What people send and what they read: hostile values stay beside their field, dates as said."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.web.forms import Form
from core.web.words import format_date, format_datetime


def test_the_first_of_a_month_is_said_in_french() -> None:
    assert format_date(date(1985, 6, 1)) == "1er juin 1985"
    assert format_date(date(1985, 6, 11)) == "11 juin 1985"
    assert format_date(date(1985, 6, 1), "en") == "June 1, 1985"
    assert format_datetime(datetime(2026, 1, 1, 9, 5, tzinfo=UTC)).startswith("1er janvier 2026, ")


def test_a_character_that_cannot_be_kept_is_noted_and_the_rest_is_kept() -> None:
    form = Form({"name": "Ma\x00rtin", "city": "Strasbourg"}).clean()
    assert form.value("name") == "Martin"
    assert form.error("name")
    assert not form.error("city")


@pytest.mark.parametrize("year", ["99999999999999999999", "0001", "2999", "²"])
def test_a_birth_date_that_cannot_be_is_a_mistake_of_its_field(year: str) -> None:
    form = Form({"birth_day": "1", "birth_month": "1", "birth_year": year})
    assert form.birth("birth") is None
    assert form.error("birth")


@pytest.mark.parametrize("text", ["²", "½", "--4", "9" * 5000, "-1", "1e9"])
def test_a_number_that_is_none_is_a_mistake_of_its_field(text: str) -> None:
    form = Form({"n": text})
    assert form.integer("n") is None
    assert form.error("n")


@pytest.mark.parametrize("text", ["jamais", "nom@", "@exemple.fr", "a b@exemple.fr", "nom@exemple"])
def test_an_address_nobody_can_write_to_is_a_mistake_of_its_field(text: str) -> None:
    form = Form({"email": text, "phone": "à demander"})
    assert form.email("email") == text
    assert form.phone("phone") == "à demander"
    assert form.error("email") and form.error("phone")


@pytest.mark.parametrize("text", ["", "115", "06 12 34 56 78 (sa sœur)", "+32 470 00 00 00"])
def test_a_number_or_none_is_kept_as_it_was_written(text: str) -> None:
    form = Form({"phone": text, "email": "prénom.nom@exemple.org"})
    assert form.phone("phone") == text
    assert form.email("email") == "prénom.nom@exemple.org"
    assert not form.errors
