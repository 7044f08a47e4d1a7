"""Every page × every role × {own file, another team's, another territory's}, and what it says.

The answers are compared with `access_matrix.json`, which is read in review like code: a route that
is not in it fails. `SEUIL_MATRIX=write` writes it anew from what the application answers.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from litestar import Litestar

from core.extension.context import Ctx
from core.testing import Browser, make_place, make_professional
from core.web.door import cookie_name
from tests.access_world import Files, files, people

MATRIX = Path(__file__).with_name("access_matrix.json")
FIXED: dict[str, str | dict[str, str]] = {
    "slug": {"actes": "suspendre", "orientations": "admettre"},
    "kind": "chrs",
    "key": "places-libres",
    "code": {"motifs": "unsuitable_size", "types": "chrs"},
    "author": "structure",
    "token": "0000000000",
    "plugin": "aucune",
    "job": "core.refreshes",
    "delivery": "1",
    "act": "1",
    "lang": "fr",
}
"""What stands in an address and belongs to nobody."""

WORD = re.compile("[A-Z][a-z]+canari")
Matrix = dict[str, dict[str, dict[str, int]]]


def pages(app: Litestar) -> Iterator[tuple[str, str]]:
    """(path, face) of every page: the GET routes of the faces.

    A plugin's pages are the contract suite's (tests/contract): here it is off.
    """
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "plugin" in handler.opt:
                continue
            if "GET" in handler.http_methods and "{territory:str}" in route.path:
                yield route.path, handler.opt["face"]


def address(path: str, files: Files, slug: str) -> str:
    """The path with its places filled from somebody's files."""
    filled, family = [], ""
    for part in path.split("/"):
        if not part.startswith("{"):
            family = part if part not in ("admin",) else family
            filled.append(part)
            continue
        name = part[1:].split(":")[0]
        if name == "territory":
            value = slug
        elif name in ("ref", "person"):
            value = files.refs[family]
        elif name == "place":
            value = files.refs["unit"]
        else:
            fixed = FIXED[name]
            value = fixed if isinstance(fixed, str) else fixed[family]
        filled.append(value)
    return "/".join(filled)


def forbidden(role: str, own: Files, other: Files, far: Files) -> set[str]:
    """The words that this role must never read, wherever it looks."""
    every = (
        "nom", "loge", "health", "justice", "child", "violence", "social", "reponse", "question",
        "message", "confidence", "proposition", "fichier", "accord", "proche", "chiffres",
    )  # fmt: skip
    words = {far.word(what) for what in every}
    if role != "structure":  # its draft, before others read it
        words |= {f.word("chiffres") for f in (own, other)}
    if role in ("coordinator", "social_worker"):
        return words
    guarded = ("health", "justice", "child", "violence", "question")
    if role == "administrator":
        mail = ("message", "confidence", "proposition", "accord")
        return words | {f.word(what) for f in (own, other) for what in (*guarded, *mail)}
    words |= {other.word(what) for what in every}
    kept = {
        "prescriber": {*every} - {"fichier"},
        "structure": {"nom", "loge", "chiffres"},
        "resident": {"nom", "message", "proposition", "proche"},
    }.get(role, set())
    return words | {own.word(what) for what in every if what not in kept}


async def signed_in(browser: Browser, ctx: Ctx, who: Any, face: str) -> None:
    """The browser is `who` at that face, and shows the same cookie at the other's door.

    A resident has no key to the back-office and a professional none to the portal.
    """
    browser.client.cookies.clear()
    if who is not None:
        await browser.sign_in(ctx, who, face)
    cookie = browser.client.cookies.get(cookie_name(face, False))
    if cookie:
        wrong = "admin" if face == "portal" else "portal"
        browser.client.cookies.set(cookie_name(wrong, False), cookie, "127.0.0.1")


async def _visits(
    browser: Browser, ctx: Ctx, app: Litestar
) -> tuple[Matrix, list[str], dict[str, set[str]]]:
    """(status by route, role and case; words read by who must not; words read, by role)."""
    far_place = await make_place(ctx.clock, "ailleurs", "Ailleurs")  # type: ignore[arg-type]
    there = replace(ctx, territory=far_place)
    there = there.acting(await make_professional(there, "coordinator"))
    own, other = await files(ctx, "Propre"), await files(ctx, "Autre")
    far = await files(there, "Lointain")
    found: Matrix = {}
    leaks: list[str] = []
    seen: dict[str, set[str]] = {}
    for role, who in (await people(ctx, own)).items():
        banned = forbidden(role, own, other, far)
        await signed_in(browser, ctx, who, "portal" if role == "resident" else "admin")
        for path, _ in pages(app):
            cases = {"own": (own, "essai"), "door": (far, "ailleurs")}
            if "{ref" in path:
                cases |= {"other": (other, "essai"), "elsewhere": (far, "essai")}
            for case, (held, slug) in cases.items():
                answer = await browser.get(address(path, held, slug))
                found.setdefault(path, {}).setdefault(role, {})[case] = answer.status_code
                said = set(WORD.findall(answer.text + str(answer.headers.raw)))
                seen.setdefault(role, set()).update(said)
                leaks += [f"{role} {case} {path}: {w}" for w in sorted(banned & said)]
    return found, leaks, seen


async def test_who_reads_what(ctx: Ctx, browser: Browser, app: Litestar) -> None:
    found, leaks, seen = await _visits(browser, ctx, app)
    if os.environ.get("SEUIL_MATRIX") == "write":
        MATRIX.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    known: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert leaks == []
    # The words are there to be read: who may, does.
    assert {"Proprehealthcanari", "Autrenomcanari", "Proprequestioncanari"} <= seen["coordinator"]
    assert {"Propreviolencecanari", "Propremessagecanari"} <= seen["prescriber"]
    assert {"Proprenomcanari", "Proprelogecanari", "Proprechiffrescanari"} <= seen["structure"]
    assert "Propresocialcanari" in seen["administrator"]
    assert {"Propremessagecanari", "Proprepropositioncanari"} <= seen["resident"]
    assert sorted(found) == sorted(known), "a route is unknown to the matrix, or gone"
    wrong = [
        f"{path} as {role}, {case}: {status}, not {known[path].get(role, {}).get(case)}"
        for path, roles in found.items()
        for role, cases in roles.items()
        for case, status in cases.items()
        if known[path].get(role, {}).get(case) != status
    ]
    assert wrong == []
