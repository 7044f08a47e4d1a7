"""The portal in English, whole, and in Arabic, from right to left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po

from tests.journeys.atlas import explore
from tests.journeys.conftest import Site
from tests.journeys.visitor import OVERFLOW, Visitor

ROOT = Path(__file__).resolve().parents[2]


def french_sentences() -> set[str]:
    """The msgids whose English differs, long enough to be recognised in a page."""
    found = set()
    for folder in ("core", "portal"):
        with (ROOT / folder / "locale" / "en.po").open("rb") as file:
            for message in read_po(file, locale="en"):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                found |= {i for i in ids if "%(" not in i and len(i) > 9 and i != message.string}
    return found


def test_the_portal_is_whole_in_english(site: Site, visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    someone.sign_in(site.resident("Awa Diallo"))
    pages = explore(someone, f"{site.url}/strasbourg/en/", "/strasbourg/en/")
    french = french_sentences()
    assert len(french) > 100 and len(pages) >= 8
    left = {}
    for found in pages.values():
        assert '<html lang="en" dir="ltr">' in found.html
        # What stays in French, word for word, says that it is French.
        kept = re.sub(r'<div lang="fr" dir="ltr">.*?</div>', "", found.html, flags=re.S)
        shown = re.sub(r"<[^>]+>", "\n", kept)
        lines = {" ".join(line.split()) for line in shown.split("\n")}
        if lines & french:
            left[found.pattern] = sorted(lines & french)
    assert left == {}


def test_the_home_reads_from_right_to_left(site: Site, visitor: Callable[..., Visitor]) -> None:
    someone = visitor(width=360, height=740)
    someone.sign_in(site.resident("Thierry Muller"))
    someone.go("/strasbourg/ar/")
    page = someone.page
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl")
    heading = page.locator("h1").bounding_box()
    assert heading is not None
    text_right = page.evaluate(
        "() => { const r = document.createRange(); r.selectNodeContents(document.querySelector('h1'));"
        " return r.getBoundingClientRect().right }"
    )
    assert text_right > 360 - 40, "the heading begins at the right edge"
    assert re.search("[\u0600-\u06ff]", page.locator("h1").inner_text())
    assert page.evaluate(OVERFLOW) == ""
    assert Axe().run(page).violations_count == 0
