"""Before a yes or a no: the visit, the question, the delay that stands still; why, and how to
contest; all without script."""

from __future__ import annotations

from datetime import timedelta

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.notifications.service import answer as answer_message
from core.placements.procedures import seed_procedures
from core.placements.service import answer, end_visit, judge_refusal, plan_visit
from core.testing import Browser, make_professional
from portal.tests.story import couple_waiting, enter, proposed


async def test_a_visit_is_asked_and_the_delay_says_that_it_stands_still(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        await seed_procedures(unit)
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.awa, "awa")
    page = f"/essai/fr/proposition/{told.referral}"
    await browser.get(page)
    text = browser.text()
    assert "Comment cela se passe" in text and "L’équipe du lieu" in text
    assert "7 jours au plus" in text and "Visiter d’abord" in text
    await browser.get(f"{page}/visite")
    assert "Votre délai est arrêté jusqu’à la visite." in browser.text()
    asked = await browser.post(f"{page}/visite", {"wish": "Le matin"})
    assert asked.status_code == 303
    await browser.follow()
    assert "L’équipe cherche une date." in browser.text()
    assert "Votre délai est arrêté. Il reprendra après." in browser.text()
    again = await browser.post(f"{page}/visite", {"wish": "Encore"})
    assert again.status_code == 409
    async with ctx.unit() as unit:
        await plan_visit(unit, told.referral_id, unit.now + timedelta(days=2), "Devant la porte")
    await browser.get(page)
    assert "La visite est fixée." in browser.text() and "Devant la porte" in browser.text()
    clock.advance(timedelta(days=3))
    async with ctx.unit() as unit:
        await end_visit(unit, told.referral_id, "held")
    await enter(browser, ctx, told.awa, "awa")
    await browser.get(page)
    assert "Répondez avant le" in browser.text() and "Votre visite" not in browser.text()


async def test_a_visit_is_called_off_by_who_asked_for_it(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.awa, "awa")
    page = f"/essai/fr/proposition/{told.referral}"
    await browser.post(f"{page}/visite", {})
    await browser.get(page)
    off = await browser.post(f"{page}/visite/annuler", {})
    assert off.status_code == 303
    await browser.follow()
    assert "Répondez avant le" in browser.text()


async def test_what_one_adult_asks_is_not_shown_to_the_other(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    await enter(browser, ctx, told.awa, "awa")
    page = f"/essai/fr/proposition/{told.referral}"
    empty = await browser.post(f"{page}/question", {"text": "  "})
    assert empty.status_code == 422
    sent = await browser.post(f"{page}/question", {"text": "Y a-t-il un lit séparé ?"})
    assert sent.status_code == 303
    await browser.get(page)
    assert "Y a-t-il un lit séparé ?" in browser.text()
    async with ctx.unit() as unit:
        asked = await unit.value("SELECT id FROM exchange WHERE about_id = $1", told.referral_id)
        await answer_message(unit, asked, "Oui, deux lits.")
    await browser.get(page)
    assert "Oui, deux lits." in browser.text() and "Répondez avant le" in browser.text()
    await enter(browser, ctx, told.moussa, "moussa")
    await browser.get(page)
    assert "lit séparé" not in browser.text() and "deux lits" not in browser.text()


async def test_a_refusal_says_why_and_how_to_contest(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    async with ctx.unit() as unit:
        await answer(unit, told.referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, told.referral_id, "send")
        await answer(
            unit, told.referral_id, "refuse", reason_code="unsuitable_size", words="Trop petit"
        )
    await enter(browser, ctx, told.awa, "awa")
    await browser.get(f"/essai/fr/proposition/{told.referral}")
    text = browser.text()
    assert "Le lieu n’a pas la bonne taille." in text and "Trop petit" in text
    assert "Si vous n’êtes pas d’accord" in text
    assert "Vous pouvez demander un nouvel examen." in text and "12 mai 2026" in text


async def test_a_refusal_held_against_a_household_is_announced_with_its_remedy(
    ctx: Ctx, browser: Browser
) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    second = ctx.acting(await make_professional(ctx, "coordinator", name="Deuxième avis"))
    async with ctx.unit() as unit:
        await answer(
            unit, told.referral_id, "decline", reason_code="location", words="Dit", oral=True
        )
        await judge_refusal(unit, told.referral_id, admissible=False, words="Proche de tout")
    await enter(browser, ctx, told.awa, "awa")
    page = f"/essai/fr/proposition/{told.referral}"
    await browser.get(page)
    assert "Si vous n’êtes pas d’accord" not in browser.text()
    async with second.unit() as unit:
        await judge_refusal(unit, told.referral_id, admissible=False, words="Même avis")
    await browser.get(page)
    text = browser.text()
    assert "Deux personnes ont lu votre raison" in text
    assert "Vous pouvez demander un nouvel examen." in text
