"""Who sees referrals and stays, and who may act on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.extension.context import Ctx
from core.extension.registry import Registry
from core.kernel.clock import StillClock
from core.kernel.errors import Denied, NotFound
from core.kernel.unit import Actor
from core.placements.queries import referral, referrals
from core.placements.service import (
    answer,
    exit_stay,
    move_in,
)
from core.placements.stay_reads import stay, stays
from core.placements.tests.making import admitted, proposed, states, structure
from core.requests.tests.making import listed
from core.testing import Browser, make_place, make_professional

TODAY = date(2026, 3, 12)


async def test_a_structure_sees_its_own_referrals_once_sent_and_no_others(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        mine, programme_id = await structure(unit)
        theirs, other_id = await structure(unit)
        sent = await admitted(unit, programme_id)
        unsent = await proposed(unit, programme_id, family="Petit")
        elsewhere = await admitted(unit, other_id, family="Martin")
        refs = {
            r["id"]: r["ref"] for r in await unit.fetch("SELECT id, ref FROM referral ORDER BY id")
        }
        stay_id = await move_in(unit, elsewhere, on=TODAY)
        stay_ref = await unit.value("SELECT ref FROM placement WHERE id = $1", stay_id)
    actor = await make_professional(ctx, "structure", organisation_id=mine)
    async with ctx.acting(actor).unit() as unit:
        assert [r["id"] for r in await referrals(unit, "admitted")] == [sent]
        assert await referrals(unit, "proposed") == []
        assert (await referral(unit, refs[sent]))["id"] == sent
        assert await stays(unit) == []
    for hidden in (unsent, elsewhere):
        with pytest.raises(NotFound):
            async with ctx.acting(actor).unit() as unit:
                await referral(unit, refs[hidden])
    with pytest.raises(NotFound):
        async with ctx.acting(actor).unit() as unit:
            await stay(unit, stay_ref)
    with pytest.raises(NotFound):
        async with ctx.acting(actor).unit() as unit:
            await exit_stay(unit, stay_id, on=TODAY, exit_code=102)
    with pytest.raises((Denied, NotFound)):
        async with ctx.acting(actor).unit() as unit:
            await answer(unit, unsent, "accept", words="Oui", oral=True)
    assert theirs != mine


async def test_words_of_a_class_are_read_by_class_only(
    ctx: Ctx, registry: Registry, browser: Browser
) -> None:
    """A refusal out of fear: its reason and its words are violence data, whoever coordinates."""
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(
            unit, referral_id, "decline", reason_code="fear_or_violence",
            words="Son frère habite en face", oral=True,
        )  # fmt: skip
        row = await unit.row("SELECT id, ref, household_id FROM referral")
        assert row is not None
        plain = await proposed(unit, programme_id, family="Petit")
        await answer(
            unit, plain, "decline", reason_code="location", words="Trop loin du travail", oral=True
        )
        plain_ref = await unit.value("SELECT ref FROM referral WHERE id = $1", plain)
    colleague = await make_professional(ctx, "coordinator", name="Sans ce droit")
    before = registry.permissions["fields.violence"]
    path = f"/admin/essai/orientations/{row['ref']}"
    await browser.sign_in(ctx, colleague, "admin")
    app = browser.client._transport.app  # type: ignore[attr-defined]
    held = app.state.base.registry.permissions
    assert "Son frère habite en face" in (await browser.get(path)).text, "who has the right reads"
    held["fields.violence"] = replace(before, roles=frozenset({"social_worker"}))
    try:
        page = (await browser.get(path)).text
        assert "Son frère" not in page and "Crainte ou violences" not in page
        assert "que vous ne pouvez pas lire" in page and "Enregistrer mon avis" not in page
        other = (await browser.get(f"/admin/essai/orientations/{plain_ref}")).text
        assert "Trop loin du travail" in other and "Enregistrer mon avis" in other
        await browser.sign_in(ctx, ctx.who, "admin")
        assert "Son frère" in (await browser.get(path)).text, "who wrote it still reads it"
    finally:
        held["fields.violence"] = before


async def test_a_structure_answers_for_itself_and_its_effects_follow(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Oui", oral=True)
        await answer(unit, referral_id, "send")
    actor = await make_professional(ctx, "structure", organisation_id=organisation_id)
    with pytest.raises((Denied, NotFound)):
        async with ctx.acting(actor).unit() as unit:
            await answer(unit, referral_id, "withdraw", reason_code="place_lost")
    async with ctx.acting(actor).unit() as unit:
        await answer(unit, referral_id, "admit")
        assert await states(unit, referral_id) == ("admitted", "filled", "admitted", "placed")
        await move_in(unit, referral_id, on=TODAY)


async def test_only_an_adult_of_the_household_answers_for_itself(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        mine = await unit.value("SELECT person_id FROM membership")
        await listed(unit, family="Martin")
        other = await unit.value("SELECT max(person_id) FROM membership")
    residents = {
        person: Actor(kind="resident", person_id=person, grants=frozenset({("resident", None)}))
        for person in (mine, other)
    }
    with pytest.raises(NotFound):
        async with ctx.acting(residents[other]).unit() as unit:
            await answer(unit, referral_id, "accept")
    async with ctx.acting(residents[mine]).unit() as unit:
        await answer(unit, referral_id, "decline", reason_code="prefers_not_to_say")
        assert await states(unit, referral_id) == ("declined", "declared", "waiting", "active")


async def test_another_territory_sees_nothing_of_it(ctx: Ctx, clock: StillClock) -> None:
    from dataclasses import replace

    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        ref = await unit.value("SELECT ref FROM referral")
    elsewhere = replace(ctx, territory=await make_place(clock, "ailleurs", "Ailleurs"))
    async with elsewhere.unit() as unit:
        assert await referrals(unit, "proposed") == []
    with pytest.raises(NotFound):
        async with elsewhere.unit() as unit:
            await referral(unit, ref)
    with pytest.raises(NotFound):
        async with elsewhere.unit() as unit:
            await answer(unit, referral_id, "accept", words="Oui", oral=True)
