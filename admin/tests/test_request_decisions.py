"""Demandes decided, listed, referred, paused and taken up again, in the back-office."""

from __future__ import annotations

from datetime import timedelta

from admin.tests.request_pages import HOME, TODAY, ref_of, state_of
from core.extension.context import Ctx
from core.placements.seeding import seed_reasons
from core.requests.tests.making import listed, sent
from core.testing import Browser, make_professional


async def test_a_refusal_is_previewed_then_confirmed_with_its_remedies(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        await seed_reasons(unit)
        ref_id = await sent(unit)
    ref = await ref_of(ctx, ref_id)
    page = await browser.get(f"{HOME}/demandes/{ref}/decision")
    assert "Valider et inscrire en liste" in page.text
    page = await browser.post(f"{HOME}/demandes/{ref}/decision", {"outcome": "refuse"})
    assert page.status_code == 422 and "Choisissez un motif." in page.text
    form = {"outcome": "refuse", "reason_code": "outside_scope", "reason": "Autre département"}
    page = await browser.post(f"{HOME}/demandes/{ref}/decision", form)
    assert page.status_code == 200
    assert "Votre demande ne relève pas de notre service." in page.text
    assert "12 mai 2026" in page.text
    assert await state_of(ctx, ref) == "sent"
    answer = await browser.post(f"{HOME}/demandes/{ref}/decision", {**form, "then": "confirmer"})
    assert answer.status_code == 303, browser.text()
    assert await state_of(ctx, ref) == "refused"
    page = await browser.follow()
    assert "Réexamen par le SIAO" in page.text
    page = await browser.post(
        f"{HOME}/demandes/{ref}/actes/reexaminer", {"reason": "Nouveaux éléments"}
    )
    assert page.status_code == 422 and "Cochez la case" in page.text
    await browser.post(
        f"{HOME}/demandes/{ref}/actes/reexaminer", {"reason": "Nouveaux éléments", "stated": "yes"}
    )
    assert await state_of(ctx, ref) == "in_review"


async def test_adjourned_waits_for_items_until_a_date(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref_id = await sent(unit)
    ref = await ref_of(ctx, ref_id)
    form = {
        "outcome": "adjourn", "items": "Un document d’identité", "other_items": "Le bail",
        "due_on": (TODAY + timedelta(days=20)).isoformat(), "then": "confirmer",
    }  # fmt: skip
    answer = await browser.post(f"{HOME}/demandes/{ref}/decision", form)
    assert answer.status_code == 303, browser.text()
    page = await browser.follow()
    assert "Le bail" in page.text and "1er avril 2026" in page.text
    page = await browser.get(f"{HOME}/demandes?file=ajournees")
    assert "Diallo" in page.text


async def test_validated_and_listed_then_paused_tried_and_moved(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref_id = await sent(unit)
    ref = await ref_of(ctx, ref_id)
    await browser.post(
        f"{HOME}/demandes/{ref}/decision", {"outcome": "validate_and_list", "then": "confirmer"}
    )
    assert await state_of(ctx, ref) == "waiting"
    page = await browser.get(f"{HOME}/listes/chrs")
    assert "Diallo" in page.text
    entry = f"{HOME}/listes/chrs/{ref}"
    assert (await browser.get(entry)).status_code == 200
    refused = await browser.post(f"{entry}/actes/pause", {})
    assert refused.status_code == 422
    await browser.post(f"{entry}/actes/pause", {"reason": "Hospitalisée"})
    page = await browser.get(entry)
    assert "En pause" in page.text
    page = await browser.post(f"{entry}/actes/pause", {"reason": "Encore"})
    assert page.status_code == 409 and "Impossible depuis" in page.text
    await browser.post(f"{entry}/actes/reprise", {})
    await browser.post(f"{entry}/essais", {"channel": "phone", "outcome": "no_answer"})
    page = await browser.get(entry)
    assert "Pas de réponse" in page.text
    answer = await browser.post(
        f"{entry}/anciennete",
        {"after": "2025-01-05", "why": "correction", "seniority_reason": "Saisie fausse"},
    )
    assert answer.status_code == 303, browser.text()
    page = await browser.follow()
    assert "5 janvier 2025" in page.text


async def test_a_social_worker_does_not_move_a_seniority(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        ref_id = await listed(unit)
    ref = await ref_of(ctx, ref_id)
    await browser.sign_in(ctx, await make_professional(ctx, "social_worker"), "admin")
    page = await browser.get(f"{HOME}/listes/chrs/{ref}")
    assert "Changer l’ancienneté" not in page.text
    answer = await browser.post(f"{HOME}/listes/chrs/{ref}/anciennete", {"after": "2025-01-05"})
    assert answer.status_code == 403


async def test_validated_and_referred_to_a_free_place(ctx: Ctx, browser: Browser) -> None:
    from core.matching.tests.test_lists import vacancy

    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref_id = await sent(unit)
        place = await vacancy(unit)
        vacancy_ref = await unit.value("SELECT ref FROM vacancy WHERE id = $1", place)
    ref = await ref_of(ctx, ref_id)
    form = {"outcome": "validate_and_refer", "vacancy": vacancy_ref}
    page = await browser.post(f"{HOME}/demandes/{ref}/decision", form)
    assert "Nous vous proposons un lieu" in page.text
    answer = await browser.post(f"{HOME}/demandes/{ref}/decision", {**form, "then": "confirmer"})
    assert answer.status_code == 303, browser.text()
    assert await state_of(ctx, ref) == "referred"
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM vacancy WHERE id = $1", place) == "held"
        late_id = await sent(unit, family="Trop tard")
    other = await ref_of(ctx, late_id)
    late = await browser.post(f"{HOME}/demandes/{other}/decision", {**form, "then": "confirmer"})
    assert late.status_code == 409 and "plus libre" in late.text
    assert await state_of(ctx, other) == "sent"


async def test_suspended_resumed_cancelled_and_reactivated(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    ref = await ref_of(ctx, request_id)
    for slug, state in (
        ("suspendre", "suspended"),
        ("reprendre", "waiting"),
        ("annuler", "cancelled"),
        ("reactiver-en-liste", "waiting"),
    ):
        page = await browser.get(f"{HOME}/demandes/{ref}/actes/{slug}")
        assert page.status_code == 200 and "Le ménage lira" in page.text
        answer = await browser.post(f"{HOME}/demandes/{ref}/actes/{slug}", {"reason": "Voyage"})
        assert answer.status_code == 303, browser.text()
        assert await state_of(ctx, ref) == state
    page = await browser.post(f"{HOME}/demandes/{ref}/actes/prendre-en-charge", {})
    assert page.status_code == 409 and "Impossible depuis" in page.text
