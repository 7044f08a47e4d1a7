"""Seniority over a demande’s life: refreshed, refused, moved by hand, shared, never lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.households.changes import LifeEvent
from core.kernel.errors import Denied, Invalid, Refused
from core.matching.service import change_seniority
from core.requests.facts import known
from core.requests.refresh import mark_overdue
from core.requests.service import (
    live_event,
    refresh,
    step,
    transmit,
)
from core.requests.tests.making import listed
from core.requests.tests.reading import column, kinds
from core.testing import NOW, make_professional

TODAY = NOW.date()


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


async def test_the_daily_visit_moves_what_is_due_and_again_is_harmless(
    ctx: Ctx, clock: Any
) -> None:
    from core.commands.daily import visit

    async with ctx.unit() as unit:
        await listed(unit)
    clock.set(NOW.replace(month=9, day=12))
    first = (await visit(ctx))["core.refreshes"]
    assert first is not None and first.said.params["to_refresh"] == 1
    again = await visit(ctx)
    for job in ("core.refreshes", "core.deadlines", "core.rankings", "core.reminders"):
        ran = again[job]
        assert ran is not None and set(ran.said.params.values()) == {0}, job
