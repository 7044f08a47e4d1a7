"""Replays on the real base: asked, carried on by the worker, stopped, reported once and for all."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.matching.rulebook import change_draft, open_draft
from core.matching.rulehistory import draft_of
from core.opening import furnish
from core.placements.passing import same_for_all
from core.placements.service import answer, propose
from core.placements.tests.making import place, structure
from core.requests.tags import tag
from core.requests.tests.making import listed
from core.simulation.queries import simulation, simulations
from core.simulation.service import ask_simulation, carry_on, stop_simulation
from core.testing import NOW

TODAY = NOW.date()
KEYS = [
    {"key": "class", "classes": [{"class": 1, "label": "Sortie", "tags": ["essai.leaver"]}]},
    "seniority",
]


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def lived(ctx: Ctx, clock: StillClock) -> tuple[int, int]:
    """Two on the list, the second with a tag; the place went to the first. Then three weeks."""
    async with ctx.unit() as unit:
        await furnish(unit)
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        first = await listed(unit, family="Un")
    clock.set(NOW + timedelta(days=1))
    async with ctx.unit() as unit:
        second = await listed(unit, family="Deux")
        await tag(unit, second, "essai.leaver")
    clock.set(NOW + timedelta(days=2))
    async with ctx.unit() as unit:
        referral_id = await propose(unit, vacancy_id, first, why=same_for_all("household_wish"))
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        for verb in ("send", "admit"):
            await answer(unit, referral_id, verb)
    clock.set(NOW + timedelta(days=21))
    async with ctx.unit() as unit:
        draft_id = await open_draft(unit, "chrs")
        stands = await draft_of(unit, "chrs")
        await change_draft(
            unit, draft_id, KEYS, text="Texte", why="Essai", version=stands.version,
            tags=["essai.leaver"],
        )  # fmt: skip
    return first, second


async def asked(unit: Unit) -> str:
    return await ask_simulation(
        unit, "chrs", rule_id=None, starts_on=TODAY - timedelta(days=30),
        ends_on=TODAY + timedelta(days=20), title="Essai",
    )  # fmt: skip


async def test_a_replay_says_who_would_have_been_referred(ctx: Ctx, lived: tuple[int, int]) -> None:
    first, second = lived
    async with ctx.unit() as unit:
        ref = await asked(unit)
    assert await carry_on(ctx) == 1
    assert await carry_on(ctx) == 0
    async with ctx.unit() as unit:
        row, found = await simulation(unit, ref)
        assert (row["state"], row["done"], row["total"]) == ("done", 1, 1)
        assert found is not None
        (one,) = found.places
        assert (one.real, one.before, one.after, one.fitted) == (first, first, second, 2)
        everybody = found.everybody
        assert (everybody.households, everybody.gained, everybody.lost) == (2, 1, 1)
        assert found.versions == (1,) and len(found.limits) >= 6


async def test_a_report_is_never_changed(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await asked(unit)
    await carry_on(ctx)
    async with ctx.unit() as unit:
        with pytest.raises(asyncpg.PostgresError):
            async with unit.savepoint():
                await unit.fetch("UPDATE simulation_report SET found = '{}'")
        assert [r["state"] for r in await simulations(unit, "chrs")] == ["done"]


async def test_one_is_stopped_and_another_may_begin(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        ref = await asked(unit)
        with pytest.raises(Conflict):
            await asked(unit)
        await stop_simulation(unit, ref)
        with pytest.raises(Refused):
            await stop_simulation(unit, ref)
    assert await carry_on(ctx) == 0
    async with ctx.unit() as unit:
        row, found = await simulation(unit, ref)
        assert (row["state"], found) == ("stopped", None)
        await asked(unit)


async def test_what_cannot_be_replayed_is_said(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        for starts, ends, wrong in ((10, 5, "ends_on"), (0, 99, "ends_on"), (-2000, 5, "starts_on"),
                                    (-60, -50, "starts_on")):  # fmt: skip
            with pytest.raises(Invalid) as said:
                await ask_simulation(
                    unit, "chrs", rule_id=None, starts_on=TODAY + timedelta(days=starts),
                    ends_on=TODAY + timedelta(days=ends), title="",
                )  # fmt: skip
            assert set(said.value.errors) == {wrong}


async def test_a_replay_that_breaks_is_failed_and_blocks_nobody(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        ref = await asked(unit)
        await unit.fetch("UPDATE simulation SET keys = '[\"nonsense\"]'")
    assert await carry_on(ctx) == 1
    async with ctx.unit() as unit:
        row, _ = await simulation(unit, ref)
        assert row["state"] == "failed"
        await asked(unit)
