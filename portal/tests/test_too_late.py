"""What comes too late or to the wrong door: nothing typed is lost, each page says what to do."""

from __future__ import annotations

import pytest

from core.extension.context import Ctx
from core.testing import Browser
from portal.tests.story import couple_waiting, enter

WRITTEN = "Ma mère est <malade> & je dois partir."


@pytest.mark.parametrize("path", ["/messages/ecrire", "/informations"])
async def test_words_sent_too_late_are_shown_back(ctx: Ctx, browser: Browser, path: str) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa")
    await browser.get(f"/essai/fr{path}")
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM session")
    page = await browser.post(f"/essai/fr{path}", {"text": WRITTEN})
    assert page.status_code == 401
    assert "Ma mère est &lt;malade&gt; &amp; je dois partir." in page.text
    assert "Vos mots ne sont pas partis." in browser.text()
    assert 'href="/essai/fr/entrer">' in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_click_that_comes_too_late_leads_to_the_door(ctx: Ctx, browser: Browser) -> None:
    await browser.get("/essai/fr/entrer")
    page = await browser.post("/essai/fr/messages", {})
    assert page.status_code == 303 and page.headers["location"].startswith("/essai/fr/entrer")


@pytest.mark.parametrize(
    ("path", "lang", "title"),
    [
        ("/essai/ar/nulle-part", "ar", "الصفحة غير موجودة"),
        ("/essai/en/nulle-part", "en", "Page not found"),
        ("/essai/nl/messages", "fr", "Page introuvable"),
        ("/admin/essai/nulle-part", "fr", "Page introuvable"),
        ("/nulle-part", "fr", "Page introuvable"),
    ],
)
async def test_an_address_that_leads_nowhere(
    ctx: Ctx, browser: Browser, path: str, lang: str, title: str
) -> None:
    await browser.get("/essai/fr/entrer")
    page = await browser.get(path)
    assert page.status_code == 404
    assert f'<html lang="{lang}"' in page.text and title in browser.text()
    if path.startswith("/essai/"):
        assert f"Seuil {ctx.place.name}" in browser.text(), "in the layout of that place"
