"""Envois: what did not leave, by whom it may be seen, and what the team does with it."""

from __future__ import annotations

from datetime import date

from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.requests.service import open_request
from core.requests.tests.making import organisation
from core.testing import Browser, counting, make_professional
from core.worker import visit


async def waiting(ctx: Ctx, organisation_id: int | None = None, given: str = "Awa") -> str:
    """Somebody to tell by telephone; the message's reference."""
    async with ctx.unit() as unit:
        person = NewPerson("Diallo", given, date(1985, 4, 3), 2, phone="06 00 00 00 01")
        home = await create_household(unit, [person])
        await open_request(unit, home, organisation_id=organisation_id)
    await visit(ctx)
    async with ctx.unit() as unit:
        ref = await unit.value(
            "SELECT ref FROM outgoing_message WHERE household_id = $1 AND channel = 'sms'", home
        )
    return str(ref)


async def test_without_a_carrier_the_team_is_told_so(ctx: Ctx, browser: Browser) -> None:
    ref = await waiting(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get("/admin/essai/envois")
    assert "Pas d’envoi configuré" in page.text and "À envoyer autrement" in page.text
    assert "Diallo Awa" in page.text and "Réessayer" not in page.text
    letter = await browser.get(f"/admin/essai/envois/{ref}/lettre")
    assert "Il y a du nouveau dans votre espace." in letter.text
    assert "demande" not in browser.text().split("Bonjour")[1].split("STOP")[0].replace(
        "Demandez", ""
    )
    sent = await browser.post(f"/admin/essai/envois/{ref}/dit")
    assert sent.status_code == 303
    await browser.follow()
    assert "Rien n’attend." in browser.text()
    again = await browser.post(f"/admin/essai/envois/{ref}/dit")
    assert again.status_code == 404
    async with ctx.unit() as unit:
        row = await unit.row("SELECT state, settled_by FROM outgoing_message WHERE channel = 'sms'")
        assert row is not None and tuple(row) == ("told", ctx.who.account_id)


async def test_stop_said_to_the_team_stops(ctx: Ctx, browser: Browser) -> None:
    ref = await waiting(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.post(f"/admin/essai/envois/{ref}/stop")).status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT reason FROM stop_messages") == "own_wish"
        state = "SELECT state FROM outgoing_message WHERE channel = 'sms'"
        assert await unit.value(state) == "stopped"


async def test_a_prescriber_sees_its_own_households_alone(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        ours = await organisation(unit, "CCAS Ici")
        theirs = await organisation(unit, "CCAS Ailleurs")
    mine = await waiting(ctx, ours, "Mona")
    other = await waiting(ctx, theirs, "Nora")
    prescriber = await make_professional(ctx, "prescriber", organisation_id=ours)
    await browser.sign_in(ctx, prescriber, "admin")
    page = await browser.get("/admin/essai/envois")
    assert "Mona" in page.text and "Nora" not in page.text
    for path in ("essai", "dit", "stop"):
        sent = await browser.post(f"/admin/essai/envois/{other}/{path}")
        assert sent.status_code == 404, path
    assert (await browser.get(f"/admin/essai/envois/{other}/lettre")).status_code == 404
    assert (await browser.get(f"/admin/essai/envois/{mine}/lettre")).status_code == 200


async def test_it_reads_as_much_for_one_row_as_for_thirty(ctx: Ctx, browser: Browser) -> None:
    await waiting(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get("/admin/essai/envois")
    with counting() as first:
        await browser.get("/admin/essai/envois")
    for number in range(30):
        await waiting(ctx, given=f"A{number}")
    with counting() as many:
        await browser.get("/admin/essai/envois")
    assert len(first) == len(many) <= 4
