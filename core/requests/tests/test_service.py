"""A demande from its first five fields to a list, with its history, seniority and remedies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.kernel.errors import Conflict, Denied, Invalid, Refused
from core.requests.facts import known
from core.requests.refresh import mark_overdue
from core.requests.service import (
    complete_request,
    decide,
    open_request,
    recommend,
    step,
    transmit,
)
from core.requests.tests.making import draft, listed, sent
from core.requests.tests.reading import column
from core.testing import NOW, make_professional

TODAY = NOW.date()


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
        assert '"reexamination"' in row["remedies"]
        # It is among the remedies, with its last day: the words do not say it again.
        assert "nouvel examen" not in row["plain_text"]
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
