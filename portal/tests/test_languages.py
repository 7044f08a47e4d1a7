"""The portal speaks plainly, in English throughout, in Arabic from right to left."""

from __future__ import annotations

import re

import pytest

from core import own
from core.commands.words import domains
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.spoken import resident_sentences
from core.testing import Browser
from portal.tests.story import couple_waiting, enter, proposed
from tests.test_resident_words import FORBIDDEN

SPOKEN = resident_sentences(Registry.build({"core": own}))
PORTAL = next(d for d in domains() if d.name == "portal")
TEXTS = sorted(
    {*SPOKEN, *(text for m in PORTAL.msgids for text in ([m] if isinstance(m, str) else m))}
)


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_household_reads_is_plain(text: str) -> None:
    for sentence in re.split(r"(?<=[.?!:])\s+", text):
        assert len([w for w in sentence.split() if any(c.isalnum() for c in w)]) <= 12, sentence
    lowered = text.casefold()
    assert [word for word in FORBIDDEN if word in lowered] == []


async def test_the_first_page_in_arabic_reads_from_right_to_left(
    ctx: Ctx, browser: Browser
) -> None:
    told = await couple_waiting(ctx)
    page = await browser.get("/essai/ar/entrer")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "تاريخ ميلادك" in page.text
    await enter(browser, ctx, told.awa, "awa", lang="ar")
    page = await browser.get("/essai/ar/")
    assert '<html lang="ar" dir="rtl">' in page.text
    text = browser.text()
    assert "أنت على قائمة انتظار" in text
    assert "لم يراجع هذه الترجمة" in text, "a translation nobody reviewed says so"
    assert not re.search("[a-zà-ÿ]{3,} (?:de|la|le|une?|vous|pas) ", text), "no French is left"
    assert "<bdi>Camille Roth</bdi>" in page.text


async def test_every_page_in_english_has_no_french_left(ctx: Ctx, browser: Browser) -> None:
    told = await proposed(ctx, await couple_waiting(ctx), words="")
    await enter(browser, ctx, told.awa, "awa", lang="en")
    french = re.compile(r"\b(?:vous|votre|une|les|des|est|pour|dans|avec|nous|qui|où)\b", re.I)
    place = f"/proposition/{told.referral}"
    for path in (
        *("/", "/parcours", "/messages", "/messages/ecrire", "/informations", "/autorisations"),
        *(place, f"{place}/oui", f"{place}/non"),
        *("/acces", "/vie-privee", "/au-revoir", "/entrer"),
    ):
        page = await browser.get(f"/essai/en{path}")
        assert page.status_code == 200, path
        assert '<html lang="en" dir="ltr">' in page.text
        said = browser.text().replace("Maison du quai", "").replace("Pas de visite après", "")
        assert french.findall(said) == [], path


async def test_the_language_changes_on_the_same_page(ctx: Ctx, browser: Browser) -> None:
    page = await browser.get("/essai/fr/acces")
    assert 'href="/essai/en/acces" lang="en"' in page.text
