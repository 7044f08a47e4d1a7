"""A life event while a proposal runs: withdrawn with its place freed, or checked by both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import core.own  # noqa: F401 - everything that follows is wired
from core.extension.context import Ctx
from core.households.changes import LifeEvent, WithdrawProposal
from core.households.life_events import plan
from core.households.living import facts_of
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.placements.service import answer, open_review, settle_review
from core.placements.tests.making import admitted, proposed, structure
from core.requests.life import live_event
from core.requests.tests.making import listed
from core.testing import make_professional


async def row_of(unit: Unit, referral_id: int) -> Any:
    return await unit.row(
        "SELECT r.*, v.state AS vacancy, q.state AS request FROM referral r "
        "JOIN vacancy v ON v.id = r.vacancy_id JOIN housing_request q ON q.id = r.request_id "
        "WHERE r.id = $1",
        referral_id,
    )


async def person(unit: Unit, household_id: int, role: str = "main") -> int:
    return int(
        await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1 AND role = $2",
            household_id,
            role,
        )
    )


@pytest.mark.parametrize("stage", ["proposed", "sent", "admitted"])
async def test_the_death_of_the_only_adult_withdraws_and_frees_the_place(
    ctx: Ctx, stage: str
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        make = admitted if stage == "admitted" else proposed
        referral_id = await make(unit, programme_id)
        if stage == "sent":
            await answer(unit, referral_id, "accept", words="De vive voix", oral=True)
            await answer(unit, referral_id, "send")
        before = await row_of(unit, referral_id)
        event = LifeEvent("death", unit.today, person_id=await person(unit, before["household_id"]))
        # What is shown beforehand is what is done.
        shown = plan(event, await facts_of(unit, before["household_id"]))
        assert WithdrawProposal(referral_id) in shown.changes
        assert any("La place redevient libre" in str(e) for e in shown.effects)
        await live_event(unit, before["household_id"], event)
        after = await row_of(unit, referral_id)
        assert (after["state"], after["vacancy"], after["request"]) == (
            "withdrawn", "declared", "closed",
        )  # fmt: skip
        sides = await unit.fetch(
            "SELECT side FROM referral_review WHERE outcome = 'withdrawn' AND settled_at IS NULL "
            "ORDER BY side"
        )
        told = ["siao"] if stage == "proposed" else ["siao", "structure"]
        assert [r["side"] for r in sides] == told
        assert (
            await unit.value(
                "SELECT count(*) FROM waiting_entry WHERE request_id = $1 AND state IN "
                "('active', 'proposed', 'paused')",
                before["request_id"],
            )
            == 0
        )
    async with ctx.unit() as unit:
        assert await unit.value("SELECT 1 FROM event WHERE kind = 'referral.withdrawn'")


async def test_a_separation_is_checked_with_its_differences_then_confirmed(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id, couple=True)
        await answer(unit, referral_id, "accept", words="De vive voix", oral=True)
        await answer(unit, referral_id, "send")
        before = await row_of(unit, referral_id)
        leaver = await person(unit, before["household_id"], "partner")
        event = LifeEvent("separation", unit.today, person_id=leaver)
        shown = plan(event, await facts_of(unit, before["household_id"]))
        assert any("à confirmer ou à retirer" in str(e) for e in shown.effects)
        await live_event(unit, before["household_id"], event)
        after = await row_of(unit, referral_id)
        assert (after["state"], after["vacancy"]) == ("sent_to_structure", "held")
        review = await open_review(unit, referral_id)
        assert review is not None
        found = {name: (then, now) for name, _, then, now in review["differences"]}
        assert found["persons"] == (2, 1) and found["composition"] == (30, 20)
    other, _ = await make_structure(ctx)
    stranger = ctx.acting(await make_professional(ctx, "structure", organisation_id=other))
    with pytest.raises(NotFound):
        async with stranger.unit() as unit:
            await settle_review(unit, referral_id, "confirmer")
    theirs = ctx.acting(await make_professional(ctx, "structure", organisation_id=organisation_id))
    async with theirs.unit() as unit:
        await settle_review(unit, referral_id, "confirmer")
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await settle_review(unit, referral_id, "retirer")
    async with ctx.unit() as unit:
        assert (await row_of(unit, referral_id))["state"] == "sent_to_structure"
        assert await unit.value("SELECT outcome FROM referral_review") == "confirmed"


async def make_structure(ctx: Ctx) -> tuple[int, int]:
    async with ctx.unit() as unit:
        return await structure(unit)


async def test_a_birth_is_checked_and_withdrawn_in_one_act(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        before = await row_of(unit, referral_id)
        for _ in range(2):  # twins: one check, from what was to what is
            await live_event(unit, before["household_id"], LifeEvent("birth", unit.today))
        review = await open_review(unit, referral_id)
        assert review is not None
        assert {n: (t, w) for n, _, t, w in review["differences"]}["persons"] == (1, 3)
        await settle_review(unit, referral_id, "retirer")
        after = await row_of(unit, referral_id)
        assert (after["state"], after["vacancy"], after["request"]) == (
            "withdrawn", "declared", "waiting",
        )  # fmt: skip
        assert await open_review(unit, referral_id) is None


async def test_the_household_that_joins_gives_its_place_back(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        theirs = await proposed(unit, programme_id, family="Sow", given="Samba")
        here_request = await listed(unit)
        here = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", here_request
        )
        there = (await row_of(unit, theirs))["household_id"]
        joining = await facts_of(unit, there)
        event = LifeEvent("couple_formed", unit.today, joining=joining)
        await live_event(unit, here, event)
        after = await row_of(unit, theirs)
        assert (after["state"], after["vacancy"], after["request"]) == (
            "withdrawn", "declared", "closed",
        )  # fmt: skip


async def test_what_changes_nobody_leaves_the_proposal_alone(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        household_id = (await row_of(unit, referral_id))["household_id"]
        who = await person(unit, household_id)
        event = LifeEvent("guardianship", unit.today, person_id=who, protection="curatelle")
        await live_event(unit, household_id, event)
        assert await open_review(unit, referral_id) is None
        facts = replace(await facts_of(unit, household_id), proposals=())
        assert not plan(LifeEvent("birth", unit.today), facts).refused
