"""Every act × every role × {own object, another team's, another territory's}: who writes what.

Each form of `write_forms.py` is sent by everybody, about everybody's objects. What it answered and
whether a row changed is compared with `write_matrix.json`, read in review like code; whatever that
file says, nobody writes where their right does not go. A new POST route without a form fails.
`SEUIL_MATRIX=write` writes the file anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar

from core.extension.context import Ctx
from core.kernel.unit import SYSTEM
from core.testing import Browser, make_place, make_professional
from tests.access_world import Files, files, people
from tests.test_access_matrix import address, signed_in
from tests.write_forms import ADMIN, PORTAL, Act
from tests.write_world import stock

MATRIX = Path(__file__).with_name("write_matrix.json")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

_ASIDE = ("command", "kept_answer", "search", "session", "throttle")
"""What a visit writes whatever it asks: not what it changes."""

_TOUCHED = f"""
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables
WHERE relname <> ALL (ARRAY{list(_ASIDE)})
"""

OWN_ONLY = ("prescriber", "structure", "resident")
NOWHERE = ("observer", "nobody")

Found = dict[str, dict[str, dict[str, str]]]
"""What was answered and done, by act, role and case."""


def told(found: Found) -> dict[str, dict[str, str]]:
    """The matrix as it is kept: one line per act and role."""
    return {
        name: {role: " · ".join(f"{c} {said}" for c, said in sorted(by_case.items()))
               for role, by_case in roles.items()}
        for name, roles in found.items()
    }  # fmt: skip


def acts(app: Litestar) -> Iterator[tuple[str, str, str, Act]]:
    """(route, face, name in the matrix, act) of every unsafe handler; fails on an unknown one."""
    unknown, met = [], set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            # A plugin's pages are the contract suite's (tests/contract): here it is off.
            if "plugin" in handler.opt:
                continue
            if not UNSAFE & set(handler.http_methods) or "face" not in handler.opt:
                continue
            face = handler.opt["face"]
            plain = re.sub(r":\w+}", "}", route.path)
            forms = {"admin": ADMIN, "portal": PORTAL}.get(face, {})
            rest = plain.removeprefix("/admin/{territory}").removeprefix("/{territory}/{lang}")
            mine = [name for name in forms if name.split(" ")[0] == rest]
            if not mine:
                unknown.append(f"{face} {plain}")
            for name in mine:
                met.add((face, name))
                yield route.path, face, f"{face} {name}", forms[name]
    assert unknown == [], "an act without its form in write_forms.py"
    gone = {("admin", n) for n in ADMIN} | {("portal", n) for n in PORTAL}
    assert gone - met == set(), "a form whose act is gone"


class Watched:
    """One connection, on which each visit is tried and taken back."""

    def __init__(self, connection: asyncpg.Connection, ctxs: dict[str, Ctx]) -> None:
        self.connection, self.ctxs = connection, ctxs

    async def _digest(self) -> str:
        tables = await self.connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace AND relname <> ALL($1) "
            "AND has_table_privilege(oid, 'SELECT') ORDER BY relname",
            list(_ASIDE),
        )
        found = []
        for ctx in self.ctxs.values():
            async with ctx.acting(SYSTEM).unit() as unit:
                for (name,) in tables:
                    found.append(await unit.value(
                        f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
                    ))  # fmt: skip
        return "|".join(map(str, found))

    async def try_out(self, send: Any, act: Act, held: Files, far: bool) -> tuple[int, bool]:
        """(status, whether a row changed), and everything is as it was before."""
        status, touched, _ = await self._once(send, act, held, far, digest=False)
        if not touched or status < 400:
            return status, touched
        # Refused after it began to write: PostgreSQL counts what was tried, so look at the rows.
        _, _, changed = await self._once(send, act, held, far, digest=True)
        return status, changed

    async def _once(
        self, send: Any, act: Act, held: Files, far: bool, digest: bool
    ) -> tuple[int, bool, bool]:
        await self.connection.execute("SAVEPOINT visit")
        try:
            if act.before is not None:
                ctx = self.ctxs["far" if far else "here"].acting(SYSTEM)
                async with replace(ctx, actor=None).unit() as unit:
                    await act.before(unit, held)
            before = await self._digest() if digest else ""
            count = await self.connection.fetchval(_TOUCHED)
            status = (await send()).status_code
            touched = await self.connection.fetchval(_TOUCHED) != count
            changed = digest and await self._digest() != before
        finally:
            await self.connection.execute("ROLLBACK TO SAVEPOINT visit; RELEASE SAVEPOINT visit")
        return status, touched, changed


def bound(path: str, act: Act, held: Files, slug: str) -> str:
    """The address of an act about somebody's objects."""
    for name, value in act.address.items():
        path = path.replace(f"{{{name}:str}}", value)
    return address(path, held, slug)


async def _send(
    browser: Browser, kept: dict[str, str | None], target: str, form: dict[str, Any]
) -> Any:
    """One visit with the cookies of the sign-in: leaving ends with the visit that left."""
    browser.client.cookies.clear()
    for name, value in kept.items():
        browser.client.cookies.set(name, value or "", "127.0.0.1")
    return await browser.post(target, form)


async def _tries(browser: Browser, ctx: Ctx, app: Litestar, ground: Any) -> Found:
    far_place = await make_place(ctx.clock, "ailleurs", "Ailleurs")  # type: ignore[arg-type]
    there = replace(ctx, territory=far_place)
    there = there.acting(await make_professional(there, "coordinator"))
    own, other = await files(ctx, "Propre"), await files(ctx, "Autre")
    far = await files(there, "Lointain")
    for where, held in ((ctx, own), (ctx, other), (there, far)):
        await stock(where, held)

    async def no_launch(job: Any) -> None:
        """A job of the importer asks its rights again; here it would leave the connection."""

    app.state.launch_import = no_launch
    watched = Watched(ground, {"here": ctx, "far": there})
    cases = {
        "own": (own, "essai"), "other": (other, "essai"), "elsewhere": (far, "essai"),
        "door": (far, "ailleurs"),
    }  # fmt: skip
    found: Found = {}
    for role, who in (await people(ctx, own)).items():
        await signed_in(browser, ctx, who, "portal" if role == "resident" else "admin")
        await browser.get("/")
        kept = {c.name: c.value for c in browser.client.cookies.jar}
        for path, _, name, act in acts(app):
            for case, (held, slug) in cases.items():
                target = bound(path, act, held, slug)

                send = partial(_send, browser, kept, target, dict(act.form(held)))

                status, changed = await watched.try_out(send, act, held, held is far)
                said = f"{status}{' writes' if changed else ''}"
                found.setdefault(name, {}).setdefault(role, {})[case] = said
    return found


async def test_who_writes_what(ctx: Ctx, browser: Browser, app: Litestar, ground: Any) -> None:
    found = await _tries(browser, ctx, app, ground)
    if os.environ.get("SEUIL_MATRIX") == "write":
        MATRIX.write_text(
            json.dumps(told(found), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
    cells = [
        (name, role, case, said)
        for name, roles in found.items()
        for role, by_case in roles.items()
        for case, said in by_case.items()
    ]
    leaks = [
        f"{name} as {role}, {case}: {said}"
        for name, role, case, said in cells
        if "writes" in said
        and (
            role in NOWHERE
            or (case == "door")
            or (case == "elsewhere" and not _about_nobody(name))
            or (case == "other" and role in OWN_ONLY and not _about_nobody(name))
        )
    ]  # fmt: skip
    assert leaks == []
    reading = {f"{face} {n}" for face, forms in (("admin", ADMIN), ("portal", PORTAL))
               for n, act in forms.items() if act.reads}  # fmt: skip
    idle = {
        name for name, roles in found.items()
        if not any("writes" in r.get("own", "") for r in roles.values())
    }  # fmt: skip
    assert idle - reading == set(), "a form that acts for nobody proves nothing"
    known: dict[str, dict[str, str]] = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert sorted(found) == sorted(known), "an act is unknown to the matrix, or gone"
    wrong = [
        f"{name} as {role}: {line}, not {known[name].get(role)}"
        for name, roles in told(found).items()
        for role, line in roles.items()
        if known[name].get(role) != line
    ]
    assert wrong == []


def _about_nobody(name: str) -> bool:
    """Acts whose form names no object of a team: sent twice from one place, they are one case."""
    return name in {
        "portal /revenir", "admin /structures/organisations", "admin /demandes/brouillon", "admin /demandes/nouvelle",
        "admin /reglages", "admin /reglages/secteurs", "admin /reglages/types/{code}",
        "admin /reglages/procedures/{code}",
        "admin /reglages/travaux/{job}/lancer", "admin /reglages/regles/{kind}/signer",
        "admin /reglages/regles/{kind}/brouillon", "admin /reglages/regles/{kind}/simulations",
        "admin /reglages/regles/{kind}/brouillon/ouvrir",
        "admin /reglages/regles/{kind}/brouillon/abandonner",
        "admin /reglages/motifs/{author}/{code}", "portal /messages", "portal /messages/ecrire",
        "portal /attente/autres/lire", "portal /informations", "portal /informations/joindre", "portal /informations/messages",
        "portal /autorisations/proches",
    }  # fmt: skip
