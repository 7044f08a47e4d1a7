"""Courriers: ticked, printed, posted, come back, undone; the register and the card's file."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from core.extension.context import Ctx
from core.notifications import post
from core.notifications.tests.test_letters import at_home, to_post
from core.requests.tests.making import listed, organisation
from core.testing import Browser, counting, make_professional
from core.worker import visit

BASE = "/admin/essai/courriers"


async def refs(ctx: Ctx, state: str = "to_print") -> list[str]:
    async with ctx.unit() as unit:
        return [r["ref"] for r in await post.letters(unit, state)]


async def test_a_batch_is_printed_posted_and_one_comes_back(ctx: Ctx, browser: Browser) -> None:
    home, _, ref = await to_post(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get(BASE)
    assert "Awa Diallo" in page.text and "Proposition d’une place" in page.text
    none = await browser.post(f"{BASE}/actes/imprimer", {})
    assert none.status_code == 422 and "Choisissez au moins un courrier." in browser.text()
    sent = await browser.post(f"{BASE}/actes/imprimer", {"letters": await refs(ctx)})
    assert sent.status_code == 303
    await browser.follow()
    batch = str(sent.headers["location"]).rsplit("/", 1)[1]
    file = await browser.get(f"{BASE}/lots/{batch}/pdf")
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["cache-control"] == "no-store"
    assert "Diallo" not in file.headers["content-disposition"]
    said = "".join(p.extract_text() for p in PdfReader(io.BytesIO(file.content)).pages)
    assert "Un lieu vous est proposé" in said
    bad = await browser.post(f"{BASE}/actes/poster", {"letters": [ref], "on": "32/13/2026"})
    assert bad.status_code == 422
    await browser.post(
        f"{BASE}/actes/poster", {"letters": [ref], "batch": batch, "on": "2026-03-12"}
    )
    await browser.follow()
    assert "Posté" in browser.text()
    # Somebody else's screen still shows it as printed: what became of each is said.
    again = await browser.post(
        f"{BASE}/actes/poster", {"letters": [ref], "on": "2026-03-12", "x": "2"}
    )
    assert again.status_code == 409
    page = await browser.get(f"{BASE}/{ref}")
    assert "mot pour mot" in page.text and "Oui, je veux ce lieu." in page.text
    wrong = await browser.post(f"{BASE}/{ref}/retour", {"why": "perdu"})
    assert wrong.status_code == 422
    assert (await browser.post(f"{BASE}/{ref}/retour", {"why": "npai"})).status_code == 303
    await browser.follow()
    assert "de vive voix" in browser.text()
    page = await browser.get("/admin/essai/envois/non-joints")
    assert "Diallo Awa" in page.text
    async with ctx.unit() as unit:
        household = await unit.value("SELECT ref FROM household WHERE id = $1", home)
    page = await browser.get(f"/admin/essai/menages/{household}/envois")
    text = browser.text()
    for words in ("Courrier", "Espace personnel", "n’habite pas à l’adresse", "Camille Roth"):
        assert words in text, words
    assert (await browser.post(f"{BASE}/actes/annuler", {"letters": [ref]})).status_code == 303
    assert await refs(ctx, "posted") == [ref]


async def test_each_row_says_what_became_of_it(ctx: Ctx, browser: Browser) -> None:
    _, _, ref = await to_post(ctx)
    async with ctx.unit() as unit:
        other = await listed(unit, given="Mona", family="Keller")
    home, _ = await at_home(ctx, other)
    async with ctx.unit() as unit:
        unit.record("key_worker.assigned", household_id=home, role="siao")
    await visit(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    both = await refs(ctx)
    assert len(both) >= 2 and ref in both
    await browser.post(f"{BASE}/actes/remettre", {"letters": [ref], "on": "2026-03-12"})
    page = await browser.post(f"{BASE}/actes/imprimer", {"letters": both})
    assert page.status_code == 200
    assert "Déjà remis." in browser.text() and "Fait" in browser.text()


async def test_a_prescriber_sees_and_prints_its_own_alone(ctx: Ctx, browser: Browser) -> None:
    _, _, theirs = await to_post(ctx)
    async with ctx.unit() as unit:
        ours = await organisation(unit, "CCAS Ici")
    prescriber = await make_professional(ctx, "prescriber", organisation_id=ours)
    await browser.sign_in(ctx, prescriber, "admin")
    assert "Awa" not in (await browser.get(BASE)).text
    for path in (f"{BASE}/{theirs}", f"{BASE}/{theirs}/pdf", f"{BASE}/lots/ABC", f"{BASE}?etat=x"):
        assert (await browser.get(path)).status_code == 404, path
    for act in ("imprimer", "poster", "remettre", "annuler", "autre"):
        sent = await browser.post(f"{BASE}/actes/{act}", {"letters": [theirs], "on": "2026-03-12"})
        assert sent.status_code == 404, act
    observer = await make_professional(ctx, "observer")
    browser.client.cookies.clear()
    await browser.sign_in(ctx, observer, "admin")
    assert (await browser.get(BASE)).status_code == 403


async def test_thirty_letters_cost_what_one_does(ctx: Ctx, browser: Browser) -> None:
    await to_post(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(BASE)
    with counting() as first:
        await browser.get(BASE)
    async with ctx.unit() as unit:
        await unit.fetch(
            "INSERT INTO outgoing_message (ref, person_id, household_id, channel, template, state, "
            "created_at, content) SELECT 'COPIE' || n, person_id, household_id, 'letter', template, "
            "'waiting', created_at, content FROM outgoing_message, generate_series(1, 30) n "
            "WHERE channel = 'letter' AND template <> 'notice'"
        )
    with counting() as many:
        page = await browser.get(BASE)
    assert page.text.count("COPIE") >= 30 and len(first) == len(many) <= 4


async def test_a_card_s_file_holds_the_code_just_shown_and_no_other(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        row = await unit.row(
            "SELECT h.ref, p.ref AS person FROM housing_request r JOIN household h "
            "ON h.id = r.household_id JOIN membership m ON m.household_id = h.id "
            "JOIN person p ON p.id = m.person_id WHERE r.id = $1", request_id,
        )  # fmt: skip
    assert row is not None
    at = f"/admin/essai/menages/{row['ref']}/carte/{row['person']}"
    await browser.sign_in(ctx, ctx.who, "admin")
    shown = await browser.post(at)
    code = re.search(r'name="code" value="([^"]+)"', shown.text)
    assert code is not None
    file = await browser.post(f"{at}/pdf", {"code": code[1]})
    assert file.status_code == 200 and file.headers["content-type"] == "application/pdf"
    assert code[1] in PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    for wrong in ("", "AAAAA-AAAAA-0", "x" * 300):
        refused = await browser.post(f"{at}/pdf", {"code": wrong})
        assert refused.status_code == 409, wrong
    await browser.post(at, {"again": "1"})
    assert (await browser.post(f"{at}/pdf", {"code": code[1]})).status_code == 409, "a newer card"


async def test_how_to_reach_somebody_is_noted_with_its_mistakes_said(
    ctx: Ctx, browser: Browser
) -> None:
    home, person, _ = await to_post(ctx)
    async with ctx.unit() as unit:
        household = await unit.value("SELECT ref FROM household WHERE id = $1", home)
        ref = await unit.value("SELECT ref FROM person WHERE id = $1", person)
    at = f"/admin/essai/menages/{household}/personnes/{ref}"
    await browser.sign_in(ctx, ctx.who, "admin")
    wrong = await browser.post(f"{at}/joindre", {"first": "letter", "unsafe": ["letter"]})
    assert wrong.status_code == 422 and "« jamais »" in browser.text()
    assert (await browser.post(f"{at}/joindre", {"first": "pigeon"})).status_code == 422
    sent = await browser.post(f"{at}/joindre", {"unsafe": ["letter"], "note": "Le matin."})
    assert sent.status_code == 303
    await browser.get(at)
    assert "Jamais : Courrier." in browser.text()
    assert await refs(ctx) == [], "what waited by post will be said instead"
    page = await browser.get("/admin/essai/envois/non-joints")
    assert "À dire de vive voix" in page.text
