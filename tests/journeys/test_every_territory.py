"""The other territories: every page valid in every language, some seen in a browser, all light."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import html5lib
import httpx
import pytest

from core.kernel.words import LANGUAGES
from core.web.words import direction
from tests.journeys.atlas import Found, explore
from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor
from tests.journeys.watch import Watch, faults_of

OTHERS = {"bruxelles": "Jan Peeters", "deux-rives": "Sandrine Colin"}
OTHERS["seine-saint-denis"] = "Mariam Traoré"
SPOKEN = {"bruxelles": ("fr", "nl", "en"), "deux-rives": ("fr", "en")}
SPOKEN["seine-saint-denis"] = ("fr", "en", "ar")
FIRST, NEXT, REQUESTS = 40 * 1024, 8 * 1024, 4
"""What a visit may weigh over the wire: the first page with all it asks for, then each page."""


def faults_by_page(pages: dict[str, Found]) -> dict[str, list[str]]:
    faults = {pattern: faults_of(found.html) for pattern, found in pages.items()}
    return {pattern: found for pattern, found in faults.items() if found}


@pytest.mark.parametrize("place", OTHERS)
@pytest.mark.parametrize("role", ["coordinator", "structure"])
def test_back_office_elsewhere(
    site: Site, visitor: Callable[..., Visitor], place: str, role: str
) -> None:
    someone = visitor()
    someone.sign_in(site.professional(role, place))
    base = f"/admin/{place}/"
    pages = explore(someone, site.url + base, base)
    assert len(pages) >= (40 if role == "coordinator" else 6), sorted(pages)
    assert faults_by_page(pages) == {}
    seen, watch = ("", "menages", "demandes/{ref}") if role == "coordinator" else ("",), Watch()
    for path in seen:
        watch.examine(someone, pages[(base + path).rstrip("/")])
    assert not watch.faults, watch.said()


@pytest.mark.parametrize("place", OTHERS)
def test_portal_elsewhere(site: Site, visitor: Callable[..., Visitor], place: str) -> None:
    someone, watch = visitor(), Watch()
    someone.sign_in(site.resident(OTHERS[place]))
    for lang in SPOKEN[place]:
        base = f"/{place}/{lang}/"
        pages = explore(someone, site.url + base, base)
        assert len(pages) >= 8
        assert faults_by_page(pages) == {}
        for pattern, found in pages.items():
            assert f'<html lang="{lang}" dir="{direction(lang)}">' in found.html, pattern
        watch.examine(someone, pages[base.rstrip("/")])
        watch.examine(someone, pages[f"{base}parcours"])
    assert not watch.faults, watch.said()


def test_brussels_says_it_its_way(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = visitor()
    worker.sign_in(site.professional("coordinator", "bruxelles"))
    pages = explore(worker, f"{site.url}/admin/bruxelles/", "/admin/bruxelles/")
    # The national lists of codes keep their own labels: these are no words of ours.
    codes = re.compile("Hôtel (?:hors )?115|Autre motif du SIAO")
    french = {}
    for pattern, found in pages.items():
        tree = html5lib.parse(found.html, namespaceHTMLElements=False)
        said = codes.sub("", " ".join(tree.itertext()))
        if left := re.findall(r"\w*.?SIAO|le 115|DAHO|CHRS d", said):
            french[pattern] = left
    assert french == {}
    rights = httpx.get(f"{site.url}/bruxelles/nl/acces").text
    assert "Unia" in rights and "Défenseur" not in rights


def test_the_first_door_speaks_every_language(site: Site) -> None:
    for lang in LANGUAGES:
        asked = {"accept-language": f"{lang}-XX,{lang};q=0.9,de;q=0.5"}
        for path in ("/", "/nowhere", "/bruxelles/nope"):
            page = httpx.get(site.url + path, headers=asked, follow_redirects=True)
            here = "fr" if lang == "ar" and path.startswith("/brux") else lang
            assert f'<html lang="{here}" dir="{direction(here)}">' in page.text, (path, lang)
            assert faults_of(page.text) == []
        chosen = httpx.get(f"{site.url}/?lang={lang}", headers={"accept-language": "de"})
        assert f'<html lang="{lang}"' in chosen.text
    page = httpx.get(f"{site.url}/bruxelles/nl/nope")
    assert page.status_code == 404 and "Pagina niet gevonden" in page.text


def wire(client: httpx.Client, url: str) -> int:
    """The bytes of one answer's body as they travelled."""
    with client.stream("GET", url) as answer:
        assert answer.status_code == 200, url
        for _ in answer.iter_raw():
            pass
        return answer.num_bytes_downloaded


def assets(html: str, url: str) -> list[str]:
    """What the page makes a browser ask for, beside itself."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    named = [
        *(e.get("src") for e in tree.iter("script")),
        *(e.get("src") for e in tree.iter("img")),
    ]
    named += [e.get("href") for e in tree.iter("link") if e.get("rel") in ("stylesheet", "icon")]
    found = [urljoin(url, name) for name in named if name and not name.startswith("data:")]
    return [name for name in found if urlsplit(name).netloc == urlsplit(url).netloc]


@pytest.mark.parametrize("place", OTHERS)
def test_pages_are_light(site: Site, visitor: Callable[..., Visitor], place: str) -> None:
    someone = visitor()
    someone.sign_in(site.resident(OTHERS[place]))
    pages = explore(someone, f"{site.url}/{place}/fr/", f"/{place}/fr/")
    jar = {c["name"]: c["value"] for c in someone.context.cookies()}
    with httpx.Client(cookies=jar, headers={"accept-encoding": "gzip, br"}) as client:
        first = f"{site.url}/{place}/fr/"
        asked = [first, *assets(client.get(first).text, first)]
        assert len(asked) <= REQUESTS
        assert sum(wire(client, url) for url in asked) <= FIRST
        heavy = {p: wire(client, found.url) for p, found in pages.items()}
        assert {p: size for p, size in heavy.items() if size > NEXT} == {}
