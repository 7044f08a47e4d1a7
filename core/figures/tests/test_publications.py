"""A structure reads its figures before anybody else, comments them, and then all are published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.figures.publications import (
    comment,
    follow_calendar,
    open_round,
    own_publication,
    own_publications,
    published,
    rounds,
    values_of,
)
from core.figures.tests.making import pass_days, referred
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.placements.tests.making import structure
from core.testing import make_professional


async def two_structures(ctx: Ctx) -> tuple[Ctx, Ctx, int]:
    """Somebody of each structure, and the first one's organisation; three referrals between them."""
    async with ctx.unit() as unit:
        mine, first = await structure(unit)
        other, second = await structure(unit)
        await referred(unit, first, "refuse")
        await referred(unit, first, "admit")
        await referred(unit, second, "admit")
    return (
        ctx.acting(await make_professional(ctx, "structure", organisation_id=mine)),
        ctx.acting(await make_professional(ctx, "structure", organisation_id=other)),
        mine,
    )


async def drafts(ctx: Ctx) -> list[Any]:
    async with ctx.unit() as unit:
        return list(await own_publications(unit))


async def test_a_structure_reads_first_then_everybody(ctx: Ctx, clock: StillClock) -> None:
    one, two, mine = await two_structures(ctx)
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        assert await open_round(unit, unit.today) == 2
        assert await published(unit) == []
    (own,) = await drafts(one)
    assert own["organisation_id"] == mine and own["published_at"] is None
    assert values_of(own).outcomes.by == {"structure": 1, "admitted": 1}
    async with two.unit() as unit:
        with pytest.raises(NotFound):
            await own_publication(unit, own["ref"])
        with pytest.raises(NotFound):
            await comment(unit, own["ref"], own["version"], "Chez eux")
    async with one.unit() as unit:
        await comment(unit, own["ref"], own["version"], "Dégât des eaux")
    pass_days(clock, 15)
    async with ctx.unit() as unit:
        assert (await follow_calendar(unit))[1] == 0, "the last day still belongs to them"
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        assert (await follow_calendar(unit))[1] == 2, "all of a round on the same day"
        read = {r["organisation_id"]: r for r in await published(unit)}
        assert len(read) == 2 and read[mine]["comment"] == "Dégât des eaux"
    async with one.unit() as unit:
        with pytest.raises(Refused):
            await comment(unit, own["ref"], read[mine]["version"], "Trop tard")


async def test_what_was_drafted_does_not_move(ctx: Ctx, clock: StillClock) -> None:
    one, _, _ = await two_structures(ctx)
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        await open_round(unit, unit.today)
        await unit.fetch("UPDATE referral SET state = 'expired'")
    (own,) = await drafts(one)
    assert values_of(own).outcomes.by == {"structure": 1, "admitted": 1}


async def test_two_colleagues_and_what_a_comment_was(ctx: Ctx, clock: StillClock) -> None:
    one, _, _ = await two_structures(ctx)
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        await open_round(unit, unit.today)
    (own,) = await drafts(one)
    async with one.unit() as unit:
        await comment(unit, own["ref"], own["version"], "Premier")
    async with one.unit() as unit:
        with pytest.raises(Conflict) as met:
            await comment(unit, own["ref"], own["version"], "Second")
        assert met.value.theirs["comment"] == "Premier"
    (now,) = await drafts(one)
    async with one.unit() as unit:
        await comment(unit, own["ref"], now["version"], "Mieux dit")
        held = await unit.fetch("SELECT held FROM past_version WHERE kind = 'figure_publication'")
        assert any("Premier" in r["held"] for r in held)


async def test_rounds_are_not_close_enough_to_be_subtracted(ctx: Ctx, clock: StillClock) -> None:
    await two_structures(ctx)
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        await open_round(unit, unit.today)
        for days in (0, -27):
            with pytest.raises(Invalid):
                await open_round(unit, unit.today + timedelta(days=days))
        with pytest.raises(Invalid):
            await open_round(unit, unit.today + timedelta(days=1))
    pass_days(clock, 28)
    async with ctx.unit() as unit:
        # The quarter ended nineteen days after that round: it waits for the next one.
        assert (await follow_calendar(unit))[0] == 0
        assert await open_round(unit, unit.today) == 2
        assert len(await rounds(unit)) == 2


async def test_a_quarter_that_ends_opens_a_round_once(ctx: Ctx, clock: StillClock) -> None:
    await two_structures(ctx)
    pass_days(clock, 30)  # 11 April: the first quarter is over
    async with ctx.unit() as unit:
        assert await follow_calendar(unit) == (2, 0)
        assert await follow_calendar(unit) == (0, 0)
        (row,) = await rounds(unit)
        assert row["ends_on"].isoformat() == "2026-04-01" and row["structures"] == 2


@pytest.mark.parametrize("role", ["social_worker", "prescriber", "observer", "structure"])
async def test_who_may_not_open_a_round(ctx: Ctx, role: str) -> None:
    async with ctx.unit() as unit:
        organisation, _ = await structure(unit)
    other = ctx.acting(await make_professional(ctx, role, organisation_id=organisation))
    async with other.unit() as unit:
        with pytest.raises(Denied):
            await open_round(unit, unit.today)
