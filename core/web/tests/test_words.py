"""Languages and the words of a place: whole, chosen as asked, and no more than what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands.words import domains, gather, load, missing, strayed
from core.extension.context import Ctx
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import COMPLETE, LANGUAGES
from core.territories.service import create_territory
from core.web.words import catalogue, preferred

CORE = Path(__file__).parents[2]
SHELTER = "Le 115 connaît votre besoin pour cette nuit."


def test_dutch_and_english_are_whole_and_dutch_says_that_nobody_reviewed_it() -> None:
    assert set(COMPLETE) == {"en", "nl"}
    for domain in domains():
        assert [*missing(domain, "nl"), *missing(domain, "en")] == []
        head = domain.file("nl").read_text().split("\n\n")[0]
        assert "No native speaker has reviewed it yet" in head
        assert gather(domain, "nl") == domain.file("nl").read_bytes()


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_brussels_has_its_words_in_every_language(lang: str) -> None:
    folders = (CORE / "locale",)
    usual = catalogue(lang, folders).gettext(SHELTER)
    there = catalogue(lang, folders, "be").gettext(SHELTER)
    assert "115" not in there
    assert usual == there if lang == "nl" else usual != there
    assert catalogue(lang, folders, "be").gettext("Oui") == catalogue(lang, folders).gettext("Oui")


def test_no_word_of_a_place_is_left_over() -> None:
    assert strayed() == []
    assert len(load(CORE / "locale" / "be" / "fr.po")) > 10


@pytest.mark.parametrize(
    ("header", "lang"),
    [("nl-BE,nl;q=0.9,fr;q=0.5", "nl"), ("de, en-GB;q=0.8", "en"), ("de", "fr"), ("", "fr")],
)
def test_the_language_a_browser_asks_for(header: str, lang: str) -> None:
    assert preferred(header, ("fr", "nl", "en")) == lang


@pytest.mark.parametrize("langs", [("fr", "xx"), ("fr@simple",), ("klingon",), ()])
async def test_a_language_that_no_page_speaks_is_refused(ctx: Ctx, langs: tuple[str, ...]) -> None:
    async with Unit(territory_id=None, clock=ctx.clock) as unit:
        with pytest.raises(Invalid) as refused:
            await create_territory(unit, slug="nord", name="Nord", langs=langs)
    assert set(refused.value.errors) == {"langs"}
    if langs == ("fr", "xx"):
        said = refused.value.errors["langs"]
        assert "xx" in said and all(lang in said for lang in LANGUAGES)
