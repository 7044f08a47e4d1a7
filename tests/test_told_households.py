"""A separation, a coming of age and a death, as each adult then reads them on the portal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.accounts.service import issue_code
from core.extension.context import Ctx
from core.households.changes import LifeEvent
from core.households.service import NewPerson, create_household, set_situation
from core.kernel.clock import StillClock
from core.kernel.errors import Refused
from core.notifications.service import answer, write
from core.requests.service import live_event, open_request
from core.testing import Browser
from core.worker import visit
from portal.tests.story import Told, couple_waiting, enter, one

PAGES = ("/", "/parcours", "/messages", "/informations", "/autorisations")
SENIORITY = "SELECT seniority_on FROM housing_request WHERE household_id = $1"


async def everything(browser: Browser) -> str:
    """All that a signed-in resident can read."""
    read = []
    for path in PAGES:
        page = await browser.get(f"/essai/fr{path}")
        assert page.status_code == 200, path
        read.append(page.text)
    return " ".join(read)


async def separated(ctx: Ctx, clock: StillClock) -> tuple[Told, int]:
    """Awa and Moussa waited for two months, each confided something, and separated: whose new
    household."""
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        for person, words in ((told.awa, "Secret d’Awa."), (told.moussa, "Secret de Moussa.")):
            exchange = await write(unit, told.household, person, "message", words)
            await answer(unit, exchange, f"Réponse à : {words}")
    clock.set(clock.now() + timedelta(days=60))
    async with ctx.unit() as unit:
        lived = await live_event(
            unit, told.household, LifeEvent("separation", unit.today, told.moussa)
        )
    await visit(ctx)
    return told, lived.households["new"]


async def test_after_a_separation_each_keeps_the_date_and_their_own(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    told, other = await separated(ctx, clock)
    before = await one(ctx, SENIORITY, told.household)
    assert before == date(2026, 3, 12) and await one(ctx, SENIORITY, other) == before
    entries = await one(
        ctx,
        "SELECT array_agg(DISTINCT e.seniority_on) FROM waiting_entry e "
        "JOIN housing_request r ON r.id = e.request_id WHERE r.household_id = $1",
        other,
    )
    assert entries == [before]
    # New facts of Awa's, after it: a home, a message, its answer, a step of her demande.
    clock.set(clock.now() + timedelta(days=2))
    async with ctx.unit() as unit:
        await set_situation(unit, told.awa, 32, starts_on=unit.today)
        exchange = await write(unit, told.household, told.awa, "message", "Nouvelle d’Awa.")
        await answer(unit, exchange, "Nouvelle réponse à Awa.")
        unit.record("shelter.handed", household_id=told.household)
    await visit(ctx)

    await enter(browser, ctx, told.moussa, "moussa")
    his = await everything(browser)
    assert "12 mars 2026" in his, "the original date of registration"
    assert "Secret de Moussa." in his
    for hers in ("Secret d’Awa", "Nouvelle d’Awa", "réponse à Awa", "Le 115 connaît", "Awa"):
        assert hers not in his, hers
    assert "Vous demandez seul·e." in his

    browser.client.cookies.clear()
    await enter(browser, ctx, told.awa, "awa")
    hers = await everything(browser)
    assert "12 mars 2026" in hers and "Nouvelle d’Awa." in hers and "Le 115 connaît" in hers
    assert "Secret de Moussa" not in hers and "Moussa" not in hers


async def test_a_proposal_to_one_is_not_the_other_s(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    from portal.tests.story import proposed

    told, _ = await separated(ctx, clock)
    await proposed(ctx, told)
    await enter(browser, ctx, told.moussa, "moussa")
    assert (await browser.get(f"/essai/fr/proposition/{told.referral}")).status_code == 404
    assert "Lire la proposition" not in (await everything(browser))


async def test_who_turned_18_has_an_access_and_reads_no_parent(ctx: Ctx, browser: Browser) -> None:
    born = date(2008, 3, 10)
    async with ctx.unit() as unit:
        home = await create_household(
            unit,
            [
                NewPerson("Keller", "Anne", date(1979, 1, 9), 2),
                NewPerson("Keller", "Lucas", born, 1, role="child"),
            ],
        )
        await open_request(unit, home, reason_code=205)
        rows = await unit.fetch(
            "SELECT person_id FROM membership WHERE household_id = $1 ORDER BY id", home
        )
        anne, lucas = (r["person_id"] for r in rows)
        exchange = await write(unit, home, anne, "message", "Confidence d’Anne.")
        await answer(unit, exchange, "Réponse pour Anne.")
        await live_event(unit, home, LifeEvent("turns_18", unit.today, lucas))
    await visit(ctx)
    offered = "SELECT person_id FROM event WHERE kind = 'household.access_to_offer'"
    assert await one(ctx, offered) == lucas
    await browser.sign_in(ctx, ctx.who, "admin")
    ref = await one(ctx, "SELECT ref FROM household WHERE id = $1", home)
    person = await one(ctx, "SELECT ref FROM person WHERE id = $1", lucas)
    card = await browser.post(f"/admin/essai/menages/{ref}/carte/{person}")
    assert card.status_code == 200 and "Votre code" in card.text
    browser.client.cookies.clear()
    async with ctx.unit() as unit:
        code, _ = await issue_code(unit, lucas, ctx.settings.secret_key)
    sent = await browser.post(
        "/essai/fr/entrer",
        {"code": code, "birth_date_day": 10, "birth_date_month": 3, "birth_date_year": 2008},
    )
    assert sent.status_code == 303
    his = await everything(browser)
    assert "Lucas" in his and "Confidence" not in his and "Réponse pour Anne" not in his
    await browser.post("/essai/fr/messages/ecrire", {"text": "Mot de Lucas."})
    async with ctx.unit() as unit:
        assert await unit.value("SELECT person_id FROM exchange ORDER BY id DESC LIMIT 1") == lucas
        code, _ = await issue_code(unit, anne, ctx.settings.secret_key)
    browser.client.cookies.clear()
    await browser.post(
        "/essai/fr/entrer",
        {"code": code, "birth_date_day": 9, "birth_date_month": 1, "birth_date_year": 1979},
    )
    hers = await everything(browser)
    assert "Confidence d’Anne." in hers and "Mot de Lucas." not in hers


async def test_a_death_shuts_every_way_to_that_person_at_once(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await visit(ctx)
    left = (
        "SELECT count(*) FROM outgoing_message WHERE person_id = $1 AND channel <> 'portal' "
        "AND state IN ('waiting', 'failed')"
    )
    assert await one(ctx, left, told.moussa) == 1 and await one(ctx, left, told.awa) == 1
    await enter(browser, ctx, told.moussa, "moussa")
    assert (await browser.get("/essai/fr/")).status_code == 200
    async with ctx.unit() as unit:
        await live_event(unit, told.household, LifeEvent("death", unit.today, told.moussa))
    assert (await browser.get("/essai/fr/")).status_code == 303
    assert await one(ctx, left, told.moussa) == 0 and await one(ctx, left, told.awa) == 1
    sent = "SELECT count(*) FROM outgoing_message WHERE person_id = $1"
    before = await one(ctx, sent, told.moussa)
    async with ctx.unit() as unit:
        unit.record("request.refreshed", household_id=told.household)
        unit.record("shelter.handed", household_id=told.household, person_id=told.moussa)
    await visit(ctx)
    assert await one(ctx, sent, told.moussa) == before
    assert await one(ctx, "SELECT state FROM outgoing_message ORDER BY id DESC LIMIT 1")
    async with ctx.unit() as unit:
        with pytest.raises(Refused):
            await issue_code(unit, told.moussa, ctx.settings.secret_key)
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get("/admin/essai/envois")
    assert "Moussa" not in page.text and "Awa" in page.text
