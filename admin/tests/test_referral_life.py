"""Pages around a referral: procedures, visits, what the structure will see, alerts, files, chains."""

from __future__ import annotations

from datetime import date, timedelta

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.placements.procedures import seed_procedures
from core.placements.service import answer, ask_visit, find_stalled, move_in
from core.placements.tests.making import admitted, place, proposed, structure
from core.testing import Browser, counting, make_professional

HOME = "/admin/essai"
TODAY = date(2026, 3, 12)

PROCEDURE = {
    "plain": "Le lieu répond.",
    "decides": "structure",
    "why": "Essai",
    "starts_on": "2026-04-01",
    "household_days": 7,
    "structure_days": 9,
    "preadmission_days": 20,
    "stall_days": 4,
    "grace_days": 5,
}


async def ref_of(ctx: Ctx, referral_id: int) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value("SELECT ref FROM referral WHERE id = $1", referral_id))


async def test_a_procedure_is_written_refused_and_read_by_somebody_else(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        await structure(unit)
        await seed_procedures(unit)
    first = await make_professional(ctx, "coordinator", name="Auteur")
    second = await make_professional(ctx, "administrator", name="Relecture")
    page = f"{HOME}/reglages/procedures/chrs"
    await browser.sign_in(ctx, first, "admin")
    await browser.get(page)
    assert "Autonomie insuffisante" not in browser.text()
    bad = await browser.post(page, {**PROCEDURE, "conditions": "Être prêt au logement"})
    assert bad.status_code == 422 and "ne peut pas être une condition" in bad.text
    forged = await browser.post(page, {**PROCEDURE, "papers": "lawful_stay"})
    assert forged.status_code == 422 and "La loi ne demande pas de titre de séjour" in forged.text
    crossed = await browser.post(page, {**PROCEDURE, "starts_on": "1999-01-01"})
    assert crossed.status_code == 422 and "après celle en vigueur" in crossed.text
    held = await browser.post(page, {**PROCEDURE, "steps": "La personne est prête à habiter."})
    assert held.status_code == 303
    await browser.follow()
    assert "attend une seconde lecture" in browser.text()
    own = await browser.post(f"{page}/relecture", {"decision": "confirmer"})
    assert own.status_code == 409 and "Une autre personne" in own.text
    await browser.sign_in(ctx, second, "admin")
    done = await browser.post(f"{page}/relecture", {"decision": "confirmer"})
    assert done.status_code == 303
    await browser.get(page)
    assert "relue par Relecture" in " ".join(browser.text().split())


async def test_everybody_reads_the_same_procedure(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        organisation_id, _ = await structure(unit)
        await seed_procedures(unit)
    texts = set()
    for role, organisation in (("prescriber", organisation_id), ("structure", organisation_id),
                               ("social_worker", None)):  # fmt: skip
        who = await make_professional(ctx, role, name=role, organisation_id=organisation)
        await browser.sign_in(ctx, who, "admin")
        page = await browser.get(f"{HOME}/procedures/chrs")
        texts.add(page.text.split("<main")[1].split("</main>")[0])
    assert len(texts) == 1


async def test_a_visit_is_noted_fixed_and_closed_by_the_team(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
    page = f"{HOME}/orientations/{await ref_of(ctx, referral_id)}"
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(f"{page}/visite", {"wish": "Le matin"})
    await browser.follow()
    assert "délai arrêté" in browser.text() and "Le matin" in browser.text()
    past = await browser.post(f"{page}/visite/date", {"visit_on": "2026-03-01", "visit_time": "9h"})
    assert past.status_code == 422 and "à venir" in past.text
    noon = await browser.post(f"{page}/visite/date", {"visit_on": "2026-03-14", "visit_time": "xx"})
    assert noon.status_code == 422
    fixed = {"visit_on": "2026-03-14", "visit_time": "14:30", "meeting": "À l’accueil"}
    await browser.post(f"{page}/visite/date", fixed)
    await browser.follow()
    assert "14:30" in browser.text() and "À l’accueil" in browser.text()
    early = await browser.post(f"{page}/visite/fin", {"outcome": "held"})
    assert early.status_code == 409 and "pas encore eu lieu" in early.text
    clock.advance(timedelta(days=3))
    await browser.sign_in(ctx, ctx.who, "admin")
    ended = await browser.post(f"{page}/visite/fin", {"outcome": "held"})
    assert ended.status_code == 303
    await browser.follow()
    assert "délai arrêté" not in browser.text()


async def test_what_the_structure_will_see_is_shown_before_sending(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        await seed_procedures(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
    page = f"{HOME}/orientations/{await ref_of(ctx, referral_id)}"
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(f"{page}/envoyer")
    text = browser.text()
    assert "Ce que la structure verra" in text and "Diallo Awa" in text
    assert "Nombre de personnes" in text and "Ressources mensuelles" not in text
    await browser.post(f"{page}/envoyer", {})
    who = await make_professional(ctx, "structure", organisation_id=organisation_id)
    await browser.sign_in(ctx, who, "admin")
    await browser.get(page)
    assert "Nombre de personnes" in browser.text() and "Ancienneté" not in browser.text()


async def test_a_stall_is_on_both_homes_until_it_is_read(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
    clock.advance(timedelta(days=9))
    async with ctx.unit() as unit:
        assert await find_stalled(unit) == 1
    page = f"{HOME}/orientations/{await ref_of(ctx, referral_id)}"
    theirs = await make_professional(ctx, "structure", organisation_id=organisation_id)
    for who, key in ((ctx.who, "orientations-arretees"), (theirs, "a-repondre-vite")):
        await browser.sign_in(ctx, who, "admin")
        listed = await browser.get(f"{HOME}/a-faire/{key}")
        assert page in listed.text
        await browser.get(page)
        assert "Cette orientation n’avance plus." in browser.text()
        await browser.post(f"{page}/alerte", {})
        await browser.follow()
        assert "Cette orientation n’avance plus." not in browser.text()
        assert page not in (await browser.get(f"{HOME}/a-faire/{key}")).text


async def test_a_reason_that_asks_for_evidence_is_given_with_it(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, kind="residence_sociale")
        referral_id = await proposed(unit, programme_id, kind="residence_sociale")
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
    page = f"{HOME}/orientations/{await ref_of(ctx, referral_id)}/refuser"
    values = {"reason_code": "insufficient_resources", "words": "Trop cher"}
    await browser.sign_in(ctx, ctx.who, "admin")
    missing = await browser.post(page, values)
    assert missing.status_code == 422 and "noter ce qui a été montré" in missing.text
    shown = await browser.post(page, {**values, "evidence": "Calcul du 3 mars"})
    assert shown.status_code == 200 and "Calcul du 3 mars" in shown.text
    full = {**values, "evidence": "Calcul du 3 mars", "confirmed": "yes"}
    assert (await browser.post(page, full)).status_code == 303


async def test_a_move_shows_the_chain_it_begins(ctx: Ctx, browser: Browser) -> None:
    from core.requests.service import recommend
    from core.requests.tests.making import listed

    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, name="Foyer du Quai")
        first = await admitted(unit, programme_id)
        request = await unit.value("SELECT request_id FROM referral WHERE id = $1", first)
        await recommend(unit, request, [("chrs", 2, ""), ("pension_de_famille", 2, "")])
        await move_in(unit, first, on=TODAY)
        _, home = await structure(unit, kind="pension_de_famille")
        vacancy_id = await place(unit, home)
        vacancy = await unit.value("SELECT ref FROM vacancy WHERE id = $1", vacancy_id)
        asks = await unit.value("SELECT ref FROM housing_request WHERE id = $1", request)
        await listed(unit, family="Attendue")
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(f"{HOME}/places/{vacancy}/proposer?demande={asks}")
    text = browser.text()
    assert "Ce que cette entrée libérerait" in text and "Foyer du Quai" in text
    assert "Attendue" in text


async def test_a_file_of_places_is_tried_then_declared(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        unit_id = await place(unit, programme_id, free=False)
        ref = await unit.value("SELECT ref FROM housing_unit WHERE id = $1", unit_id)
    await browser.sign_in(ctx, ctx.who, "admin")
    lines = f'[{{"number": 2, "reference": "{ref}", "free_on": "12/03/2026"}}]'
    nothing = await browser.post(f"{HOME}/places/fichier", {})
    assert nothing.status_code == 422 and "Choisissez un fichier." in nothing.text
    forged = await browser.post(f"{HOME}/places/fichier/declarer", {"lines": "[{"})
    assert forged.status_code == 422
    done = await browser.post(f"{HOME}/places/fichier/declarer", {"lines": lines})
    assert done.status_code == 200 and "Déclarée libre." in done.text
    again = await browser.post(f"{HOME}/places/fichier/declarer", {"lines": lines})
    assert "Déjà déclarée libre" in again.text


async def test_works_are_declared_with_the_place_and_crossed_days_refused(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        unit_id = await place(unit, programme_id, free=False)
        ref = await unit.value("SELECT ref FROM housing_unit WHERE id = $1", unit_id)
    await browser.sign_in(ctx, ctx.who, "admin")
    values = {"place": ref, "free_on": "2026-03-20"}
    crossed = await browser.post(f"{HOME}/places/declarer", {**values, "works_until": "2026-03-15"})
    assert crossed.status_code == 422 and "avant le jour où la place est libre" in crossed.text
    await browser.post(f"{HOME}/places/declarer", {**values, "works_until": "2026-04-15"})
    await browser.follow()
    assert "Gelée" in browser.text()
    twice = await browser.post(f"{HOME}/places/declarer", values)
    assert twice.status_code == 409 and "gelée pour travaux jusqu’au 15/04/2026" in twice.text


async def test_the_page_of_a_referral_reads_as_much_for_one_step_as_for_thirty(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        await ask_visit(unit, referral_id)
    page = f"{HOME}/orientations/{await ref_of(ctx, referral_id)}"
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(page)
    with counting() as one:
        await browser.get(page)
    async with ctx.unit() as unit:
        await unit.fetch(
            "INSERT INTO referral_visit (referral_id, state, asked_at) "
            "SELECT $1, 'cancelled', $2 FROM generate_series(1, 30)",
            referral_id,
            unit.now,
        )
    with counting() as many:
        await browser.get(page)
    assert len(one) == len(many)
