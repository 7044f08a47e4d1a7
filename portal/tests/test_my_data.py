"""Mes données: all that is held of me, as a page and as a file; never to who acts for me."""

from __future__ import annotations

import json

from core.extension.context import Ctx
from core.households.service import write_note
from core.notifications.service import write
from core.testing import Browser
from portal.tests.story import couple_waiting, enter, proposed


async def test_i_read_and_take_all_that_is_mine(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx))
    async with ctx.unit() as unit:
        await write(unit, told.household, told.awa, "message", "Ondine message")
        await write(unit, told.household, told.moussa, "message", "Basalte message")
        await write_note(unit, told.household, "Ondine note", field_class="health",
                         person_id=told.awa)  # fmt: skip
    await enter(browser, ctx, told.awa, "awa")
    page = await browser.get("/essai/fr/informations")
    assert 'href="/essai/fr/donnees"' in page.text
    page = await browser.get("/essai/fr/donnees")
    assert page.status_code == 200
    for said in ("Ondine message", "Ondine note", "Maison du quai", "Personne principale",
                 "12 mars 2026", "Un lieu calme."):  # fmt: skip
        assert said in browser.text(), said
    for hidden in ("Basalte", "Moussa", "quai caché"):
        assert hidden not in page.text, hidden
    sent = await browser.get("/essai/fr/donnees/fichier")
    assert sent.headers["content-disposition"].startswith("attachment; filename=")
    held = json.loads(sent.content)
    assert held["Copie des données de"] == "Awa Diallo" and held["Territoire"] == "Essai"
    assert held["Contenu"]["Vos messages et leurs réponses"][0]["Texte"] == "Ondine message"
    assert "Basalte" not in sent.text and "Moussa" not in sent.text


async def test_its_frame_is_in_the_reader_s_language(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa", lang="en")
    page = await browser.get("/essai/en/donnees")
    assert "Download everything about me" in page.text and '<div lang="fr" dir="ltr">' in page.text


async def test_nobody_else_comes_in(ctx: Ctx, browser: Browser) -> None:
    await couple_waiting(ctx)
    for path in ("/donnees", "/donnees/fichier"):
        assert (await browser.get(f"/essai/fr{path}")).status_code in (302, 303, 401)
