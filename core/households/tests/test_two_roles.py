"""An account with two roles at two organisations: each right holds where its role does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.accounts.service import grant_role
from core.accounts.sessions import find_actor, open_session
from core.extension.context import Ctx
from core.extension.permissions import scope_of
from core.households.queries import HouseholdFilter, household_id_of, list_households
from core.households.scope import opens, readable_classes
from core.households.service import set_answer, write_note
from core.kernel.errors import NotFound
from core.kernel.scope import EVERYTHING, NOTHING, Scope
from core.kernel.unit import Actor, Unit
from core.placements.queries import referral, referrals
from core.placements.service import answer
from core.placements.tests.making import proposed, structure
from core.requests.queries import queue_counts, request_id_of
from core.requests.service import open_request
from core.requests.tests.making import listed, organisation
from core.testing import make_professional


async def both(ctx: Ctx, *held: tuple[str, int | None]) -> Ctx:
    """Somebody with these roles, signed in: the actor is the one that the door makes."""
    who = await make_professional(ctx)
    assert who.account_id
    async with ctx.unit() as unit:
        for role, at in held:
            await grant_role(unit, who.account_id, role, organisation_id=at)
        cookie, _ = await open_session(unit, who.account_id, "admin")
        actor = await find_actor(unit, cookie, "admin")
    assert actor is not None
    return ctx.acting(actor)


async def household_at(unit: Unit, family: str, organisation_id: int) -> tuple[int, str, str]:
    """(household, its reference, its demande's) of a household that an organisation brings."""
    request_id = await listed(unit, family=family, organisation_id=organisation_id)
    row = await unit.row(
        "SELECT h.id, h.ref, r.ref AS request FROM housing_request r "
        "JOIN household h ON h.id = r.household_id WHERE r.id = $1",
        request_id,
    )
    assert row is not None
    return row["id"], row["ref"], row["request"]


async def names(ctx: Ctx) -> list[str]:
    async with ctx.unit() as unit:
        return [r["family_name"] for r in await list_households(unit, HouseholdFilter())]


async def test_prescriber_at_one_and_structure_at_another_are_never_mixed(ctx: Ctx) -> None:
    """B is a CHRS that also brings households of its own: none of them is this person's to read."""
    async with ctx.unit() as unit:
        a = await organisation(unit, "CCAS A")
        b, programme = await structure(unit, name="B")
        other, elsewhere = await structure(unit, name="A’s own house")
        _, mine, my_request = await household_at(unit, "Aubry", a)
        _, theirs, their_request = await household_at(unit, "Brun", b)
        sent = await proposed(unit, programme, family="Caron", organisation_id=other)
        await answer(unit, sent, "accept", words="Oui", oral=True)
        await answer(unit, sent, "send")
        waits = await proposed(unit, programme, family="Duval", organisation_id=b)
        far = await proposed(unit, elsewhere, family="Evrard", organisation_id=other)
        await answer(unit, far, "accept", words="Oui", oral=True)
        await answer(unit, far, "send")
        refs = {
            i: await unit.value("SELECT ref FROM referral WHERE id = $1", i)
            for i in (sent, waits, far)
        }
    me = await both(ctx, ("prescriber", a), ("structure", b))
    assert await names(me) == ["Aubry"]
    async with me.unit() as unit:
        assert await household_id_of(unit, mine)
        assert await request_id_of(unit, my_request)
        assert (await queue_counts(unit))["en-attente"] == (1, 1)
        assert [r["name"] for r in await referrals(unit, "at_structure")] == ["Caron Awa"]
        assert await referrals(unit, "proposed") == []
        assert (await referral(unit, refs[sent]))["id"] == sent
        for hidden in (waits, far):
            with pytest.raises(NotFound):
                await referral(unit, refs[hidden])
        for lost in (household_id_of(unit, theirs), request_id_of(unit, their_request)):
            with pytest.raises(NotFound):
                await lost
        # Acts: as a structure for B only, as a prescriber for A's households only.
        with pytest.raises(NotFound):
            await answer(unit, far, "admit")
        with pytest.raises(NotFound):
            await answer(unit, sent, "decline", reason_code="prefers_not_to_say", oral=True)
        await answer(unit, sent, "admit")


async def test_two_organisations_as_prescriber_are_two_portfolios_of_one(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        a, b, c = [await organisation(unit, f"CCAS {n}") for n in "ABC"]
        await household_at(unit, "Aubry", a)
        household_id, _, _ = await household_at(unit, "Brun", b)
        await household_at(unit, "Caron", c)
        await unit.fetch("UPDATE housing_request SET state = 'closed'")
        await unit.fetch("UPDATE key_worker SET organisation_id = $1 WHERE household_id = $2", b,
                         household_id)  # fmt: skip
    me = await both(ctx, ("prescriber", a), ("prescriber", b))
    assert await names(me) == ["Aubry", "Brun"]
    async with me.unit() as unit:
        made = await open_request(unit, household_id)
        asks = await unit.value("SELECT organisation_id FROM housing_request WHERE id = $1", made)
        assert asks == b, "the organisation that follows the household asks, not the other"


async def test_a_wide_right_to_read_lends_nothing_to_a_narrow_right_to_write(ctx: Ctx) -> None:
    """Administrator everywhere, prescriber at A: reads every file, writes A's, health of A's."""
    async with ctx.unit() as unit:
        a, b = await organisation(unit, "CCAS A"), await organisation(unit, "CCAS B")
        mine, _, _ = await household_at(unit, "Aubry", a)
        theirs, ref, _ = await household_at(unit, "Brun", b)
        for home in (mine, theirs):
            await write_note(unit, home, "Suivi", field_class="health")
    me = await both(ctx, ("administrator", None), ("prescriber", a))
    assert await names(me) == ["Aubry", "Brun"]
    async with me.unit() as unit:
        assert "health" in await readable_classes(unit, mine)
        assert await readable_classes(unit, theirs) == {"identity", "social"}
        assert await opens(unit, mine, "households.write")
        assert not await opens(unit, theirs, "households.write")
    writing = replace(me, permission="households.write")
    async with writing.unit() as unit:
        with pytest.raises(NotFound):
            await household_id_of(unit, ref)
    async with me.unit() as unit:
        with pytest.raises(NotFound):
            await set_answer(unit, theirs, "court_order", 1)
        await set_answer(unit, mine, "court_order", 1)


async def test_a_role_that_ended_takes_its_organisation_with_it(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        a, b = await organisation(unit, "CCAS A"), await organisation(unit, "CCAS B")
        await household_at(unit, "Aubry", a)
        await household_at(unit, "Brun", b)
    me = await both(ctx, ("prescriber", a), ("prescriber", b))
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE role_grant SET ends_on = $1 WHERE account_id = $2 AND organisation_id = $3",
            unit.today, me.who.account_id, b,
        )  # fmt: skip
        cookie, _ = await open_session(unit, me.who.account_id or 0, "admin")
        again = await find_actor(unit, cookie, "admin")
    assert again is not None
    assert await names(ctx.acting(again)) == ["Aubry"]


def test_a_scope_is_what_the_roles_that_have_the_permission_open(ctx: Ctx) -> None:
    held = ctx.registry.permissions
    both_ = Actor("professional", 1, grants=frozenset({("prescriber", 1), ("structure", 2)}))
    assert scope_of(held, both_, "households.read") == Scope(files=frozenset({1}))
    assert scope_of(held, both_, "placements.record") == Scope(places=frozenset({2}))
    assert scope_of(held, both_, "referrals.read") == Scope(
        files=frozenset({1}), places=frozenset({2})
    )
    assert scope_of(held, both_, "people.manage") == NOTHING
    assert scope_of(held, both_, "no.such") == NOTHING
    observer = Actor("professional", 1, grants=frozenset({("observer", None)}))
    assert scope_of(held, observer, "households.read") == NOTHING
    assert scope_of(held, observer, "housing.read") == EVERYTHING
    # A role that needs an organisation, without one, opens nothing.
    nowhere = Actor("professional", 1, grants=frozenset({("prescriber", None)}))
    assert scope_of(held, nowhere, "households.read") == NOTHING
    assert EVERYTHING & NOTHING == NOTHING
    one, two = Scope(files=frozenset({1, 2})), Scope(files=frozenset({2, 3}))
    assert one & two == Scope(files=frozenset({2}))
