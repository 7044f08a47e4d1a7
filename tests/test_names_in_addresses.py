"""No name in an address: what a person types in a search travels in a body, and stays here."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from litestar import Litestar

from core.extension.context import Ctx
from core.kernel import logs
from core.testing import Browser, make_professional
from tests.access_world import files, people
from tests.test_access_matrix import address, pages

BASE = "/admin/essai"
NO_PERSON = {("/structures", "q"): "the name of a structure or of an organisation"}
"""Free-text fields that may stand in an address, with why: they search no people."""

FREE = {"text", "search", "email", "tel", "url", ""}


class Forms(HTMLParser):
    """The forms of a page: (method, path, free-text fields)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = True
            self.found.append((given.get("method", "get").lower(), given.get("action", ""), []))
        free = tag == "textarea" or (tag == "input" and given.get("type", "") in FREE)
        if free and self._inside:
            self.found[-1][2].append(given.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


async def test_no_form_puts_what_is_typed_in_its_address(
    ctx: Ctx, browser: Browser, app: Litestar
) -> None:
    own = await files(ctx, "Propre")
    who = await people(ctx, own)
    wrong, posted, walked = set(), set(), 0
    for role, face in (
        ("coordinator", "admin"),
        ("administrator", "admin"),
        ("resident", "portal"),
    ):
        browser.client.cookies.clear()
        await browser.sign_in(ctx, who[role], face)  # type: ignore[arg-type]
        for path, of in pages(app):
            if of != face:
                continue
            answer = await browser.get(address(path, own, "essai"))
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            reader = Forms()
            reader.feed(answer.text)
            walked += len(reader.found)
            for method, action, fields in reader.found:
                bare = action.removeprefix(BASE).split("?")[0]
                wrong |= {
                    (bare, name) for name in fields
                    if method == "get" and (bare, name) not in NO_PERSON
                }  # fmt: skip
                posted |= {bare for name in fields if method == "post" and name == "q"}
    assert wrong == set()
    assert posted == {"/equipe", "/menages", "/recherche"}
    assert walked > 200


@pytest.mark.parametrize("path", ["/menages", "/recherche"])
async def test_a_search_leaves_its_words_nowhere_but_on_its_page(
    ctx: Ctx, browser: Browser, path: str, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    logs.configure()
    caplog.set_level(logging.DEBUG)
    own = await files(ctx, "Propre")
    word = own.word("nom")
    await browser.sign_in(ctx, ctx.who, "admin")
    sent = await browser.post(f"{BASE}{path}", {"q": word, "etat": ""})
    assert sent.status_code == 303
    where = sent.headers["location"]
    page = await browser.get(where)
    assert word in page.text and f"/menages/{own.refs['menages']}" in page.text
    told = [*map(str, sent.headers.raw), *map(str, page.headers.raw), caplog.text]
    told += [str(r.request.url) for r in (sent, page)]
    said = capsys.readouterr()
    assert not [t for t in (*told, said.out, said.err) if word.lower() in t.lower()]
    title = page.text.split("<title>")[1].split("</title>")[0]
    assert word not in title
    # The same words again: the same address, so that going back and reloading show the same.
    again = await browser.post(f"{BASE}{path}", {"q": word, "etat": ""})
    assert again.headers["location"] == where
    # Another tab searches something else: this one still shows its own.
    other = await browser.post(f"{BASE}{path}", {"q": "zzz"})
    assert other.headers["location"] != where
    assert word in (await browser.get(where)).text


async def test_a_search_is_its_authors_and_expires(
    ctx: Ctx, browser: Browser, clock: Any, app: Litestar
) -> None:
    own = await files(ctx, "Propre")
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.search(f"{BASE}/menages", own.word("nom"))
    where = browser.trail[-1]
    colleague = await make_professional(ctx, "social_worker")
    browser.client.cookies.clear()
    await browser.sign_in(ctx, colleague, "admin")
    theirs = await browser.get(where)
    assert 'value="' + own.word("nom") not in theirs.text
    assert "Cette recherche n’est plus gardée." in theirs.text
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE search SET expires_at = $1", unit.now - timedelta(minutes=1))
    browser.client.cookies.clear()
    await browser.sign_in(ctx, ctx.who, "admin")
    mine = await browser.get(where)
    assert "Cette recherche n’est plus gardée." in mine.text
    assert 'value="' + own.word("nom") not in mine.text


async def test_the_pager_of_a_search_goes_on_by_a_reference(ctx: Ctx, browser: Browser) -> None:
    from core.households.service import NewPerson, create_household

    async with ctx.unit() as unit:
        for n in range(52):
            await create_household(unit, [NewPerson("Kermarrec", f"Prénom{chr(97 + n % 26)}{n}")])
    await browser.sign_in(ctx, ctx.who, "admin")
    for path in ("/menages", "/recherche"):
        first = (await browser.search(f"{BASE}{path}", "kermarrec")).text
        follow = first.split("Page suivante")[0].rsplit('href="', 1)[1].split('"')[0]
        assert "kermarrec" not in follow.lower() and "recherche=" in follow
        rest = await browser.get(follow.replace("&amp;", "&"))
        assert len(set(re.findall(r"Kermarrec Prénom\w+", rest.text))) == 2


async def test_signing_out_forgets_the_searches(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.search(f"{BASE}/menages", "kermarrec")
    await browser.post(f"{BASE}/quitter")
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM search") == 0
