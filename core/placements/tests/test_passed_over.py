"""Who is passed over: everybody above whom nothing bars, each with a reason, found at the act."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.extension.context import Ctx
from core.kernel.errors import Invalid
from core.matching.shortlist import Candidate, Filters, shortlist
from core.matching.tests.making import told, vacancy
from core.placements.passing import PASSING_REASONS, same_for_all
from core.placements.service import propose
from core.requests.tests.making import listed
from core.testing import counting

FACTS: dict[str, list[Any]] = {
    "persons": [None, 1, 2],
    "resources_cents": [None, 60_000],
    "animals": [None, True, False],
    "areas_wanted": [None, [], [8]],
    "kinds": [None, ["chrs"], ["alt"]],
}
WISH = same_for_all("household_wish")


async def ranked(ctx: Ctx, unit: Any, vacancy_id: int) -> list[Candidate]:
    found = await shortlist(ctx, unit, vacancy_id, filters=Filters(everybody=True))
    return list(found.candidates)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
async def test_nobody_above_is_left_out_and_nobody_else_is_there(ctx: Ctx, seed: int) -> None:
    rng = Random(seed)
    try:
        async with ctx.unit() as unit:
            for n in range(7):
                request_id = await listed(unit, family=f"Nom{n}")
                facts = {name: rng.choice(values) for name, values in FACTS.items()}
                await told(unit, request_id, **facts)
            vacancy_id = await vacancy(unit, seed=rng.randbytes(16))
            everybody = await ranked(ctx, unit, vacancy_id)
            fitting = [one for one in everybody if one.fits]
            if not fitting:
                return
            chosen = rng.choice(fitting)
            due = {one.request_id: one for one in fitting if one.rank < chosen.rank}
            await propose(
                unit, vacancy_id, chosen.request_id,
                why=lambda one: (one.passing_code or "household_wish", ""),
            )  # fmt: skip
            kept = await unit.fetch("SELECT * FROM passed_over")
            assert {k["request_id"] for k in kept} == set(due) and len(kept) == len(due)
            for k in kept:
                one = due[k["request_id"]]
                assert k["rank"] == one.rank and f'"mask": {one.mask}' in k["judged"]
                doubtful = any(v.hard and v.answer is None for v in one.verdicts)
                assert (k["reason"] == "to_check") == doubtful
            raise _Undone
    except _Undone:
        pass


class _Undone(Exception):
    """Each example leaves nothing behind."""


async def three(ctx: Ctx) -> tuple[int, list[Candidate]]:
    async with ctx.unit() as unit:
        for n in range(3):
            await listed(unit, family=f"Nom{n}")
        vacancy_id = await vacancy(unit)
    async with ctx.unit() as unit:
        return vacancy_id, await ranked(ctx, unit, vacancy_id)


async def test_each_needs_a_coded_reason_and_words_where_it_asks_for_them(ctx: Ctx) -> None:
    vacancy_id, (first, second, third) = await three(ctx)

    def only_first(one: Candidate) -> tuple[str, str] | None:
        return ("household_wish", "") if one.ref == first.ref else None

    for why, field in (
        (None, "passing"),
        (only_first, "passing"),
        (same_for_all("no_such"), "passing"),
        (same_for_all("urgency"), "passing_words"),
        (same_for_all("urgency", "  "), "passing_words"),
    ):
        with pytest.raises(Invalid) as no:
            async with ctx.unit() as unit:
                await propose(unit, vacancy_id, third.request_id, why=why)
        assert list(no.value.errors) == [field]
    async with ctx.unit() as unit:
        await propose(unit, vacancy_id, third.request_id, why=same_for_all("urgency", "Violences"))
        kept = await unit.fetch("SELECT request_id, rank, words FROM passed_over ORDER BY rank")
        assert [tuple(k) for k in kept] == [
            (first.request_id, 1, "Violences"),
            (second.request_id, 2, "Violences"),
        ]
        assert await unit.value("SELECT rank FROM referral") == 3
    async with ctx.unit() as unit:
        events = await unit.fetch(
            "SELECT household_id FROM event WHERE kind = 'referral.passed_over'"
        )
        assert {e[0] for e in events} == {first.household_id, second.household_id}


async def test_the_first_of_the_list_passes_over_nobody(ctx: Ctx) -> None:
    vacancy_id, (first, *_) = await three(ctx)
    async with ctx.unit() as unit:
        await propose(unit, vacancy_id, first.request_id)
        assert await unit.value("SELECT count(*) FROM passed_over") == 0


async def test_somebody_from_outside_the_list_passes_over_everybody_it_suits(ctx: Ctx) -> None:
    vacancy_id, everybody = await three(ctx)
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE waiting_entry SET state = 'paused' WHERE request_id = $1",
            everybody[0].request_id,
        )
        await told(unit, everybody[1].request_id, animals=True)
        await propose(unit, vacancy_id, everybody[0].request_id, why=WISH)
        kept = await unit.fetch("SELECT request_id FROM passed_over")
        assert [k[0] for k in kept] == [everybody[2].request_id]
        assert await unit.value("SELECT rank FROM referral") is None


async def test_it_costs_the_same_for_three_and_for_thirty(ctx: Ctx) -> None:
    spent = []
    for number in (3, 30):
        async with ctx.unit() as unit:
            for n in range(number):
                await listed(unit, family=f"Nom{number}-{n}")
            vacancy_id = await vacancy(unit, name=f"Foyer {number}")
            last = (await ranked(ctx, unit, vacancy_id))[-1]
            with counting() as seen:
                await propose(unit, vacancy_id, last.request_id, why=WISH)
            spent.append(len(seen))
    assert spent[0] == spent[1]


def test_what_a_household_reads_names_nobody_and_no_day() -> None:
    for reason in PASSING_REASONS:
        said = reason.plain.lower()
        for word in ("ménage", "famille", "personne seule", "aujourd", "ce jour", "hier", "%"):
            assert word not in said, (reason.code, word)
        assert len(reason.plain.split()) <= 12
