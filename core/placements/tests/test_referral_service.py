"""From a free place to the keys on the real services: who gets it, who says what, what follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Denied, Invalid, Refused
from core.placements.passing import same_for_all
from core.placements.service import (
    answer,
    expire_overdue,
    judge_refusal,
    move_in,
    place_directly,
    propose,
    record_try,
)
from core.placements.tests.making import admitted, place, proposed, states, structure
from core.requests.tests.making import listed
from core.testing import make_professional

TODAY = date(2026, 3, 12)


async def test_a_household_goes_from_the_list_to_the_keys(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        assert await states(unit, referral_id) == ("proposed", "held", "referred", "active")
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
        await answer(unit, referral_id, "preadmit")
        await answer(unit, referral_id, "admit")
        assert await states(unit, referral_id) == ("admitted", "filled", "admitted", "placed")
        placement_id = await move_in(unit, referral_id, on=TODAY)
        assert (await states(unit, referral_id))[2] == "closed"
        lives = await unit.fetch("SELECT code FROM situation WHERE ends_on IS NULL")
        assert [r["code"] for r in lives] == [31]
        row = await unit.row("SELECT * FROM placement WHERE id = $1", placement_id)
        assert row is not None
        assert (row["state"], row["starts_on"], row["lease_kind"]) == ("present", TODAY, "sejour")
        history = await unit.fetch("SELECT verb FROM referral_state ORDER BY id")
    assert [r["verb"] for r in history] == [
        "propose",
        "accept_orally",
        "send",
        "preadmit",
        "admit",
    ]


async def test_a_household_that_declines_keeps_its_seniority_and_the_place_is_free_again(
    ctx: Ctx,
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        before = await unit.value("SELECT seniority_on FROM housing_request")
        await answer(
            unit, referral_id, "decline", reason_code="health", words="Par sa fille", oral=True
        )
        assert await states(unit, referral_id) == ("declined", "declared", "waiting", "active")
        assert await unit.value("SELECT seniority_on FROM housing_request") == before
        await answer(unit, referral_id, "undo_answer", words="Rappelle le soir même", oral=True)
        assert await states(unit, referral_id) == ("proposed", "held", "referred", "active")


async def test_what_a_refusal_lacks_stands_beside_its_field(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
    for given, field in (
        ({"words": "x"}, "reason_code"),
        ({"reason_code": "health"}, "words"),
        ({"reason_code": "no_such", "words": "x"}, "reason_code"),
        ({"reason_code": "place_lost", "words": "x"}, "reason_code"),
    ):
        with pytest.raises(Invalid) as no:
            async with ctx.unit() as unit:
                await answer(unit, referral_id, "decline", oral=True, **given)
        assert list(no.value.errors) == [field]


async def test_a_chrs_refuses_only_on_its_grounds_and_in_writing(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Oui", oral=True)
        await answer(unit, referral_id, "send")
    for code, words, field in (
        ("behaviour", "Déjà exclu", "reason_code"),
        ("unsuitable_size", "", "words"),
    ):
        with pytest.raises(Invalid) as no:
            async with ctx.unit() as unit:
                await answer(unit, referral_id, "refuse", reason_code=code, words=words)
        assert list(no.value.errors) == [field]
    async with ctx.unit() as unit:
        await answer(
            unit, referral_id, "refuse", reason_code="unsuitable_size", words="Chambre pour une"
        )
        assert await states(unit, referral_id) == (
            "refused_by_structure", "declared", "waiting", "active",
        )  # fmt: skip


async def test_an_admission_that_falls_through_opens_the_place_again(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await admitted(unit, programme_id)
        await answer(unit, referral_id, "mark_no_show")
        assert await states(unit, referral_id) == ("no_show", "declared", "waiting", "active")


async def test_after_moving_in_nothing_is_taken_back(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await admitted(unit, programme_id)
        await move_in(unit, referral_id, on=TODAY)
    with pytest.raises(Refused, match="déjà faite"):
        async with ctx.unit() as unit:
            await answer(unit, referral_id, "withdraw", reason_code="place_lost")


async def test_a_place_is_proposed_once(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        first, second = await listed(unit), await listed(unit, family="Martin")
        await propose(unit, vacancy_id, first, why=same_for_all("household_wish"))
    with pytest.raises(Conflict, match="déjà proposée"):
        async with ctx.unit() as unit:
            await propose(unit, vacancy_id, second, why=same_for_all("household_wish"))


async def test_two_people_judge_a_refusal_and_seniority_restarts_only_then(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(
            unit, referral_id, "decline", reason_code="location", words="Trop loin", oral=True
        )
        assert await judge_refusal(unit, referral_id, admissible=False, words="À 2 km") == "first"
    with pytest.raises(Refused, match="deuxième personne"):
        async with ctx.unit() as unit:
            await judge_refusal(unit, referral_id, admissible=False, words="Encore moi")
    second = await make_professional(ctx, "social_worker", name="Deuxième avis")
    async with ctx.acting(second).unit() as unit:
        done = await judge_refusal(unit, referral_id, admissible=False, words="D’accord")
        assert done == "inadmissible"
        assert (await states(unit, referral_id))[2] == "to_refresh"
        assert await unit.value("SELECT count(*) FROM seniority_act") == 0


async def test_an_admissible_reason_is_never_held_against_the_household(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "decline", reason_code="health", words="Asthme", oral=True)
    with pytest.raises(Refused, match="recevable"):
        async with ctx.unit() as unit:
            await judge_refusal(unit, referral_id, admissible=False, words="Non")


async def test_silence_needs_three_tries_then_the_proposal_ends(
    ctx: Ctx, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
    clock.advance(timedelta(days=8))
    async with ctx.unit() as unit:
        assert sum((await expire_overdue(unit)).values()) == 0
        for channel in ("phone", "sms", "phone"):
            await record_try(unit, referral_id, channel)
        assert (await expire_overdue(unit))["unanswered"] == 1
        assert await states(unit, referral_id) == ("unanswered", "held", "referred", "active")
    clock.advance(timedelta(days=8))
    async with ctx.unit() as unit:
        assert (await expire_overdue(unit))["expired"] == 1
        assert await states(unit, referral_id) == ("expired", "declared", "waiting", "active")
        assert sum((await expire_overdue(unit)).values()) == 0


async def test_a_second_stay_is_refused_declared_double_or_follows_the_first(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, chu = await structure(unit, "chu")
        _, chrs = await structure(unit)
        bed = await place(unit, chu, free=False)
        referral_id = await admitted(unit, chrs)
        household_id = await unit.value("SELECT household_id FROM referral")
        await place_directly(
            unit, bed, household_id, on=TODAY - timedelta(days=3),
            told_on=TODAY, why="À la rue avec un enfant",
        )  # fmt: skip
    with pytest.raises(Refused, match="double présence"):
        async with ctx.unit() as unit:
            await move_in(unit, referral_id, on=TODAY)
    async with ctx.unit() as unit:
        await move_in(unit, referral_id, on=TODAY, leave=401)
        rows = await unit.fetch("SELECT state, exit_code, double FROM placement ORDER BY id")
    assert [tuple(r) for r in rows] == [("exited", 401, False), ("present", None, False)]


async def test_an_emergency_admission_tells_the_siao_and_leaves_the_demande_alone(
    ctx: Ctx,
) -> None:
    async with ctx.unit() as unit:
        organisation_id, chu = await structure(unit, "chu")
        bed = await place(unit, chu, free=False)
        request_id = await listed(unit)
        household_id = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request_id
        )
    with pytest.raises(Invalid) as no:
        async with ctx.unit() as unit:
            await place_directly(unit, bed, household_id, on=TODAY, told_on=None, why="")
    assert set(no.value.errors) == {"why", "told_on"}
    # The SIAO ties a stay to a file; a structure, which may read none, declares it.
    actor = await make_professional(ctx, "structure", organisation_id=organisation_id)
    with pytest.raises(Denied):
        async with ctx.acting(actor).unit() as unit:
            await place_directly(unit, bed, household_id, on=TODAY, told_on=TODAY, why="Gel")
    async with ctx.unit() as unit:
        await place_directly(unit, bed, household_id, on=TODAY, told_on=TODAY, why="Nuit de gel")
        assert await unit.value("SELECT state FROM vacancy") == "filled"
        assert await unit.value("SELECT state FROM housing_request") == "waiting"
