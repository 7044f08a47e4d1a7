"""The team finds what waits for an answer, keeps a draft, answers once; others see nothing."""

from __future__ import annotations

from typing import Any

from core.extension.context import Ctx
from core.notifications.service import write
from core.requests.tests.making import listed
from core.testing import Browser, counting, make_professional


async def a_message(ctx: Ctx, text: str = "Quand ?", family: str = "Diallo") -> str:
    """A household on a list writes about its demande. Returns the message's ref."""
    async with ctx.unit() as unit:
        if not await unit.value("SELECT count(*) FROM housing_kind"):
            from core.housing.service import seed_kinds

            await seed_kinds(unit)
        request = await listed(unit, family=family)
        household = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request
        )
        person = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1", household
        )
        exchange = await write(unit, household, person, "message", text, ("request", request))
        return str(await unit.value("SELECT ref FROM exchange WHERE id = $1", exchange))


async def value(ctx: Ctx, sql: str) -> Any:
    async with ctx.unit() as unit:
        return await unit.value(sql)


async def test_a_message_is_found_drafted_and_answered_once(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get("/admin/essai/messages")
    assert "Aucun message n’attend de réponse." in browser.text()
    ref = await a_message(ctx)
    await browser.get("/admin/essai/messages")
    assert "Diallo" in browser.text() and "19 mars 2026" in browser.text()
    page = f"/admin/essai/messages/{ref}"
    await browser.get(page)
    assert "La demande" in browser.text() and "En liste d’attente" in browser.text()
    await browser.post(page, {"answer": "Bientô", "act": "draft"})
    await browser.get(page)
    assert "Bientô</textarea>" in browser.last.text  # type: ignore[union-attr]
    saved = await browser.post(
        f"{page}/brouillon", {"answer": "Bientôt"}, headers={"HX-Request": "true"}
    )
    assert saved.status_code == 200 and "Brouillon gardé." in saved.text
    assert (await browser.post(page, {"answer": ""})).status_code == 422
    sent = {"answer": "Bientôt, jeudi.", "_key": "7f1d6d4e-2b5a-4c55-9d0a-6a8f1d1f0a01"}
    assert (await browser.post(page, sent)).status_code == 303
    assert (await browser.post(page, sent)).status_code == 303
    assert await value(ctx, "SELECT answer FROM exchange") == "Bientôt, jeudi."
    assert await value(ctx, "SELECT count(*) FROM event WHERE kind = 'message.answered'") == 1
    late = await browser.post(page, {"answer": "Ou vendredi"})
    assert late.status_code == 422
    assert "Ou vendredi" in late.text and "Ce message a déjà une réponse." in browser.text()
    await browser.get("/admin/essai/messages?etat=repondus")
    assert "Diallo" in browser.text()


async def test_the_queue_reads_as_much_for_one_as_for_thirty(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await a_message(ctx)
    await browser.get("/admin/essai/messages")
    with counting() as few:
        await browser.get("/admin/essai/messages")
    for n in range(30):
        await a_message(ctx, family=f"Famille{n}")
    with counting() as many:
        whole = await browser.get("/admin/essai/messages")
    assert len(few) == len(many)
    part = await browser.get("/admin/essai/messages", headers={"HX-Request": "true"})
    assert part.text.strip() in whole.text


async def test_the_messages_of_others_stay_theirs(ctx: Ctx, browser: Browser) -> None:
    ref = await a_message(ctx, "Confidence")
    async with ctx.unit() as unit:
        elsewhere = await unit.value(
            "INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Ailleurs') RETURNING id"
        )
    for role, status in (("prescriber", 404), ("structure", 403), ("observer", 403)):
        organisation = elsewhere if role != "observer" else None
        other = await make_professional(ctx, role, organisation_id=organisation)
        await browser.sign_in(ctx, other, "admin")
        page = await browser.get(f"/admin/essai/messages/{ref}")
        assert page.status_code == status
        assert "Confidence" not in page.text
        listing = await browser.get("/admin/essai/messages")
        assert "Confidence" not in listing.text
        assert (
            await browser.post(f"/admin/essai/messages/{ref}", {"answer": "x"})
        ).status_code in (
            403,
            404,
        )
    assert await value(ctx, "SELECT answer FROM exchange") is None
