"""Portfolios: who follows what; a leave hands every file over in one screen."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response

from admin.household_file import workers
from core.extension.contributions import NavItem
from core.households.key_workers import KINDS, end_portfolio, hand_over, open_portfolio
from core.households.portfolios import files_of_worker, portfolios, share
from core.households.publics import PUBLICS
from core.households.queries import count_without_key_worker
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "households.hand_over"
_SECTORS = "SELECT id, name FROM sector WHERE ended_on IS NULL ORDER BY name"


async def _page(visit: Visit, form: Form | None = None, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        rows = [
            {**dict(r), "portfolios": msgspec.json.decode(r["portfolios"] or "[]")}
            for r in await portfolios(unit)
        ]
        sectors = [(r["id"], r["name"]) for r in await unit.fetch(_SECTORS)]
        alone, overdue = await count_without_key_worker(unit, visit.ctx.place.country)
        today = unit.today
    return visit.page(
        "admin/households/portfolios.html",
        status=status,
        rows=rows,
        form=form or visit.blank(),
        sectors=sectors,
        publics={key: visit._(label) for key, label in PUBLICS.items()},
        worker_options=[(r["id"], r["name"]) for r in rows],
        kinds={key: visit._(label) for key, label in KINDS.items()},
        alone=alone,
        overdue=overdue,
        today=today,
    )


@get("/equipe/portefeuilles", opt={"permission": MAY})
async def show(visit: Visiting) -> Response[str]:
    """Each worker, their portfolios, their files; who is away; who is alone."""
    return await _page(visit)


def _id(form: Form, name: str) -> int:
    text = form.value(name)
    return int(text) if text.isdecimal() and len(text) < 18 else 0


@post("/equipe/portefeuilles", opt={"permission": MAY})
async def add(visit: Visiting) -> Response[str]:
    """Give a worker a sector, a public, or a public of a sector; or take one back."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        if form.value("end"):
            await end_portfolio(unit, _id(form, "end"))
            return {}
        allowed = {str(r["id"]) for r in await unit.fetch(_SECTORS)}
        sector = form.choice("sector", allowed)
        public = form.choice("public", PUBLICS)
        if not _id(form, "worker"):
            form.wrong("worker", N_("Choisissez une personne."))
        if not sector and not public:
            form.wrong("sector", N_("Choisissez un secteur, un public, ou les deux."))
        form.check()
        sector_id = int(sector) if sector else None
        await open_portfolio(unit, _id(form, "worker"), sector_id=sector_id, public=public or "")
        return {}

    try:
        await visit.once(form, "households.portfolio", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), 422)
    except Refused as error:
        form.wrong("worker", visit._(error.message))
        return await _page(visit, form, 409)
    return visit.to("/equipe/portefeuilles", N_("Les portefeuilles sont à jour."))


# -- handing over: chosen, previewed, done ----------------------------------------------------


def _targets(form: Form, files: list[Any]) -> tuple[dict[int | None, int], dict[str, int]]:
    """What the form says, by sector (0: households without one) and by file."""
    sectors = {f["sector_id"] for f in files}
    by_sector = {s: _id(form, f"sector_{s or 0}") or _id(form, "everyone") for s in sectors}
    by_file = {f["ref"]: _id(form, f"file_{f['ref']}") for f in files}
    return {s: t for s, t in by_sector.items() if t}, {r: t for r, t in by_file.items() if t}


async def _hand_over_page(
    visit: Visit, form: Form, preview: bool = False, status: int = 200
) -> Response[str]:
    leaving = _id(form, "worker")
    async with visit.ctx.unit() as unit:
        on = _on(form, unit)
        # Accounts are one table for all territories: only who works or worked here has a name.
        name = await unit.value(
            "SELECT name FROM account WHERE id = $1 AND id IN (SELECT account_id FROM role_grant)",
            leaving,
        )
        if name is None:
            raise NotFound()
        files = await files_of_worker(unit, leaving, on)
        team = [t for t in await workers(unit) if t["id"] != leaving]
        by_sector, by_file = _targets(form, files)
    chosen = share(files, by_sector, by_file)
    names = {t["id"]: t["name"] for t in team}
    counts = Counter(names.get(t, "?") for t in chosen.values())
    sectors: dict[int, dict[str, Any]] = {}
    for f in files:
        group = sectors.setdefault(f["sector_id"] or 0, {"name": f["sector"], "files": []})
        group["files"].append(f)
    return visit.page(
        "admin/households/hand_over.html",
        status=status,
        form=form,
        name=name,
        on=on,
        files=files,
        sectors=sectors,
        chosen={f["ref"]: names.get(chosen.get(f["household_id"], 0)) for f in files},
        counts=sorted(counts.items()),
        left=len(files) - len(chosen),
        preview=preview,
        # Anyone of the team may take a team's file; a prescriber's file goes to a prescriber.
        team_options=[(t["id"], t["name"]) for t in team if t["team"]],
        other_options=[(t["id"], t["name"]) for t in team if not t["team"]],
        kind_options=[(k, visit._(v)) for k, v in KINDS.items()],
    )


def _on(form: Form, unit: Unit) -> date:
    return form.date("on") or unit.today


@post("/equipe/portefeuilles/confier", opt={"permission": MAY})
async def choose(visit: Visiting) -> Response[str]:
    """Choose who takes the files, by sector or one by one; then see who gets how many."""
    form = await visit.form()
    if not form.value("kind"):
        return await _hand_over_page(
            visit, Form({**form.dump(), "kind": "absence"}, csrf=form.csrf)
        )
    return await _hand_over_page(visit, form, preview=True)


@post("/equipe/portefeuilles/confier/valider", opt={"permission": MAY})
async def confirm(visit: Visiting) -> Response[str]:
    """Hand them over; each household is told who follows it now."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        kind = form.choice("kind", KINDS, required=True) or ""
        on, until = form.date("on") or unit.today, form.date("until")
        form.check()
        leaving = _id(form, "worker")
        files = await files_of_worker(unit, leaving, on)
        chosen = share(files, *_targets(form, files))
        count = await hand_over(unit, leaving, chosen, on=on, kind=kind, until=until)
        return {"count": count}

    try:
        await visit.once(form, "households.hand_over", work)
    except Invalid as error:
        return await _hand_over_page(visit, keep(visit, form, error), status=422)
    except (Refused, Conflict) as error:
        form.wrong("everyone", visit._(error.message) % error.params)
        return await _hand_over_page(visit, form, status=409)
    return visit.to(
        "/equipe/portefeuilles", N_("Les dossiers sont confiés. Chaque ménage en est informé.")
    )


HANDLERS = (show, add, choose, confirm)
NAV = (NavItem(N_("Portefeuilles"), "/equipe/portefeuilles", MAY, order=96, icon="people"),)
