"""A household's own space: where it stands, a proposal answered, a message answered; all without script."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.notifications.service import answer
from core.testing import Browser, counting
from core.web.door import cookie_name
from portal.tests.story import couple_waiting, enter, one, proposed


async def test_home_says_where_one_is_and_who_helps(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    page = await browser.get("/essai/fr/")
    assert page.status_code == 200
    assert "Vous êtes sur une liste d’attente." in browser.text()
    assert "Camille Roth" in page.text
    assert "12 mars 2026" in page.text
    assert page.headers["cache-control"] == "no-store"
    await browser.get("/essai/fr/parcours")
    text = browser.text()
    assert text.index("Votre demande est envoyée.") < text.index("En ce moment")
    assert text.index("En ce moment") < text.index("Un lieu vous est proposé.")
    assert "Qui agit :" in text


async def test_home_reads_as_much_for_one_row_as_for_thirty(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    with counting() as first:
        await browser.get("/essai/fr/")
    async with ctx.unit() as unit:
        await unit.fetch(
            "INSERT INTO request_state (request_id, verb, state, at) "
            "SELECT $1, 'refresh', 'waiting', now() FROM generate_series(1, 30)",
            told.request,
        )
        await unit.fetch(
            "INSERT INTO exchange (ref, household_id, person_id, text, written_at, answer_due, "
            "answer, answered_at) SELECT 'X' || n, $1, $2, 'x', now(), now(), 'y', now() "
            "FROM generate_series(1, 30) n",
            told.household,
            told.awa,
        )
    with counting() as many:
        await browser.get("/essai/fr/")
    assert len(first) == len(many) <= 4
    assert "Lire une réponse" in browser.text()
    with counting() as path:
        await browser.get("/essai/fr/parcours")
    with counting() as messages:
        await browser.get("/essai/fr/messages")
    assert len(path) <= 7 and len(messages) <= 5


async def test_a_fragment_is_the_page_s_own_part(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.awa, "awa")
    for path, wrapper in (
        ("/", "situation"),
        ("/parcours", "journey"),
        ("/informations", "informations"),
        ("/autorisations", "mandates"),
    ):
        whole = (await browser.get(f"/essai/fr{path}")).text
        part = (await browser.get(f"/essai/fr{path}", headers={"HX-Request": "true"})).text
        assert f'id="{wrapper}"' in part and "<html" not in part
        if "_key" not in part:
            assert part.strip() in whole, path


async def test_yes_is_said_once_with_its_consequences_before(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.awa, "awa")
    await browser.get("/essai/fr/")
    assert "Lire la proposition et répondre" in browser.text()
    page = f"/essai/fr/proposition/{told.referral}"
    await browser.get(page)
    text = browser.text()
    for words in (
        "Maison du quai",
        "120,50",
        "Pas de visite après 22 h.",
        "Un lieu calme.",
        "19 mars 2026",
        "Si vous dites oui",
        "L’équipe du lieu va vous contacter.",
        "Si vous dites non",
        "Vous restez sur la liste.",
    ):
        assert words in text, words
    assert "quai caché" not in text, "the address is told once the place has said yes"
    await browser.get(f"{page}/oui")
    sent = {"_key": "7f1d6d4e-2b5a-4c55-9d0a-6a8f1d1f0a01"}
    first = await browser.post(f"{page}/oui", sent)
    for late in ("oui", "non"):
        said = (await browser.get(f"{page}/{late}")).text
        assert "Vous avez déjà répondu." in said and "Annuler ma réponse" in said, late
        assert "Vous ne pouvez plus répondre ici" not in said
    again = await browser.post(f"{page}/oui", sent)
    assert first.status_code == again.status_code == 303
    await browser.follow()
    assert "Vous avez dit oui." in browser.text()
    assert "Annuler ma réponse" in browser.text()
    count = "SELECT count(*) FROM referral_state WHERE referral_id = $1 AND verb = 'accept'"
    assert await one(ctx, count, told.referral_id) == 1
    other = await browser.post(f"{page}/oui")
    assert other.status_code == 409
    assert "Cette proposition a changé." in browser.text()
    undone = await browser.post(f"{page}/revenir")
    assert undone.status_code == 303
    assert await one(ctx, "SELECT state FROM referral WHERE id = $1", told.referral_id) == (
        "proposed"
    )


async def test_no_shows_what_this_very_reason_leads_to(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.moussa, "moussa")
    page = f"/essai/fr/proposition/{told.referral}/non"
    await browser.get(page)
    assert "Je préfère ne pas dire pourquoi." in browser.text()
    empty = await browser.post(page, {"words": "Trop de bruit"})
    assert empty.status_code == 422 and "Trop de bruit" in empty.text
    far = {"reason_code": "location", "words": "Trop de bruit"}
    shown = await browser.post(page, far)
    assert shown.status_code == 200
    assert "Deux personnes vont lire votre raison." in browser.text()
    assert await one(ctx, "SELECT state FROM referral WHERE id = $1", told.referral_id) == (
        "proposed"
    )
    silent = {"reason_code": "prefers_not_to_say", "confirmed": "yes"}
    assert (await browser.post(page, silent)).status_code == 303
    assert await one(ctx, "SELECT state FROM referral WHERE id = $1", told.referral_id) == (
        "declined"
    )
    assert await one(ctx, "SELECT state FROM housing_request WHERE id = $1", told.request) == (
        "waiting"
    )
    await browser.get(f"/essai/fr/proposition/{told.referral}")
    assert "Annuler ma réponse" in browser.text()
    await browser.post(f"/essai/fr/proposition/{told.referral}/revenir")
    assert await one(ctx, "SELECT state FROM referral WHERE id = $1", told.referral_id) == (
        "proposed"
    )


async def test_after_the_deadline_one_is_told_to_call(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    ctx.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
    await enter(browser, ctx, told.awa, "awa")
    page = f"/essai/fr/proposition/{told.referral}"
    await browser.get(page)
    assert "Le délai est passé." in browser.text()
    assert "Je veux dire oui" not in browser.text()
    assert (await browser.post(f"{page}/oui")).status_code == 409
    assert "Le délai de réponse est passé" in browser.text()


async def test_a_message_its_due_date_and_its_answer(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    page = "/essai/fr/messages/ecrire"
    assert (await browser.post(page, {"text": " "})).status_code == 422
    assert "Écrivez votre message." in browser.text()
    sent = await browser.post(page, {"text": "Quand ?", "topic": "request", "mood": "3"})
    assert sent.status_code == 303
    await browser.follow()
    assert "Réponse avant le 19 mars 2026" in browser.text()
    row = await one(ctx, "SELECT row(kind, about_kind, about_id)::text FROM exchange")
    assert row == f"(feedback,request,{told.request})"
    async with ctx.unit() as unit:
        await answer(unit, await unit.value("SELECT id FROM exchange"), "Bientôt.")
    home = await browser.get("/essai/fr/")
    assert "Lire une réponse" in browser.text() and "à lire" in browser.text()
    await browser.get("/essai/fr/messages")
    assert "Bientôt." in browser.text() and "Nouvelle réponse" in browser.text()
    await browser.post("/essai/fr/messages")
    await browser.get("/essai/fr/messages")
    assert "Nouvelle réponse" not in browser.text()
    assert home.status_code == 200


async def test_what_one_adult_writes_the_other_never_reads(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    await browser.post("/essai/fr/messages/ecrire", {"text": "Je veux partir seule"})
    await browser.post("/essai/fr/informations", {"text": "Mon nom secret"})
    async with ctx.unit() as unit:
        for exchange in await unit.fetch("SELECT id FROM exchange"):
            await answer(unit, exchange["id"], "Nous vous rappelons")
    await enter(browser, ctx, told.moussa, "moussa")
    for path in ("/", "/parcours", "/messages", "/informations", "/autorisations"):
        page = await browser.get(f"/essai/fr{path}")
        assert page.status_code == 200
        for secret in ("partir seule", "nom secret", "rappelons", "0601020304"):
            assert secret not in page.text, (path, secret)
    assert "Awa" in (await browser.get("/essai/fr/informations")).text


async def test_nothing_of_another_household_opens(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    theirs = await proposed(ctx, await couple_waiting(ctx, family="Voisin"), words="Mot voisin")
    await enter(browser, ctx, told.awa, "awa")
    for path in ("", "/oui", "/non"):
        page = await browser.get(f"/essai/fr/proposition/{theirs.referral}{path}")
        assert page.status_code == 404
        assert "Mot voisin" not in page.text
    for path, values in (
        ("/oui", {}),
        ("/non", {"reason_code": "health", "confirmed": "yes"}),
        ("/revenir", {}),
    ):
        sent = await browser.post(f"/essai/fr/proposition/{theirs.referral}{path}", values)
        assert sent.status_code == 404
    assert await one(ctx, "SELECT state FROM referral WHERE id = $1", theirs.referral_id) == (
        "proposed"
    )


async def test_only_one_s_own_authorisation_can_be_ended(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        for person in (told.awa, told.moussa):
            await unit.fetch(
                "INSERT INTO mandate (person_id, account_id, scope, starts_on, ends_on, given_how) "
                "VALUES ($1, $2, '{read,write}', '2026-01-01', '2026-12-31', 'de vive voix')",
                person,
                ctx.who.account_id,
            )
        rows = await unit.fetch("SELECT id, person_id FROM mandate ORDER BY id")
    mine, theirs = (r["id"] for r in rows)
    await enter(browser, ctx, told.awa, "awa")
    await browser.get("/essai/fr/autorisations")
    assert "Camille Roth" in browser.text() and "Écrire des messages pour vous" in browser.text()
    assert (await browser.post("/essai/fr/autorisations", {"mandate": theirs})).status_code == 404
    assert (await browser.post("/essai/fr/autorisations", {"mandate": mine})).status_code == 303
    await browser.follow()
    assert "Terminée" in browser.text()
    still = "SELECT array_agg(id) FROM mandate WHERE revoked_at IS NULL"
    assert await one(ctx, still) == [theirs]


async def test_leaving_fast_ends_the_session_and_goes_elsewhere(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    kept = browser.client.cookies.get(cookie_name("portal", False))
    left = await browser.post("/essai/fr/quitter", {"quick": "1"})
    assert left.status_code == 200
    assert left.headers["refresh"].startswith("0;url=https://")
    assert "storage" in left.headers["clear-site-data"]
    assert "Seuil" not in left.text
    browser.client.cookies.set(cookie_name("portal", False), kept or "", "127.0.0.1")
    assert (await browser.get("/essai/fr/")).status_code == 303
    await browser.post("/essai/fr/quitter")
    await browser.follow()
    assert "Votre espace est fermé" in browser.text()


@pytest.mark.parametrize("page", ["acces", "vie-privee", "au-revoir", "entrer"])
async def test_open_pages_ask_nothing(ctx: Ctx, browser: Browser, page: str) -> None:
    assert (await browser.get(f"/essai/fr/{page}")).status_code == 200


async def test_a_code_in_the_address_is_not_taken(ctx: Ctx, browser: Browser) -> None:
    page = await browser.get("/essai/fr/entrer?code=7K2MX-9QF4T-H")
    assert 'value="7K2MX' not in page.text


async def test_a_person_in_no_household_is_told_whom_to_call(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE membership SET ends_on = '2026-03-12' WHERE person_id = $1", told.moussa
        )
    await enter(browser, ctx, told.moussa, "moussa")
    for path in ("/", "/parcours", "/messages", "/informations"):
        page = await browser.get(f"/essai/fr{path}")
        assert page.status_code == 200
    assert (await browser.post("/essai/fr/messages/ecrire", {"text": "?"})).status_code == 422
