"""What is counted on the real database: waits, outcomes, groups, empty places, and what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.figures.fairness import ALL, count_groups
from core.figures.outcomes import count_outcomes, tallies, tally
from core.figures.rollups import ROLLUPS, count_all, counted
from core.figures.rules import EVERY, size_of, window
from core.figures.tests.making import pass_days, referred, waited
from core.figures.vacancies import count_vacancies
from core.figures.waits import Wait, count_waits
from core.housing.rules import Period, vacancy_days
from core.housing.service import vacancy_step
from core.housing.vacancy_reads import frozen_periods
from core.kernel.clock import StillClock
from core.kernel.unit import Unit
from core.matching.service import entry_step
from core.placements.service import answer
from core.placements.tests.making import place, structure
from core.requests.tests.making import organisation
from core.testing import counting, make_place


async def of_list(unit: Unit, kind: str = "chrs", size: str = EVERY) -> Wait:
    return next(w for w in await count_waits(unit, 24) if (w.kind, w.size) == (kind, size))


async def test_waits_hold_those_who_wait_and_those_admitted(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        for days in (100, 200, 300):
            await referred(unit, programme, "admit", days)
        for _ in range(3):
            await waited(unit, 400)
        found = await of_list(unit)
        # Three of six admitted, by day 100, 200 and 300: worked by hand.
        assert (found.admissions, found.quarter, found.median, found.three) == (3, 200, 300, None)
        assert (found.households, found.persons, found.freed, found.longest) == (3, 3, 3, 400)
        alone, couple = await of_list(unit, size="1"), await of_list(unit, size="2")
        assert (alone.admissions, couple.admissions, couple.households) == (3, 0, 0)


async def test_admitted_elsewhere_or_gone_is_no_admission_here(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, other = await structure(unit, kind="chu")
        elsewhere = await referred(unit, other, "open", 50, kind="chu")
        await unit.fetch(  # on the list of CHRS too, and admitted to the CHU
            "INSERT INTO waiting_entry (request_id, kind, seniority_on, entered_at) "
            "SELECT request_id, 'chrs', $2, $3 FROM referral WHERE id = $1",
            elsewhere, unit.today - timedelta(days=50), unit.now,
        )  # fmt: skip
        await answer(unit, elsewhere, "accept", words="Au téléphone", oral=True)
        await answer(unit, elsewhere, "send")
        await answer(unit, elsewhere, "admit")
        gone = await waited(unit, 80)
        entry = await unit.value("SELECT id FROM waiting_entry WHERE request_id = $1", gone)
        await entry_step(unit, entry, "withdraw", reason="Essai")
        await waited(unit, 20)
        found = await of_list(unit)
        assert (found.admissions, found.quarter, found.households) == (0, None, 1)


async def test_what_ended_before_the_window_is_not_looked_at(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        await referred(unit, programme, "admit", 30)
    pass_days(clock, 800)
    async with ctx.unit() as unit:
        await waited(unit, 10)
        found = await of_list(unit)
        assert (found.admissions, found.longest, found.freed) == (0, 10, 0)


async def test_an_admission_that_fell_through_is_none(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        referral_id = await referred(unit, programme, "admit", 60)
        await answer(unit, referral_id, "mark_no_show")
        assert (await of_list(unit)).admissions == 0
        cells = await count_outcomes(unit, *window(unit.today, 24))
        assert tally(cells).by == {"nobody": 1}


async def test_outcomes_say_who_ended_it_and_why(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        mine, first = await structure(unit)
        _, second = await structure(unit, kind="chu")
        for outcome in ("admit", "admit", "refuse", "decline", "open"):
            await referred(unit, first, outcome)
        await referred(unit, second, "refuse", couple=True, kind="chu")
        cells = await count_outcomes(unit, *window(unit.today, 24))
        whole = tally(cells)
        assert (whole.ended, whole.running, whole.persons) == (5, 1, 7)
        assert whole.by == {"admitted": 2, "structure": 2, "household": 1}
        assert whole.reasons == {
            "structure": {"unsuitable_size": 2}, "household": {"location": 1},
        }  # fmt: skip
        own = tallies(cells, lambda cell: cell.organisation)[mine]
        assert (own.ended, own.of("structure")) == (4, 1)


@pytest.mark.parametrize("works", [False, True])
async def test_empty_days_are_those_of_the_rule(ctx: Ctx, clock: StillClock, works: bool) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        vacancy_id, start = await place(unit, programme), unit.today
    pass_days(clock, 10)
    if works:
        async with ctx.unit() as unit:
            await vacancy_step(unit, vacancy_id, "freeze", reason="Peinture")
        pass_days(clock, 7)
        async with ctx.unit() as unit:
            await vacancy_step(unit, vacancy_id, "unfreeze")
    pass_days(clock, 5)
    async with ctx.unit() as unit:
        await vacancy_step(unit, vacancy_id, "give_back", reason="Travaux")
    pass_days(clock, 30)
    async with ctx.unit() as unit:
        row = await unit.row("SELECT free_on, closed_on FROM vacancy WHERE id = $1", vacancy_id)
        frozen = (await frozen_periods(unit, [vacancy_id])).get(vacancy_id, [])
        assert row is not None
        rule = vacancy_days(Period(row["free_on"], row["closed_on"]), unit.today, frozen)
        (found,) = await count_vacancies(unit, *window(unit.today, 24))
        assert found.days == rule == 15
        assert (found.declared, found.admitted, found.open) == (1, 0, 0)
        since = start + timedelta(days=4)
        (part,) = await count_vacancies(unit, since, unit.today + timedelta(days=1))
        assert (part.days, part.declared) == (rule - 4, 0), "only the days of the period count"


async def test_groups_are_counted_in_households_and_in_people(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        ccas, other = await organisation(unit, "CCAS A"), await organisation(unit, "CCAS B")
        await referred(unit, programme, "admit", 40, organisation_id=ccas)
        await referred(unit, programme, "refuse", 70, couple=True, organisation_id=ccas)
        await waited(unit, 90, couple=True, organisation_id=other)
        groups = {(g.dimension, g.code): g for g in await count_groups(unit, 24)}
        whole = groups[ALL, ""]
        assert (whole.households, whole.persons, whole.referred, whole.admissions) == (3, 5, 2, 1)
        mine, theirs = groups["prescriber", str(ccas)], groups["prescriber", str(other)]
        assert (mine.households, mine.referred, mine.median) == (2, 2, 40)
        assert (theirs.households, theirs.persons, theirs.referred, theirs.median) == (
            1,
            2,
            0,
            None,
        )
        assert (groups["composition", "30"].households, groups["kind", "chrs"].households) == (2, 3)
        assert groups["sector", ""].households == 3, "no sector is a group too"


async def test_figures_are_kept_as_they_stood(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        await structure(unit)
        await waited(unit, 30)
        at_once = await counted(unit, "waits")
        assert at_once.rows[0].households == 1, "before the first night they are counted at once"
        await count_all(unit)
        kept = unit.now
    pass_days(clock, 1)
    async with ctx.unit() as unit:
        await waited(unit, 30)
        with counting() as seen:
            stood = {what: await counted(unit, what) for what in ROLLUPS}
        assert len(seen) == len(ROLLUPS)
        assert stood["waits"].made_at == kept and stood["waits"].rows[0].households == 1
        await count_all(unit)
        now = await counted(unit, "waits")
        assert now.rows[0].households == 2 and now.made_at == unit.now
        assert await unit.value("SELECT count(*) FROM figure_rollup") == len(ROLLUPS)


async def test_another_territory_counts_its_own(ctx: Ctx, clock: StillClock) -> None:
    from dataclasses import replace

    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        await referred(unit, programme, "refuse")
        await count_all(unit)
    there = replace(ctx, territory=await make_place(clock, "ailleurs", "Ailleurs"))
    async with there.unit() as unit:
        assert [(await counted(unit, what)).rows for what in ROLLUPS] == [[], [], [], []]


def test_sizes() -> None:
    assert [size_of(n) for n in (None, 0, 1, 2, 3, 4, 5, 12, 250)] == [
        None, None, "1", "2", "3-4", "3-4", "5+", "5+", "5+",
    ]  # fmt: skip
