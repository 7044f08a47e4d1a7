"""Acting for a resident: each door with no authorisation, an ended one, another's, of elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar

from core.accounts.mandates import MandateOver, end_mandate, give_mandate, hold_mandate
from core.accounts.sessions import find_actor
from core.extension.context import Ctx
from core.kernel.unit import Actor
from core.notifications.service import answer, write
from core.testing import Browser, make_place, make_professional
from core.web.door import cookie_name
from portal.tests.story import Told, couple_waiting, enter, one, proposed

ALL = ["read", "write", "answer"]
WORDS = "Bonjour, Awa a changé de numéro."


async def helper_of(ctx: Ctx, told: Told, scope: list[str], person: int | None = None) -> Actor:
    """A key worker of elsewhere whom Awa lets act, and the authorisation's id in `mandate_id`."""
    worker = await make_professional(ctx, "social_worker", name="Rose Marchand")
    async with ctx.unit() as unit:
        mandate_id = await give_mandate(
            unit,
            person or told.awa,
            worker.account_id or 0,
            scope,
            ends_on=unit.today + timedelta(days=30),
            given_how="De vive voix",
            household_id=told.household,
        )
    return replace(worker, mandate_id=mandate_id)


async def begin(browser: Browser, ctx: Ctx, worker: Actor) -> int:
    """The worker signs in, finds the person in « Agir pour… » and begins."""
    await browser.sign_in(ctx, worker, "admin")
    sent = await browser.post("/admin/essai/agir", {"mandate": worker.mandate_id})
    return sent.status_code


async def test_the_worker_acts_and_the_person_reads_who_did(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    worker = await helper_of(ctx, told, ALL)
    await browser.sign_in(ctx, worker, "admin")
    await browser.get("/admin/essai/agir")
    assert "Agir pour Awa Diallo" in browser.text()
    assert await begin(browser, ctx, worker) == 303
    home = await browser.follow()
    assert "Rose Marchand agit pour Awa Diallo ." in browser.text()
    assert "Autorisation valable jusqu’au 10 avril 2026" in browser.text()
    assert "Awa" not in home.text.split("</title>")[0]
    assert (await browser.post("/essai/fr/messages/ecrire", {"text": WORDS})).status_code == 303
    yes = await browser.post(f"/essai/fr/proposition/{told.referral}/oui")
    assert yes.status_code == 303
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT kind, actor_id, on_behalf_of FROM event WHERE mandate_id = $1 ORDER BY id",
            worker.mandate_id,
        )
    kinds = [r["kind"] for r in rows]
    assert kinds[:2] == ["mandate.used", "message.written"] and "referral.accepted" in kinds
    assert {(r["actor_id"], r["on_behalf_of"]) for r in rows} == {(worker.account_id, told.awa)}
    # Back to one's own desk: the space is closed, one's own session is not.
    await browser.post("/essai/fr/quitter")
    assert (await browser.follow()).url.path == "/admin/essai/agir"
    assert (await browser.get("/essai/fr/")).status_code == 303

    browser.client.cookies.clear()
    await enter(browser, ctx, told.awa, "awa")
    await browser.get("/essai/fr/parcours")
    assert "Fait pour vous par Rose Marchand" in browser.text()
    await browser.get("/essai/fr/messages")
    assert "Écrit pour vous par Rose Marchand" in browser.text()
    await browser.get("/essai/fr/autorisations")
    for said in ("A ouvert votre espace.", "A écrit un message", "A dit oui à une proposition."):
        assert said in browser.text()


async def test_the_other_adult_learns_nothing_of_it(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    worker = await helper_of(ctx, told, ALL)
    await begin(browser, ctx, worker)
    await browser.post("/essai/fr/messages/ecrire", {"text": WORDS})
    await browser.post(f"/essai/fr/proposition/{told.referral}/oui")
    browser.client.cookies.clear()
    await enter(browser, ctx, told.moussa, "moussa")
    for path in ("/", "/parcours", "/messages", "/autorisations", "/informations"):
        page = await browser.get(f"/essai/fr{path}")
        assert page.status_code == 200
        assert "Rose Marchand" not in page.text and "numéro" not in page.text


async def test_what_the_person_wrote_alone_stays_theirs(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        exchange = await write(unit, told.household, told.awa, "message", "Un secret.")
        await answer(unit, exchange, "Une réponse secrète.")
    worker = await helper_of(ctx, told, ALL)
    await begin(browser, ctx, worker)
    await browser.post("/essai/fr/messages/ecrire", {"text": WORDS})
    page = await browser.get("/essai/fr/messages")
    assert WORDS in page.text and "secr" not in page.text
    home = await browser.get("/essai/fr/")
    assert "Lire une réponse" not in home.text


async def test_an_opinion_is_not_given_through_who_helps(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await begin(browser, ctx, await helper_of(ctx, told, ALL))
    page = await browser.get("/essai/fr/messages/ecrire")
    assert 'name="mood"' not in page.text
    sent = await browser.post("/essai/fr/messages/ecrire", {"text": WORDS, "mood": "5"})
    assert sent.status_code == 409 and WORDS in sent.text
    assert await one(ctx, "SELECT count(*) FROM exchange") == 0


PAGES = {
    "read": ["/", "/parcours", "/informations", "/proposition/{ref}"],
    "write": ["/messages", "/messages/ecrire"],
    "answer": ["/proposition/{ref}/oui", "/proposition/{ref}/non"],
}


@pytest.mark.parametrize("scope", list(PAGES))
async def test_only_what_was_allowed_opens(ctx: Ctx, browser: Browser, scope: str) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await begin(browser, ctx, await helper_of(ctx, told, [scope]))
    for held, paths in PAGES.items():
        for path in paths:
            page = await browser.get("/essai/fr" + path.format(ref=told.referral))
            assert page.status_code == (200 if held == scope else 403), (path, scope)
    assert (await browser.get("/essai/fr/autorisations")).status_code == 403
    may_write, may_answer = scope == "write", scope == "answer"
    sent = await browser.post("/essai/fr/messages/ecrire", {"text": WORDS})
    assert sent.status_code == (303 if may_write else 403)
    yes = await browser.post(f"/essai/fr/proposition/{told.referral}/oui")
    assert yes.status_code == (303 if may_answer else 403)
    assert await one(ctx, "SELECT count(*) FROM exchange") == int(may_write)
    state = await one(ctx, "SELECT state FROM referral WHERE id = $1", told.referral_id)
    assert state == ("accepted" if may_answer else "proposed")


async def test_a_page_that_names_no_scope_stays_shut(
    ctx: Ctx, browser: Browser, app: Litestar
) -> None:
    told = await couple_waiting(ctx)
    await begin(browser, ctx, await helper_of(ctx, told, ALL))
    shut = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            opt = handler.opt
            if "plugin" in opt:  # off here: not there at all
                continue
            if opt.get("face") == "portal" and opt.get("permission") == "resident":
                if not opt.get("helper"):
                    shut |= {(m, route.path) for m in handler.http_methods & {"GET", "POST"}}
    assert ("POST", "/{territory:str}/{lang:str}/autorisations/donner") in shut
    for method, path in shut:
        address = path.replace("{territory:str}", "essai").replace("{lang:str}", "fr")
        ask = browser.get if method == "GET" else browser.post
        assert (await ask(address)).status_code == 403, (method, path)


async def test_its_end_shuts_at_once_and_loses_nothing(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    worker = await helper_of(ctx, told, ALL)
    await begin(browser, ctx, worker)
    assert (await browser.get("/essai/fr/messages/ecrire")).status_code == 200
    async with ctx.unit() as unit:
        await end_mandate(unit, worker.mandate_id or 0)
    sent = await browser.post("/essai/fr/messages/ecrire", {"text": WORDS})
    assert sent.status_code == 403
    assert "Cette autorisation d’aide est terminée. Rien n’a été envoyé." in browser.text()
    assert WORDS in sent.text and "/admin/essai/agir" in sent.text
    assert "agit pour" not in sent.text
    assert (await browser.get("/essai/fr/")).status_code == 403
    assert await one(ctx, "SELECT count(*) FROM exchange") == 0
    assert await begin(browser, ctx, worker) == 404


async def test_it_ends_by_its_date_too(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    worker = await helper_of(ctx, told, ALL)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE mandate SET ends_on = $1", unit.today)
    assert await begin(browser, ctx, worker) == 404
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE mandate SET ends_on = $1", unit.today + timedelta(days=1))
    assert await begin(browser, ctx, worker) == 303
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE mandate SET ends_on = $1", unit.today)
    assert (await browser.get("/essai/fr/")).status_code == 403


async def test_an_act_under_way_finds_it_ended(ctx: Ctx) -> None:
    told = await couple_waiting(ctx)
    worker = await helper_of(ctx, told, ALL)
    async with ctx.unit() as unit:
        helper = Actor("helper", worker.account_id, told.awa, mandate_id=worker.mandate_id)
        unit.actor = helper
        await hold_mandate(unit)
        unit.actor = replace(helper, account_id=ctx.who.account_id)
        with pytest.raises(MandateOver):
            await hold_mandate(unit)
        unit.actor = helper
        await end_mandate(unit, worker.mandate_id or 0)
        with pytest.raises(MandateOver):
            await hold_mandate(unit)


async def test_nobody_begins_under_another_s(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    worker = await helper_of(ctx, told, ALL)
    stranger = await make_professional(ctx, "coordinator", name="Paul Henry")
    await browser.sign_in(ctx, stranger, "admin")
    for mandate in (worker.mandate_id, 999_999_999, "", "x"):
        sent = await browser.post("/admin/essai/agir", {"mandate": mandate})
        assert sent.status_code == 404
    assert (await browser.get("/essai/fr/")).status_code == 303
    assert await one(ctx, "SELECT count(*) FROM session WHERE mandate_id IS NOT NULL") == 0
    browser.client.cookies.clear()
    # A resident, or nobody, has no such page.
    await enter(browser, ctx, told.awa, "awa")
    sent = await browser.post("/admin/essai/agir", {"mandate": worker.mandate_id})
    assert sent.headers["location"].startswith("/admin/essai/connexion")


async def test_another_household_stays_out_of_reach(ctx: Ctx, browser: Browser) -> None:
    mine = await proposed(ctx, await couple_waiting(ctx))
    theirs = await proposed(ctx, await couple_waiting(ctx, family="Petit"))
    await begin(browser, ctx, await helper_of(ctx, mine, ALL))
    for path in ("", "/oui", "/non"):
        address = f"/essai/fr/proposition/{theirs.referral}{path}"
        assert (await browser.get(address)).status_code == 404
    values = {"reason_code": "prefers_not_to_say", "confirmed": "yes"}
    for path in ("/oui", "/non", "/revenir"):
        address = f"/essai/fr/proposition/{theirs.referral}{path}"
        assert (await browser.post(address, values)).status_code == 404


async def test_it_holds_in_its_territory_alone(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    worker = await helper_of(ctx, told, ALL)
    far = await make_place(ctx.clock, "loin", "Loin")  # type: ignore[arg-type]
    elsewhere = replace(ctx, territory=far)
    async with elsewhere.unit() as unit:
        await unit.fetch(
            "INSERT INTO role_grant (account_id, role, starts_on) VALUES ($1, 'coordinator', $2)",
            worker.account_id,
            unit.today,
        )
    await begin(browser, ctx, worker)
    assert (await browser.get("/essai/fr/")).status_code == 200
    assert (await browser.get("/loin/fr/")).status_code == 303
    cookie = browser.client.cookies[cookie_name("portal", False)]
    async with elsewhere.unit() as unit:
        assert await find_actor(unit, cookie, "portal") is None
    sent = await browser.post("/admin/loin/agir", {"mandate": worker.mandate_id})
    assert sent.status_code == 404


async def test_signing_out_of_the_desk_ends_it(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await begin(browser, ctx, await helper_of(ctx, told, ALL))
    await browser.post("/admin/essai/quitter")
    assert (await browser.get("/essai/fr/")).status_code == 303


async def test_one_who_left_the_territory_or_a_dead_person_ends_it(
    ctx: Ctx, browser: Browser
) -> None:
    told = await couple_waiting(ctx)
    worker = await helper_of(ctx, told, ALL)
    await begin(browser, ctx, worker)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = $2 WHERE id = $1", told.awa, unit.today)
    assert (await browser.get("/essai/fr/")).status_code == 403
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = NULL WHERE id = $1", told.awa)
        await unit.fetch(
            "UPDATE role_grant SET ends_on = $2 WHERE account_id = $1",
            worker.account_id,
            unit.today,
        )
    assert (await browser.get("/essai/fr/")).status_code == 303


async def test_the_resident_gives_one_and_takes_it_back(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    await browser.get("/essai/fr/autorisations")
    assert "Qui peut vous aider ?" in browser.text()
    sent = await browser.post("/essai/fr/autorisations/donner", {})
    assert sent.status_code == 422 and "Choisissez une durée." in sent.text
    stranger = await make_professional(ctx, "social_worker", name="Paul Henry")
    values = {"helper": stranger.account_id, "scope": "read", "time": "30"}
    sent = await browser.post("/essai/fr/autorisations/donner", values)
    assert sent.status_code == 422
    values["helper"] = ctx.who.account_id
    values["scope"] = ["read", "write"]  # type: ignore[assignment]
    assert (await browser.post("/essai/fr/autorisations/donner", values)).status_code == 303
    assert (await browser.post("/essai/fr/autorisations/donner", values)).status_code == 409
    row = await one(ctx, "SELECT scope FROM mandate WHERE person_id = $1", told.awa)
    assert row == ["read", "write"]
    worker = Browser(browser.client)
    mandate = await one(ctx, "SELECT id FROM mandate WHERE person_id = $1", told.awa)
    browser.client.cookies.clear()
    assert await begin(worker, ctx, replace(ctx.who, mandate_id=mandate)) == 303
    assert (await worker.get("/essai/fr/messages/ecrire")).status_code == 200
