"""A file's titles say where it comes from."""

from __future__ import annotations

import pytest

from core.imports.perimeter import department_of, elsewhere

HERE = {"name": "Seine-Saint-Denis", "departments": {"93"}, "others": ["Strasbourg", "Bruxelles"]}


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Périmètre : SIAO 67", True),
        ("SIAO 93 - extraction du 22/11/2026", False),
        ("Extraction des demandes d’insertion", False),
        ("Département : 93", False),
        ("Demandes du territoire de Strasbourg", True),
        ("Seine-Saint-Denis, et non Strasbourg", False),
        ("Édité le 12/10/2026, 67 demandes", False),
    ],
)
def test_a_title_that_names_another_place(title: str, asked: bool) -> None:
    assert elsewhere(["", title], **HERE) == (title if asked else None)  # type: ignore[arg-type]


def test_numbers_say_nothing_where_no_commune_is_known() -> None:
    assert elsewhere(["SIAO 67"], name="Essai", departments=(), others=()) is None


def test_the_department_of_a_postcode() -> None:
    said = [department_of(p) for p in ("67000", "97410", "", "abc", "1000")]
    assert said == ["67", "974", "", "", "10"]
