"""Stays on the real services: an exit, an exit taken back, and what the database promises."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import pytest

from core.extension.context import Ctx
from core.kernel.errors import Conflict, Invalid
from core.placements.service import (
    exit_stay,
    move_in,
    undo_exit,
)
from core.placements.stay_reads import stay_history
from core.placements.tests.making import admitted, place, structure
from core.requests.tests.making import listed

TODAY = date(2026, 3, 12)


async def test_an_exit_is_coded_and_can_be_taken_back(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        placement_id = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await exit_stay(unit, placement_id, on=TODAY - timedelta(days=1), exit_code=102)
    async with ctx.unit() as unit:
        await exit_stay(unit, placement_id, on=TODAY, exit_code=102)
        await undo_exit(unit, placement_id, reason="Mauvais ménage")
        row = await unit.row("SELECT state, ends_on, exit_code FROM placement")
        assert row is not None and tuple(row) == ("present", None, None)


async def test_an_exit_that_is_taken_back_stays_in_the_history_with_who_and_why(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        placement_id = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        await exit_stay(unit, placement_id, on=TODAY, exit_code=102, words="Chez sa sœur")
        await undo_exit(unit, placement_id, reason="Mauvais ménage")
        told = await stay_history(unit, placement_id)
    assert [(r["verb"], r["on_date"], r["exit_code"], r["words"], r["author"]) for r in told] == [
        ("undo_exit", None, None, "Mauvais ménage", ctx.who.name),
        ("exit", TODAY, 102, "Chez sa sœur", ctx.who.name),
        ("move_in", TODAY, None, "", ctx.who.name),
        ("plan", None, None, "", ctx.who.name),
    ]
    with pytest.raises(asyncpg.PostgresError):
        async with ctx.unit() as unit:
            await unit.fetch("UPDATE placement_state SET exit_code = NULL")


async def test_the_database_promises_one_household_per_place_and_one_stay_per_household(
    ctx: Ctx,
) -> None:
    insert = (
        "INSERT INTO placement (ref, unit_id, household_id, state, kind, starts_on, created_at, "
        "double) SELECT $1, unit_id, $2, 'present', kind, starts_on, created_at, $3 FROM placement"
    )
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        other = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1",
            await listed(unit, family="Martin"),
        )
    with pytest.raises(Conflict, match="déjà occupé"):
        async with ctx.unit() as unit:
            await unit.fetch(insert, "AAAAAAAAAA", other, False)
    with pytest.raises(Conflict, match="déjà un logement"):
        async with ctx.unit() as unit:
            free = await place(unit, programme_id, free=False)
            await unit.fetch(
                insert.replace("unit_id, $2", f"{free}, $2"),
                "AAAAAAAAAA",
                await unit.value("SELECT household_id FROM placement"),
                False,
            )
