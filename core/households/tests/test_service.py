"""Households on the real database: opened, found, changed, lived, never overwritten."""

from __future__ import annotations

from datetime import date

import pytest

from core.extension.context import Ctx
from core.households.file_reads import answers_of
from core.households.queries import find_people, household_id_of, members_on
from core.households.rules import LifeEvent
from core.households.service import (
    NewPerson,
    add_member,
    change_person,
    create_household,
    create_person,
    live,
    set_answer,
    set_situation,
    write_note,
)
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.testing import make_professional

AWA = NewPerson("Diallo", "Awa", birth=date(1990, 5, 2), sex=2)
SAMBA = NewPerson("Diallo", "Samba", birth=date(1988, 1, 9), sex=1, role="partner")
FATOU = NewPerson("Diallo", "Fatou", birth=date(2019, 7, 1), sex=2, role="child")


async def kinds(unit: Unit, household_id: int) -> list[str]:
    rows = await unit.fetch(
        "SELECT kind FROM event WHERE household_id = $1 ORDER BY id", household_id
    )
    return [r["kind"] for r in rows]


async def opened(ctx: Ctx, *people: NewPerson) -> int:
    async with ctx.unit() as unit:
        return await create_household(unit, people or (AWA,), starts_on=date(2025, 1, 6))


async def test_a_household_opens_with_its_people_and_says_so(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA, SAMBA, FATOU)
    async with ctx.unit() as unit:
        members = await members_on(unit, household_id, date(2025, 1, 6))
        assert [(m["given_name"], m["role"]) for m in members] == [
            ("Awa", "main"),
            ("Samba", "partner"),
            ("Fatou", "child"),
        ]
        assert await members_on(unit, household_id, date(2025, 1, 5)) == []
        assert await kinds(unit, household_id) == ["household.created"]
        payload = await unit.value(
            "SELECT payload::text FROM event WHERE kind = 'household.created'"
        )
    assert "Diallo" not in payload


async def test_a_household_needs_one_main_person(ctx: Ctx) -> None:
    for people in ((), (SAMBA,), (AWA, AWA)):
        with pytest.raises(Invalid):
            async with ctx.unit() as unit:
                await create_household(unit, people)


async def test_who_may_not_write_opens_nothing(ctx: Ctx) -> None:
    observer = ctx.acting(await make_professional(ctx, "observer"))
    with pytest.raises(Denied):
        await opened(observer)


@pytest.mark.parametrize(
    "typed",
    ["diallo", "DIALLO awa", "Awa Diallo", "dialo", "diallp awa", "Diàllo", "dial", "aw dia"],
)
async def test_a_name_is_found_with_a_slip_and_without_accents(ctx: Ctx, typed: str) -> None:
    await opened(ctx, AWA)
    await opened(ctx, NewPerson("Benali", "Karim"))
    async with ctx.unit() as unit:
        found = await find_people(unit, typed)
    assert [r["given_name"] for r in found] == ["Awa"]


async def test_a_name_that_nobody_has_finds_nobody(ctx: Ctx) -> None:
    await opened(ctx, AWA)
    async with ctx.unit() as unit:
        assert await find_people(unit, "diolla") == []
        assert await find_people(unit, "diallo karim") == []
        assert await find_people(unit, " ' ") == []


async def test_a_changed_name_is_found_by_the_new_one_only_and_the_old_one_is_kept(
    ctx: Ctx,
) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        person = (await members_on(unit, household_id, unit.today))[0]
        await change_person(unit, person["person_id"], 1, family_name="Sow", phone="06 00")
    async with ctx.unit() as unit:
        assert await find_people(unit, "diallo") == []
        assert [r["given_name"] for r in await find_people(unit, "sow")] == ["Awa"]
        past = await unit.row("SELECT version, held::text FROM past_version")
        told = await unit.value("SELECT text FROM external_change WHERE what = 'person'")
    assert past is not None and past["version"] == 1 and "Diallo" in past["held"]
    assert told == "Sow Awa – nom : Sow, téléphone : 06 00"


async def test_the_second_of_two_editors_sees_what_the_first_changed(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        person_id = (await members_on(unit, household_id, unit.today))[0]["person_id"]
        await change_person(unit, person_id, 1, phone="06 11")
    with pytest.raises(Conflict) as told:
        async with ctx.unit() as unit:
            await change_person(unit, person_id, 1, phone="06 22", email="a@exemple.test")
    assert told.value.theirs["phone"] == "06 11"
    assert told.value.theirs["version"] == 2
    async with ctx.unit() as unit:
        await change_person(unit, person_id, 2, phone="06 22")
        assert await unit.value("SELECT phone FROM person WHERE id = $1", person_id) == "06 22"
        assert await unit.value("SELECT count(*) FROM past_version") == 2


async def test_a_person_is_in_a_household_once_at_a_time(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        child = await create_person(unit, FATOU)
        await add_member(unit, household_id, child, "child", date(2025, 2, 1))
    with pytest.raises(Conflict):
        async with ctx.unit() as unit:
            await add_member(unit, household_id, child, "child", date(2025, 3, 1))


async def test_situations_follow_each_other_and_a_late_one_finds_its_place(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        person = (await members_on(unit, household_id, unit.today))[0]["person_id"]
        await set_situation(unit, person, 20, starts_on=date(2025, 6, 1))
        await set_situation(unit, person, 35, starts_on=date(2025, 10, 1))
        await set_situation(unit, person, 29, starts_on=date(2025, 1, 1))
        await set_situation(unit, person, 20, starts_on=date(2025, 7, 1))
        rows = await unit.fetch("SELECT code, starts_on, ends_on FROM situation ORDER BY starts_on")
    assert [tuple(r) for r in rows] == [
        (29, date(2025, 1, 1), date(2025, 6, 1)),
        (20, date(2025, 6, 1), date(2025, 10, 1)),
        (35, date(2025, 10, 1), None),
    ]
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await set_situation(unit, person, 20, starts_on=date(2026, 12, 1))


async def test_four_answers_are_kept_and_a_guarded_one_needs_its_permission(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        for state in (4, 3, 3, 1):
            await set_answer(unit, household_id, "animals", state)
        await set_answer(unit, household_id, "debts", None)
        rows = await unit.fetch("SELECT question, state FROM answer ORDER BY id")
        await set_answer(unit, household_id, "animals", None)
        taken_back = await answers_of(unit, household_id, ["social"])
    assert [tuple(r) for r in rows] == [("animals", 4), ("animals", 3), ("animals", 1)]
    assert taken_back == {}
    administrator = ctx.acting(await make_professional(ctx, "administrator"))
    with pytest.raises(Denied):
        async with administrator.unit() as unit:
            await set_answer(unit, household_id, "violence", 1, field_class="social")
    with pytest.raises(Denied):
        async with administrator.unit() as unit:
            await write_note(unit, household_id, "Suivi au CMP", field_class="health")


async def test_a_birth_adds_a_child_who_is_found(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    async with ctx.unit() as unit:
        event = LifeEvent("birth", date(2026, 3, 1))
        await live(unit, household_id, event, names=("Diallo", "Ibra"))
        members = await members_on(unit, household_id, unit.today)
        assert [(m["given_name"], m["birth"]) for m in members][1] == ("Ibra", date(2026, 3, 1))
        assert await unit.value("SELECT text FROM external_change ORDER BY id DESC") == (
            "Naissance le 01/03/2026 – Diallo Ibra"
        )


async def test_a_separation_opens_a_second_household_without_the_others_secrets(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA, SAMBA, FATOU)
    async with ctx.unit() as unit:
        ids = {
            m["given_name"]: m["person_id"]
            for m in await members_on(unit, household_id, unit.today)
        }
        await write_note(unit, household_id, "Elle a parlé de peur", field_class="violence")
        await live(
            unit,
            household_id,
            LifeEvent(
                "separation",
                date(2026, 3, 2),
                person_id=ids["Samba"],
                shared_children=(ids["Fatou"],),
            ),
        )
        other = await unit.value("SELECT other_household_id FROM life_event")
        assert [m["given_name"] for m in await members_on(unit, other, unit.today)] == [
            "Samba",
            "Fatou",
        ]
        here = await members_on(unit, household_id, unit.today)
        assert [(m["given_name"], m["shared_custody"]) for m in here] == [
            ("Awa", False),
            ("Fatou", True),
        ]
        assert await unit.value("SELECT count(*) FROM note WHERE household_id = $1", other) == 0
        before = await members_on(unit, household_id, date(2026, 3, 1))
        assert len(before) == 3


async def test_a_death_stops_messages_and_access_at_once(ctx: Ctx) -> None:
    from core.accounts.service import issue_code, resident_account

    household_id = await opened(ctx, AWA, SAMBA)
    async with ctx.unit() as unit:
        awa = (await members_on(unit, household_id, unit.today))[0]["person_id"]
        await issue_code(unit, awa, ctx.settings.secret_key)
        account = await resident_account(unit, awa)
        await unit.fetch(
            "INSERT INTO outgoing_message (person_id, template, created_at) VALUES ($1, 'x', $2)",
            awa,
            unit.now,
        )
        await unit.fetch(
            "INSERT INTO session (hash, account_id, face, expires_at) VALUES ('x', $1, 'portal', $2)",
            account,
            unit.now,
        )
        await live(unit, household_id, LifeEvent("death", date(2026, 3, 10), person_id=awa))
        assert await unit.value("SELECT state FROM outgoing_message") == "stopped"
        assert await unit.value("SELECT voided_at IS NOT NULL FROM access_code")
        assert await unit.value("SELECT revoked_at IS NOT NULL FROM session")
        assert await unit.value("SELECT died_on FROM person WHERE id = $1", awa) == date(
            2026, 3, 10
        )
        members = await members_on(unit, household_id, unit.today)
        assert [(m["given_name"], m["role"]) for m in members] == [("Samba", "main")]
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await issue_code(unit, awa, ctx.settings.secret_key)


async def test_two_households_become_one(ctx: Ctx) -> None:
    from core.households.living import facts_of

    here = await opened(ctx, AWA)
    there = await opened(ctx, NewPerson("Sow", "Samba", birth=date(1988, 1, 9), sex=1))
    async with ctx.unit() as unit:
        joining = await facts_of(unit, there)
        await live(unit, here, LifeEvent("couple_formed", date(2026, 3, 2), joining=joining))
        assert [(m["given_name"], m["role"]) for m in await members_on(unit, here, unit.today)] == [
            ("Awa", "main"),
            ("Samba", "partner"),
        ]
        assert await members_on(unit, there, unit.today) == []
        assert await unit.value("SELECT archived_on FROM household WHERE id = $1", there) == date(
            2026, 3, 2
        )


async def test_an_impossible_event_is_refused_in_words_and_changes_nothing(ctx: Ctx) -> None:
    household_id = await opened(ctx, AWA)
    with pytest.raises(Refused, match="l’avenir"):
        async with ctx.unit() as unit:
            await live(unit, household_id, LifeEvent("birth", date(2026, 4, 1)))
    async with ctx.unit() as unit:
        assert len(await members_on(unit, household_id, unit.today)) == 1


async def test_a_reference_of_nobody_is_not_found(ctx: Ctx) -> None:
    with pytest.raises(NotFound):
        async with ctx.unit() as unit:
            await household_id_of(unit, "0000000000")
