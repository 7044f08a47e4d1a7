"""A demande from its first five fields to a list, with its history, seniority and remedies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.households.changes import LifeEvent
from core.kernel.errors import Conflict, Denied, Invalid, Refused
from core.kernel.unit import Unit
from core.matching.service import change_seniority
from core.requests.facts import known
from core.requests.refresh import mark_overdue
from core.requests.service import (
    complete_request,
    decide,
    live_event,
    open_request,
    recommend,
    refresh,
    step,
    transmit,
)
from core.requests.tests.making import draft, listed, sent
from core.testing import NOW, make_professional

TODAY = NOW.date()


async def column(unit: Unit, request_id: int, name: str) -> Any:
    return await unit.value(
        f"SELECT {name} FROM housing_request WHERE id = $1",
        request_id,
    )


async def kinds(unit: Unit, request_id: int) -> list[str]:
    rows = await unit.fetch(
        "SELECT e.kind FROM event e WHERE e.subject_kind = 'request' AND e.subject_id = $1 "
        "ORDER BY e.id",
        request_id,
    )
    return [r["kind"] for r in rows]


async def test_a_draft_is_transmitted_once_nothing_is_missing(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await draft(unit, complete=False)
        missing = {m.field for m in (await known(unit, request_id)).missing()}
        assert {"request_reason", "resources", "recommendation", "informed_on"} <= missing
        with pytest.raises(Refused, match="manquent"):
            await transmit(unit, request_id, informed_on=TODAY)
    async with ctx.unit() as unit:
        request_id = await sent(unit)
        assert await column(unit, request_id, "state") == "sent"
        assert await column(unit, request_id, "seniority_on") == TODAY
        assert await column(unit, request_id, "refresh_due") == date(2026, 9, 12)
        history = await unit.fetch(
            "SELECT verb, state FROM request_state WHERE request_id = $1 ORDER BY id", request_id
        )
        assert [tuple(r) for r in history] == [("open", "draft"), ("transmit", "sent")]


async def test_a_refused_answer_is_an_answer_and_never_reaches_matching(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await draft(unit, complete=False)
        version = await column(unit, request_id, "version")
        await complete_request(
            unit, request_id, version, answers={"resources_cents": (3, None), "animals": (4, None)}
        )
        missing = {m.field for m in (await known(unit, request_id)).missing()}
        assert "resources" not in missing
        row = await unit.row("SELECT * FROM request_facts WHERE request_id = $1", request_id)
        assert row is not None
        assert (row["resources_cents"], row["animals"]) == (None, None)
        await complete_request(
            unit,
            request_id,
            version + 1,
            answers={"resources_cents": (2, None), "animals": (2, None)},
        )
        row = await unit.row("SELECT * FROM request_facts WHERE request_id = $1", request_id)
        assert row is not None
        assert (row["resources_cents"], row["animals"]) == (0, False)


async def test_two_people_complete_one_demande_and_nothing_is_lost(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await draft(unit)
        seen = await column(unit, request_id, "version")
        await complete_request(unit, request_id, seen, summary="La première phrase.")
    async with ctx.unit() as unit:
        with pytest.raises(Conflict) as caught:
            await complete_request(unit, request_id, seen, summary="La seconde phrase.")
        assert caught.value.theirs["summary"] == "La première phrase."
        assert caught.value.theirs["version"] == seen + 1
        await complete_request(unit, request_id, seen + 1, summary="La seconde phrase.")
        held = await unit.fetch("SELECT held FROM past_version WHERE row_id = $1", request_id)
        assert "La première phrase." in held[-1]["held"]


async def test_recommendations_are_ordered_and_what_ends_stays(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await draft(unit)
        await recommend(unit, request_id, [("pension_de_famille", 2, "stable"), ("chrs", None, "")])
        rows = await unit.fetch(
            "SELECT rank, kind, ends_at FROM recommendation WHERE request_id = $1 ORDER BY id",
            request_id,
        )
        assert [(r["rank"], r["kind"], r["ends_at"] is None) for r in rows] == [
            (1, "chrs", False),
            (1, "pension_de_famille", True),
            (2, "chrs", True),
        ]
        with pytest.raises(Invalid):
            await recommend(unit, request_id, [("chrs", None, ""), ("chrs", None, "")])
        with pytest.raises(Invalid):
            await recommend(unit, request_id, [("palace", None, "")])


async def test_refused_with_reason_remedies_and_last_days(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await sent(unit)
        with pytest.raises(Refused, match="motif"):
            await decide(unit, request_id, "refuse")
    async with ctx.unit() as unit:
        request_id = await sent(unit)
        decision = await decide(unit, request_id, "refuse", reason="Hors périmètre")
        row = await unit.row("SELECT * FROM decision WHERE id = $1", decision)
        assert row is not None
        assert '"until":"2026-05-12"' in row["remedies"].replace(" ", "")
        assert "administrative_court" not in row["remedies"]
        assert "nouvel examen" in row["plain_text"]
        assert await column(unit, request_id, "state") == "refused"
        with pytest.raises(Refused, match="réexamen"):
            await step(unit, request_id, "reexamine")
        await step(unit, request_id, "reexamine", facts={"asked_again": True})


async def test_adjourned_with_items_and_date_comes_back_by_itself(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await sent(unit)
        with pytest.raises(Invalid):
            await decide(unit, request_id, "adjourn", missing=["Un avis"], due_on=TODAY)
        with pytest.raises(Refused, match="manque"):
            await decide(
                unit, request_id, "adjourn", missing=[" "], due_on=TODAY + timedelta(days=9)
            )
    async with ctx.unit() as unit:
        request_id = await sent(unit)
        await decide(
            unit, request_id, "adjourn", missing=["Un avis"], due_on=TODAY + timedelta(days=9)
        )
        assert (await mark_overdue(unit))["returned"] == 0
    clock.advance(timedelta(days=9))
    async with ctx.unit() as unit:
        assert (await mark_overdue(unit))["returned"] == 1
        assert await column(unit, request_id, "state") == "in_review"
        assert await column(unit, request_id, "seniority_on") == TODAY


async def test_the_refresh_reminds_falls_due_and_keeps_the_seniority(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    clock.set(NOW.replace(month=9, day=1))
    async with ctx.unit() as unit:
        assert await mark_overdue(unit) == {"reminded": 1, "to_refresh": 0, "returned": 0}
    async with ctx.unit() as unit:
        assert (await mark_overdue(unit))["reminded"] == 0
    clock.set(NOW.replace(month=9, day=12))
    async with ctx.unit() as unit:
        assert (await mark_overdue(unit))["to_refresh"] == 1
        states = await unit.fetch(
            "SELECT state FROM waiting_entry WHERE request_id = $1", request_id
        )
        assert {r["state"] for r in states} == {"to_refresh"}
        await refresh(unit, request_id)
        assert await column(unit, request_id, "state") == "waiting"
        assert await column(unit, request_id, "refresh_due") == date(2027, 3, 12)
        assert await column(unit, request_id, "seniority_on") == TODAY
        active = await unit.value(
            "SELECT count(*) FROM waiting_entry WHERE request_id = $1 AND state = 'active'",
            request_id,
        )
        assert active == 1


async def test_after_an_inadmissible_refusal_seniority_restarts_at_retransmission(
    ctx: Ctx, clock: Any
) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        with pytest.raises(Refused, match="deuxième"):
            await step(unit, request_id, "return_to_refresh", reason="Refus irrecevable")
        await step(
            unit,
            request_id,
            "return_to_refresh",
            facts={"second_person": True},
            reason="Refus irrecevable",
        )
        assert await column(unit, request_id, "seniority_on") == TODAY
        with pytest.raises(Refused, match="à nouveau"):
            await refresh(unit, request_id)
    clock.advance(timedelta(days=30))
    async with ctx.unit() as unit:
        await transmit(unit, request_id, informed_on=None)
        again = TODAY + timedelta(days=30)
        assert await column(unit, request_id, "seniority_on") == again
        assert await column(unit, request_id, "first_sent_on") == TODAY
        act = await unit.row("SELECT * FROM seniority_act WHERE request_id = $1", request_id)
        assert act is not None and (act["before"], act["after"]) == (TODAY, again)
        entry = await unit.row("SELECT * FROM waiting_entry WHERE request_id = $1", request_id)
        assert entry is not None and entry["seniority_on"] == again


async def test_only_a_coordinator_moves_a_seniority_by_hand(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        with pytest.raises(Invalid):
            await change_seniority(unit, request_id, date(2025, 1, 1), "correction", " ")
        await change_seniority(unit, request_id, date(2025, 1, 1), "correction", "Saisie fausse")
        assert await column(unit, request_id, "seniority_on") == date(2025, 1, 1)
    async with ctx.unit() as unit:
        assert (await kinds(unit, request_id))[-1] == "seniority.correction"
    worker = ctx.acting(await make_professional(ctx, "social_worker"))
    with pytest.raises(Denied):
        async with worker.unit() as unit:
            await change_seniority(unit, request_id, TODAY, "correction", "Non")


async def test_cancelled_and_reactivated_keeps_its_seniority(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        await step(unit, request_id, "cancel", reason="Parti")
    clock.advance(timedelta(days=40))
    async with ctx.unit() as unit:
        await step(unit, request_id, "reactivate_on_list")
        row = await unit.row(
            "SELECT * FROM waiting_entry WHERE request_id = $1 ORDER BY id DESC LIMIT 1", request_id
        )
        assert row is not None
        assert (row["state"], row["seniority_on"]) == ("active", TODAY)


async def test_each_adult_of_a_separated_couple_keeps_the_seniority(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit, couple=True)
        household_id = await column(unit, request_id, "household_id")
        people = (await known(unit, request_id)).people
        clock.advance(timedelta(days=20))
    async with ctx.unit() as unit:
        event = LifeEvent("separation", TODAY + timedelta(days=20), person_id=people[1]["id"])
        lived = await live_event(unit, household_id, event)
        other = await unit.row(
            "SELECT * FROM housing_request WHERE household_id = $1", lived.households["new"]
        )
        assert other is not None
        assert (other["state"], other["seniority_on"]) == ("waiting", TODAY)
        assert await column(unit, request_id, "seniority_on") == TODAY
        entry = await unit.row("SELECT * FROM waiting_entry WHERE request_id = $1", other["id"])
        assert entry is not None and entry["seniority_on"] == TODAY
        facts = await unit.row(
            "SELECT persons, composition FROM request_facts WHERE request_id = $1", other["id"]
        )
        assert facts is not None and facts["persons"] == 1


async def test_one_open_demande_per_household(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await draft(unit)
        household_id = await column(unit, request_id, "household_id")
    with pytest.raises(Conflict, match="déjà une demande"):
        async with ctx.unit() as unit:
            await open_request(unit, household_id)


async def test_a_consequence_needs_no_permission_of_its_own(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        await step(unit, request_id, "refer", facts={"vacancy_held": True})
    observer = ctx.acting(await make_professional(ctx, "observer"))
    with pytest.raises(Denied):
        async with observer.unit() as unit:
            await step(unit, request_id, "return_to_list", reason="x")
    async with observer.unit() as unit:
        with unit.consequence():
            await step(unit, request_id, "return_to_list", reason="x")


async def test_the_daily_visit_moves_what_is_due_and_again_is_harmless(
    ctx: Ctx, clock: Any
) -> None:
    from core.commands.daily import visit

    async with ctx.unit() as unit:
        await listed(unit)
    clock.set(NOW.replace(month=9, day=12))
    assert (await visit(ctx))["to_refresh"] == 1
    assert set((await visit(ctx)).values()) == {0}
