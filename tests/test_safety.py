"""What people do to a page: click twice, go back, guess, try a hundred times at once, lose a role."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.accounts.mandates import give_mandate
from core.accounts.service import end_role, issue_code, set_password
from core.accounts.team import give_password
from core.app import create_app
from core.extension.context import Ctx
from core.households.service import NewPerson, ask_question, create_household
from core.kernel.clock import StillClock
from core.kernel.commands import perform
from core.kernel.database import ENGINE
from core.kernel.errors import Refused
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.requests.tests.making import organisation
from core.testing import NOW, Browser, Databases, make_place, make_professional


async def household(ctx: Ctx, given: str = "Awa") -> tuple[int, str, int]:
    """(id, reference, its person)."""
    async with ctx.unit() as unit:
        made = await create_household(
            unit, [NewPerson("Diallo", given, date(1985, 4, 3), 2, phone="0601020304")]
        )
        ref = await unit.value("SELECT ref FROM household WHERE id = $1", made)
        person = await unit.value("SELECT person_id FROM membership WHERE household_id = $1", made)
    return made, ref, person


async def count(ctx: Ctx, sql: str, *args: Any) -> int:
    async with ctx.unit() as unit:
        return int(await unit.value(sql, *args))


# -- acts done once, and each of them done ------------------------------------------------------


async def test_an_act_that_answers_nothing_is_done_once_too(ctx: Ctx) -> None:
    key, done = uuid4(), []

    async def work(unit: Unit) -> None:
        done.append(unit.now)

    for _ in range(2):
        assert await perform(ctx.unit, key, "essai", work) is None
    assert len(done) == 1


async def test_two_forms_of_one_page_are_two_acts(ctx: Ctx, browser: Browser) -> None:
    """All small forms of a file carry the key of their page: going back must lose nothing."""
    made, ref, _ = await household(ctx)
    colleague = await make_professional(ctx, "social_worker", name="Dominique Klein")
    await browser.sign_in(ctx, ctx.who, "admin")
    key = str(uuid4())
    note = {"_key": key, "note_text": "Vue ce matin.", "note_class": "social"}
    await browser.post(f"/admin/essai/menages/{ref}/notes", note)
    await browser.post(f"/admin/essai/menages/{ref}/notes", note)
    assert await count(ctx, "SELECT count(*) FROM note WHERE household_id = $1", made) == 1
    await browser.post(
        f"/admin/essai/menages/{ref}/115", {"_key": key, "shelter_need": "Une nuit à l’abri"}
    )
    await browser.post(f"/admin/essai/menages/{ref}/notes", {**note, "note_text": "Revue ce soir."})
    assert colleague.account_id
    assert await count(ctx, "SELECT count(*) FROM shelter_handover") == 1
    assert await count(ctx, "SELECT count(*) FROM note WHERE household_id = $1", made) == 2


async def test_the_same_key_at_another_file_is_another_act(ctx: Ctx, browser: Browser) -> None:
    (one, first, _), (two, second, _) = await household(ctx), await household(ctx, "Binta")
    await browser.sign_in(ctx, ctx.who, "admin")
    sent = {"_key": str(uuid4()), "note_text": "Vue ce matin.", "note_class": "social"}
    for ref in (first, second):
        await browser.post(f"/admin/essai/menages/{ref}/notes", sent)
    for made in (one, two):
        assert await count(ctx, "SELECT count(*) FROM note WHERE household_id = $1", made) == 1


async def test_a_replay_by_somebody_else_gets_nothing_of_the_first(ctx: Ctx) -> None:
    other = ctx.acting(await make_professional(ctx, "coordinator"))
    key = uuid4()

    async def mine(unit: Unit) -> str:
        return "mine"

    async def theirs(unit: Unit) -> str:
        return "theirs"

    assert await perform(ctx.unit, key, "essai", mine) == "mine"
    assert await perform(other.unit, key, "essai", theirs) == "theirs"


# -- accounts are one table for every territory: an id in a form is not a right ------------------


async def elsewhere(ctx: Ctx) -> tuple[Ctx, int]:
    place = await make_place(ctx.clock, "ailleurs", "Ailleurs")  # type: ignore[arg-type]
    there = replace(ctx, territory=place)
    who = await make_professional(there, "coordinator", name="Lointaine Personne")
    assert who.account_id
    return there, who.account_id


async def test_an_authorisation_names_somebody_who_works_here(ctx: Ctx) -> None:
    made, _, person = await household(ctx)
    _, stranger = await elsewhere(ctx)
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await give_mandate(
                unit, person, stranger, ["read"], ends_on=unit.today + timedelta(days=30),
                given_how="Par écrit", household_id=made,
            )  # fmt: skip


async def test_a_question_goes_to_somebody_who_works_here(ctx: Ctx, browser: Browser) -> None:
    made, ref, _ = await household(ctx)
    _, stranger = await elsewhere(ctx)
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await ask_question(unit, made, "", "Qui est-ce ?", to_account_id=stranger)
    await browser.sign_in(ctx, ctx.who, "admin")
    answer = await browser.post(
        f"/admin/essai/menages/{ref}/questions",
        {"question_text": "Qui est-ce ?", "question_to": str(stranger)},
    )
    assert answer.status_code == 409
    assert "Lointaine" not in answer.text


async def test_a_question_is_on_a_known_field_or_on_the_file(ctx: Ctx) -> None:
    """An unknown field has no class: its words would be shown to everybody."""
    made, _, _ = await household(ctx)
    colleague = await make_professional(ctx, "social_worker")
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await ask_question(
                unit, made, "health", "Et sa santé ?", to_account_id=colleague.account_id
            )


async def test_nobody_from_elsewhere_is_named_when_files_are_handed_over(
    ctx: Ctx, browser: Browser
) -> None:
    _, stranger = await elsewhere(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    answer = await browser.post(
        "/admin/essai/equipe/portefeuilles/confier", {"worker": str(stranger)}
    )
    assert answer.status_code == 404
    assert "Lointaine" not in answer.text


async def test_a_question_is_no_key_to_a_file_one_no_longer_follows(
    ctx: Ctx, browser: Browser
) -> None:
    made, _, _ = await household(ctx)
    async with ctx.unit() as unit:
        team = await organisation(unit)
    prescriber = await make_professional(ctx, "prescriber", organisation_id=team)
    async with ctx.unit() as unit:
        await ask_question(unit, made, "", "Une question", to_account_id=prescriber.account_id)
    await browser.sign_in(ctx, prescriber, "admin")
    for path in ("/admin/essai/", "/admin/essai/a-faire/questions", "/admin/essai/feuille-du-jour"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "Diallo" not in answer.text


# -- sessions -----------------------------------------------------------------------------------


async def test_a_given_password_opens_nothing_before_it_is_changed(
    ctx: Ctx, browser: Browser
) -> None:
    _, ref, _ = await household(ctx)
    new = await make_professional(ctx, "coordinator")
    async with ctx.unit() as unit:
        await give_password(unit, new.account_id or 0, "mot de passe remis", elsewhere=False)
        email = await unit.value("SELECT email FROM account WHERE id = $1", new.account_id)
    answer = await browser.post(
        "/admin/essai/connexion", {"email": email, "password": "mot de passe remis"}
    )
    assert answer.headers["location"] == "/admin/essai/mon-compte"
    assert (await browser.follow()).status_code == 200
    for path in ("/admin/essai/", f"/admin/essai/menages/{ref}"):
        away = await browser.get(path)
        assert (away.status_code, away.headers["location"]) == (303, "/admin/essai/mon-compte")
        assert "content-security-policy" in away.headers
    refused = await browser.post(f"/admin/essai/menages/{ref}/notes", {"note_text": "x"})
    assert refused.headers["location"] == "/admin/essai/mon-compte"
    assert await count(ctx, "SELECT count(*) FROM note") == 0
    mine = {"current": "mot de passe remis", "password": "un mot à moi tout seul"}
    await browser.post("/admin/essai/mon-compte/mot-de-passe", {**mine, "again": mine["password"]})
    await browser.post("/admin/essai/connexion", {"email": email, "password": mine["password"]})
    assert (await browser.get("/admin/essai/")).status_code == 200


async def test_a_session_ends_with_the_last_role_the_account_or_the_sign_out(
    ctx: Ctx, browser: Browser
) -> None:
    for ending in ("role", "account", "sign out"):
        who = await make_professional(ctx, "coordinator")
        browser.client.cookies.clear()
        await browser.sign_in(ctx, who, "admin")
        cookie = browser.client.cookies.get("seuil-admin")
        assert (await browser.get("/admin/essai/")).status_code == 200
        async with ctx.unit() as unit:
            if ending == "role":
                grant = await unit.value(
                    "SELECT id FROM role_grant WHERE account_id = $1", who.account_id
                )
                await end_role(unit, grant)
            elif ending == "account":
                await unit.fetch(
                    "UPDATE account SET disabled_at = $2 WHERE id = $1", who.account_id, unit.now
                )
        if ending == "sign out":
            await browser.post("/admin/essai/quitter")
            browser.client.cookies.set("seuil-admin", cookie or "", "127.0.0.1")
        assert (await browser.get("/admin/essai/")).status_code == 303, ending


async def test_who_has_died_comes_in_no_more(ctx: Ctx, browser: Browser) -> None:
    """Even where the death was noted by something else than the life event, such as a merge."""
    _, _, person = await household(ctx)
    async with ctx.unit() as unit:
        code, _ = await issue_code(unit, person, ctx.settings.secret_key)
        second = await unit.value("SELECT count(*) FROM session")
    typed = {
        "code": code, "birth_date_day": "3", "birth_date_month": "4", "birth_date_year": "1985",
    }  # fmt: skip
    await browser.post("/essai/fr/entrer", typed)
    assert (await browser.get("/essai/fr/")).status_code == 200
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = $2 WHERE id = $1", person, unit.today)
    assert second == 0
    assert (await browser.get("/essai/fr/")).status_code == 303


# -- guessing -----------------------------------------------------------------------------------


async def test_a_code_written_in_other_ways_is_still_one_code(ctx: Ctx, browser: Browser) -> None:
    _, _, person = await household(ctx)
    async with ctx.unit() as unit:
        code, _ = await issue_code(unit, person, ctx.settings.secret_key)
    ways = (
        code, code.replace("-", ""), code.lower(), code.replace("-", " "), f"{code[:3]} {code[3:]}",
        f"{code[:4]}-{code[4:]}",
    )  # fmt: skip
    birth = {"birth_date_day": "1", "birth_date_month": "1", "birth_date_year": "1999"}
    answers = [
        (await browser.post("/essai/fr/entrer", {"code": way, **birth})).status_code for way in ways
    ]
    assert answers == [422] * 5 + [429]


async def test_a_hundred_tries_at_once_are_five(databases: Databases, settings: Settings) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 8)
    try:
        clock = StillClock(NOW)
        place = await make_place(clock)
        app = create_app(settings, clock=clock)
        ctx = replace(app.state.base, territory=place, face="admin")
        who = await make_professional(ctx, "coordinator")
        async with Unit(territory_id=place.id, clock=clock) as unit:
            await set_password(unit, who.account_id or 0, "une phrase de passe")
            email = await unit.value("SELECT email FROM account WHERE id = $1", who.account_id)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000"
        ) as client:
            browser = Browser(client)
            await browser.get("/")
            answers = await asyncio.gather(
                *(
                    browser.post("/admin/essai/connexion", {"email": email, "password": "non"})
                    for _ in range(100)
                )
            )
            codes = sorted(a.status_code for a in answers)
            assert codes == [422] * 5 + [429] * 95
            right = {"email": email, "password": "une phrase de passe"}
            assert (await browser.post("/admin/essai/connexion", right)).status_code == 429
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)
