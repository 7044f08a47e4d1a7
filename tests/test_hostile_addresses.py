"""Addresses and forms that nobody writes by hand: never a failure of the server, never a row."""

from __future__ import annotations

import pytest
from litestar import Litestar

from core.extension.context import Ctx
from core.testing import Browser, make_professional

WORDS = ("a%00b", "²", "9" * 40, "'%22--%F0%9F%8F%A0")
"""A NUL, a digit that `int` does not read, a number past 64 bits, quotes with an emoji."""

QUERIES = ("q", "apres", "avant", "secteur", "etat", "type", "structure", "file", "brouillon",
           "demande", "place", "suivi", "clos", "composition", "vue", "etape", "a", "tous")  # fmt: skip
NAMES = ("account", "grant", "worker", "end", "mandate", "organisation", "sector", "area_id", "flag",
         "done", "version", "household", "place", "person", "kind", "code", "role", "settle_id",
         "reply_question", "question_to", "mandate_account", "worker_account", "leave",
         "reason_code", "channel", "draft", "name", "email", "note", "words", "on", "term")  # fmt: skip


def filled(path: str, word: str) -> str:
    parts = path.replace("{territory:str}", "essai").replace("{lang:str}", "fr").split("/")
    return "/".join(word if p.startswith("{") else p for p in parts)


@pytest.mark.parametrize("word", WORDS)
async def test_no_address_breaks_the_server(
    ctx: Ctx, browser: Browser, app: Litestar, word: str
) -> None:
    both = await make_professional(ctx, "coordinator", "administrator")
    await browser.sign_in(ctx, both, "admin")
    broken = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            path = filled(route.path, word)
            if "GET" in handler.http_methods and "/admin/" in path:
                query = "&".join(f"{name}={word}" for name in QUERIES)
                for address in (path, f"{path}?{query}"):
                    answer = await browser.get(address)
                    if answer.status_code >= 500:
                        broken.append(f"GET {address[:80]}")
    assert broken == []


@pytest.mark.parametrize("word", ("a\x00b", "²", "9" * 40))
async def test_no_form_breaks_the_server(
    ctx: Ctx, browser: Browser, app: Litestar, word: str
) -> None:
    both = await make_professional(ctx, "coordinator", "administrator")
    await browser.sign_in(ctx, both, "admin")
    broken = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            path = route.path
            if "POST" not in handler.http_methods or "/admin/" not in path or "quitter" in path:
                continue
            answer = await browser.post(filled(path, "inconnu"), dict.fromkeys(NAMES, word))
            if answer.status_code >= 500:
                broken.append(f"POST {path}")
    assert broken == []
