"""From a free place to the keys on the real services: who gets it, who says what, what follows."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import pytest

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.kernel.unit import Actor, Unit
from core.placements.queries import referral, referrals, stay, stay_history, stays
from core.placements.service import (
    answer,
    exit_stay,
    expire_overdue,
    judge_refusal,
    move_in,
    place_directly,
    propose,
    record_try,
    undo_exit,
)
from core.placements.tests.making import admitted, place, proposed, structure
from core.requests.tests.making import listed
from core.testing import make_place, make_professional

TODAY = date(2026, 3, 12)


async def states(unit: Unit, referral_id: int) -> tuple[str, str, str, str]:
    """(referral, vacancy, demande, its entry on the list)."""
    row = await unit.row(
        "SELECT r.state, v.state AS vacancy, q.state AS request, e.state AS entry FROM referral r "
        "JOIN vacancy v ON v.id = r.vacancy_id JOIN housing_request q ON q.id = r.request_id "
        "LEFT JOIN waiting_entry e ON e.request_id = q.id WHERE r.id = $1 ORDER BY e.id DESC",
        referral_id,
    )
    assert row is not None
    return tuple(row)


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


async def test_passed_over_needs_a_reason_that_the_household_can_read(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        first, second = await listed(unit), await listed(unit, family="Martin")
        vacancy_id = await place(unit, programme_id)
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await propose(unit, vacancy_id, second, passed_over=[(first, 1, "", "")])
    async with ctx.unit() as unit:
        await propose(unit, vacancy_id, second, rank=2, passed_over=[(first, 1, "size", "")])
        told = await unit.row("SELECT * FROM passed_over")
        assert told is not None and told["request_id"] == first
    async with ctx.unit() as unit:
        event = await unit.row("SELECT * FROM event WHERE kind = 'referral.passed_over'")
        owner = await unit.value("SELECT household_id FROM housing_request WHERE id = $1", first)
        assert event is not None and event["household_id"] == owner


async def test_a_place_is_proposed_once(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        first, second = await listed(unit), await listed(unit, family="Martin")
        await propose(unit, vacancy_id, first)
    with pytest.raises(Conflict, match="déjà proposée"):
        async with ctx.unit() as unit:
            await propose(unit, vacancy_id, second)


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
    actor = await make_professional(ctx, "structure", organisation_id=organisation_id)
    with pytest.raises(Invalid) as no:
        async with ctx.acting(actor).unit() as unit:
            await place_directly(unit, bed, household_id, on=TODAY, told_on=None, why="")
    assert set(no.value.errors) == {"why", "told_on"}
    async with ctx.acting(actor).unit() as unit:
        await place_directly(unit, bed, household_id, on=TODAY, told_on=TODAY, why="Nuit de gel")
        assert await unit.value("SELECT state FROM vacancy") == "filled"
        assert await unit.value("SELECT state FROM housing_request") == "waiting"


async def test_an_exit_is_coded_and_can_be_taken_back(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        placement_id = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await exit_stay(unit, placement_id, on=TODAY - timedelta(days=1), exit_code=102)
    async with ctx.unit() as unit:
        await exit_stay(unit, placement_id, on=TODAY, exit_code=102)
        await undo_exit(unit, placement_id, reason="Mauvais ménage")
        row = await unit.row("SELECT state, ends_on, exit_code FROM placement")
        assert row is not None and tuple(row) == ("present", None, None)


async def test_an_exit_that_is_taken_back_stays_in_the_history_with_who_and_why(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        placement_id = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        await exit_stay(unit, placement_id, on=TODAY, exit_code=102, words="Chez sa sœur")
        await undo_exit(unit, placement_id, reason="Mauvais ménage")
        told = await stay_history(unit, placement_id)
    assert [(r["verb"], r["on_date"], r["exit_code"], r["words"], r["author"]) for r in told] == [
        ("undo_exit", None, None, "Mauvais ménage", ctx.who.name),
        ("exit", TODAY, 102, "Chez sa sœur", ctx.who.name),
        ("move_in", TODAY, None, "", ctx.who.name),
        ("plan", None, None, "", ctx.who.name),
    ]
    with pytest.raises(asyncpg.PostgresError):
        async with ctx.unit() as unit:
            await unit.fetch("UPDATE placement_state SET exit_code = NULL")


async def test_the_database_promises_one_household_per_place_and_one_stay_per_household(
    ctx: Ctx,
) -> None:
    insert = (
        "INSERT INTO placement (ref, unit_id, household_id, state, kind, starts_on, created_at, "
        "double) SELECT $1, unit_id, $2, 'present', kind, starts_on, created_at, $3 FROM placement"
    )
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        other = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1",
            await listed(unit, family="Martin"),
        )
    with pytest.raises(Conflict, match="déjà occupé"):
        async with ctx.unit() as unit:
            await unit.fetch(insert, "AAAAAAAAAA", other, False)
    with pytest.raises(Conflict, match="déjà un logement"):
        async with ctx.unit() as unit:
            free = await place(unit, programme_id, free=False)
            await unit.fetch(
                insert.replace("unit_id, $2", f"{free}, $2"),
                "AAAAAAAAAA",
                await unit.value("SELECT household_id FROM placement"),
                False,
            )


# -- who sees and may touch what ----------------------------------------------------------------


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
