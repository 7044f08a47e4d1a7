"""Visits and questions stop the clock; what stalls is told, what runs out ends and costs nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.housing.service import declare_vacancy
from core.kernel.clock import StillClock
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.notifications.service import answer as answer_message
from core.placements.alerts import open_alerts
from core.placements.chains import freed_by
from core.placements.procedures import seed_procedures
from core.placements.service import (
    answer,
    ask_question,
    ask_visit,
    end_visit,
    expire_overdue,
    find_stalled,
    move_in,
    plan_visit,
    read_alert,
)
from core.placements.sight import seen_by_structure
from core.placements.tests.making import admitted, place, proposed, states, structure
from core.requests.service import recommend
from core.requests.tests.making import listed

DAY = timedelta(days=1)


async def _row(unit: Unit, referral_id: int) -> dict[str, object]:
    row = await unit.row("SELECT * FROM referral WHERE id = $1", referral_id)
    assert row is not None
    return dict(row)


async def _main(unit: Unit, referral_id: int) -> int:
    return int(
        await unit.value(
            "SELECT m.person_id FROM membership m JOIN referral r "
            "ON r.household_id = m.household_id WHERE r.id = $1 ORDER BY m.id LIMIT 1",
            referral_id,
        )
    )


async def test_a_visit_stops_the_clock_and_gives_its_days_back(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await seed_procedures(unit)
        referral_id = await proposed(unit, programme_id)
        before = (await _row(unit, referral_id))["answer_by"]
        assert await ask_visit(unit, referral_id, "Le matin") is True
        with pytest.raises(Refused):
            await ask_visit(unit, referral_id)
        with pytest.raises(Invalid):
            await plan_visit(unit, referral_id, unit.now - DAY)
        await plan_visit(unit, referral_id, unit.now + 8 * DAY, "À l’accueil")
        with pytest.raises(Refused):
            await end_visit(unit, referral_id, "held")
    clock.advance(10 * DAY)
    async with ctx.unit() as unit:
        assert (await expire_overdue(unit))["expired"] == 0
        assert (await _row(unit, referral_id))["state"] == "proposed"
        await end_visit(unit, referral_id, "held")
        row = await _row(unit, referral_id)
        assert row["paused_at"] is None and row["answer_by"] == before + 10 * DAY  # type: ignore[operator]
        held = "SELECT held_until FROM vacancy WHERE id = $1"
        assert await unit.value(held, row["vacancy_id"]) == row["answer_by"]
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)


async def test_a_question_stops_the_clock_until_it_is_answered(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await seed_procedures(unit)
        referral_id = await proposed(unit, programme_id)
        before = (await _row(unit, referral_id))["answer_by"]
        person = await _main(unit, referral_id)
        assert await ask_question(unit, referral_id, person, "Quel bus ?") is True
    clock.advance(3 * DAY)
    async with ctx.unit() as unit:
        asked = await unit.value("SELECT id FROM exchange WHERE about_id = $1", referral_id)
        await answer_message(unit, asked, "Le 12.")
        row = await _row(unit, referral_id)
        assert row["paused_at"] is None and row["answer_by"] == before + 3 * DAY  # type: ignore[operator]


async def test_where_the_procedure_says_so_the_clock_goes_on(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await seed_procedures(unit)
        await unit.fetch("UPDATE referral_procedure SET visit_pauses = false WHERE kind = 'chrs'")
        referral_id = await proposed(unit, programme_id)
        assert await ask_visit(unit, referral_id) is False
        assert (await _row(unit, referral_id))["paused_at"] is None


async def test_a_no_calls_the_visit_off(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await ask_visit(unit, referral_id)
        await answer(
            unit, referral_id, "decline", reason_code="health", words="Au guichet", oral=True
        )
        state = "SELECT state FROM referral_visit WHERE referral_id = $1"
        assert await unit.value(state, referral_id) == "cancelled"
        assert (await _row(unit, referral_id))["paused_at"] is None


async def test_a_structure_that_never_answers_holds_nobody(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await seed_procedures(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
        since = "SELECT seniority_on FROM housing_request q JOIN referral r ON r.request_id = q.id "
        since += "WHERE r.id = $1"
        seniority = await unit.value(since, referral_id)
        assert await find_stalled(unit) == 0
    clock.advance(5 * DAY)
    async with ctx.unit() as unit:
        assert await find_stalled(unit) == 1
        assert await find_stalled(unit) == 0
        assert await open_alerts(unit, referral_id, "structure") == ["stalled"]
        assert await open_alerts(unit, referral_id, "siao") == ["stalled"]
        await read_alert(unit, referral_id)
        assert await open_alerts(unit, referral_id, "siao") == []
        assert (await expire_overdue(unit))["expired"] == 0
    clock.advance(6 * DAY)
    async with ctx.unit() as unit:
        assert (await expire_overdue(unit))["expired"] == 1
        assert await states(unit, referral_id) == ("expired", "declared", "waiting", "active")
        assert await unit.value(since, referral_id) == seniority
        assert "expired" in await open_alerts(unit, referral_id, "structure")
        assert "expired" in await open_alerts(unit, referral_id, "siao")
    async with ctx.unit() as unit:
        told = "SELECT count(*) FROM event WHERE kind = 'referral.structure_silent'"
        assert await unit.value(told) == 1


async def test_what_waits_for_the_siao_never_ends_by_itself(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
    clock.advance(200 * DAY)
    async with ctx.unit() as unit:
        await expire_overdue(unit)
        assert (await _row(unit, referral_id))["state"] == "accepted"
        assert await find_stalled(unit) == 1
        assert await open_alerts(unit, referral_id, "structure") == []


async def test_after_a_shelter_the_demande_goes_on_with_its_seniority(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        request_id = (await _row(unit, referral_id))["request_id"]
        assert isinstance(request_id, int)
        await recommend(unit, request_id, [("chrs", 2, ""), ("pension_de_famille", 2, "")])
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
        await answer(unit, referral_id, "admit")
        before = await unit.value(
            "SELECT seniority_on FROM housing_request WHERE id = $1", request_id
        )
        await move_in(unit, referral_id, on=unit.today)
        after = await unit.row(
            "SELECT state, seniority_on FROM housing_request WHERE id = $1", request_id
        )
        assert after is not None and tuple(after) == ("waiting", before)
        entries = await unit.fetch(
            "SELECT kind, state, seniority_on FROM waiting_entry WHERE request_id = $1 "
            "ORDER BY kind",
            request_id,
        )
        assert [tuple(e) for e in entries] == [
            ("chrs", "placed", before),
            ("pension_de_famille", "active", before),
        ]


@pytest.mark.parametrize(("onward", "state"), [(True, "in_review"), (False, "closed")])
async def test_with_nothing_else_recommended_a_person_says_what_follows(
    ctx: Ctx, onward: bool, state: str
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await admitted(unit, programme_id)
        await move_in(unit, referral_id, on=unit.today, onward=onward)
        assert (await states(unit, referral_id))[2] == state


async def test_a_home_is_the_end_of_a_demande_whatever_is_said(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, kind="pension_de_famille")
        referral_id = await admitted(unit, programme_id, kind="pension_de_famille")
        await move_in(unit, referral_id, on=unit.today, onward=True)
        assert (await states(unit, referral_id))[2] == "closed"


async def test_a_move_says_which_place_it_frees_and_for_whom(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await admitted(unit, programme_id)
        await move_in(unit, referral_id, on=unit.today, onward=True)
        household_id = (await _row(unit, referral_id))["household_id"]
        assert isinstance(household_id, int)
        waits = await listed(unit, family="Après")
        (freed,) = await freed_by(unit, household_id)
        assert freed.kind == "chrs" and freed.waiting == 1
        assert [w.request_id for w in freed.first] == [waits]
        other = await unit.value("SELECT household_id FROM housing_request WHERE id = $1", waits)
        assert await freed_by(unit, other) == []


async def test_a_structure_sees_what_its_kind_asks_for_and_no_more(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await seed_procedures(unit)
        row = await _row(unit, await proposed(unit, programme_id))
        household, request = int(str(row["household_id"])), int(str(row["request_id"]))
        shelter = await seen_by_structure(unit, household, request, "chrs")
        home = await seen_by_structure(unit, household, request, "logement_social")
        names = {name for name, _, _ in shelter.facts}
        assert names == {"composition", "persons", "accessible_needed", "animals"}
        assert {n for n, _, _ in home.facts} - names == {
            "resources_cents", "social_housing_no", "lawful_stay",
        }  # fmt: skip


async def test_a_place_in_works_is_neither_declared_again_nor_proposed(ctx: Ctx) -> None:
    from core.housing.service import vacancy_step
    from core.placements.service import propose

    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        with pytest.raises(Invalid) as error:
            await vacancy_step(
                unit, vacancy_id, "freeze", reason="Travaux", frozen_until=unit.today - DAY
            )
        assert "frozen_until" in error.value.errors
        await vacancy_step(
            unit, vacancy_id, "freeze", reason="Travaux", frozen_until=unit.today + 30 * DAY
        )
        unit_id = await unit.value("SELECT unit_id FROM vacancy WHERE id = $1", vacancy_id)
        with pytest.raises(Refused) as works:
            await declare_vacancy(unit, unit_id, free_on=unit.today)
        assert "travaux" in works.value.message
        with pytest.raises(Refused) as frozen:
            await propose(unit, vacancy_id, await listed(unit))
        assert "gelée" in frozen.value.message
        with pytest.raises(Invalid):
            await declare_vacancy(unit, unit_id, free_on=unit.today + 900 * DAY)
