"""The cards of a structure, a place, an organisation, a free place: two editors, and the past."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from core.extension.context import Ctx
from core.housing.service import (
    add_unit,
    change_contact,
    change_programme,
    change_unit,
    close_unit,
    declare_vacancy,
    note_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
    vacancy_step,
)
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.testing import make_professional

TODAY = date(2026, 3, 12)
Change = Callable[[int, str], Awaitable[None]]


async def card(unit: Unit, table: str) -> tuple[int, str, Change]:
    """(row, its column, what writes it at a version): one of each card of housing."""
    await seed_kinds(unit)
    organisation_id = await register_organisation(unit, name="La Rive", kind="ASSO", phone="un")
    programme_id = await open_programme(
        unit, organisation_id, name="La Rive", kind="chrs", phone="un", opened_on=date(2020, 1, 1)
    )
    place_id = await add_unit(unit, programme_id, label="un")
    vacancy_id = await declare_vacancy(unit, place_id, free_on=TODAY, note="un")
    link_id = await unit.value("SELECT id FROM territory_organisation")

    async def contact(version: int, value: str) -> None:
        await change_contact(unit, organisation_id, version, phone=value, email="")

    async def programme(version: int, value: str) -> None:
        await change_programme(unit, programme_id, version, phone=value, name="La Rive")

    async def place(version: int, value: str) -> None:
        await change_unit(unit, place_id, version, label=value, max_persons=1)

    async def note(version: int, value: str) -> None:
        await note_vacancy(unit, vacancy_id, version, value)

    found: dict[str, tuple[int, str, Change]] = {
        "territory_organisation": (link_id, "phone", contact),
        "programme": (programme_id, "phone", programme),
        "housing_unit": (place_id, "label", place),
        "vacancy": (vacancy_id, "note", note),
    }
    return found[table]


@pytest.mark.parametrize(
    "table", ["territory_organisation", "programme", "housing_unit", "vacancy"]
)
async def test_two_editors_of_a_card(ctx: Ctx, table: str) -> None:
    second = await make_professional(ctx, "coordinator")
    async with ctx.unit() as unit:
        row_id, column, change = await card(unit, table)
        await change(1, "deux")
        with pytest.raises(Conflict) as told:
            await change(1, "trois")
        assert (told.value.theirs[column], told.value.theirs["version"]) == ("deux", 2)
        assert await unit.value(f"SELECT {column} FROM {table} WHERE id = $1", row_id) == "deux"
        await change(2, "trois")
    async with ctx.acting(second).unit() as unit:
        now = await unit.row(f"SELECT * FROM {table} WHERE id = $1", row_id)
        assert now is not None
        told_all = await card_changes(unit, table, {row_id: now}, (column,))
    assert [[(f.before, f.after) for f in c.fields] for c in told_all] == [
        [("deux", "trois")],
        [("un", "deux")],
    ]
    assert {c.author for c in told_all} == {ctx.who.name}


async def test_a_place_that_is_held_meanwhile_does_not_stop_who_writes_its_note(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        row_id, _, change = await card(unit, "vacancy")
        await vacancy_step(unit, row_id, "freeze", reason="Travaux", frozen_until=TODAY)
        await vacancy_step(unit, row_id, "unfreeze")
        assert await unit.value("SELECT version FROM vacancy") > 1
        await change(1, "deux")
        assert await unit.value("SELECT note FROM vacancy") == "deux"


async def test_a_card_that_cannot_be_right_is_left_as_it_was(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        place_id, _, _ = await card(unit, "housing_unit")
        programme_id = await unit.value("SELECT id FROM programme")
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await change_unit(unit, place_id, 1, typology="room", min_persons=4, max_persons=1)
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await change_programme(unit, programme_id, 1, name="  ")
    with pytest.raises(NotFound):
        async with ctx.unit() as unit:
            await change_contact(unit, 0, 1, phone="x")
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM past_version") == 0


async def test_a_structure_found_by_its_new_name_and_a_closed_place_are_in_the_past(
    ctx: Ctx,
) -> None:
    async with ctx.unit() as unit:
        programme_id, _, _ = await card(unit, "programme")
        await change_programme(unit, programme_id, 1, name="Les Érables")
        assert await unit.value("SELECT search_key FROM programme") == "les erables"
        place_id = await add_unit(unit, programme_id, label="deux")
        await close_unit(unit, place_id, on=TODAY)
        now: Any = await unit.row("SELECT * FROM housing_unit WHERE id = $1", place_id)
        (closed,) = await card_changes(unit, "housing_unit", {place_id: now}, ("closed_on",))
    assert [(f.before, f.after) for f in closed.fields] == [(None, "2026-03-12")]
