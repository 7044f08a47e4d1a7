"""A leave: every file of a worker handed over in one screen; chosen, previewed, done."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from litestar import get, post
from litestar.response import Response

from admin.household_file import workers
from core.households.handing_over import KINDS, hand_over
from core.households.portfolios import files_of_worker, share
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.drafts import drop_draft, read_draft, save_draft
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "households.hand_over"}
BASE = "/equipe/portefeuilles/confier"
FORM = "household.hand_over"
"""The name of this form's drafts: one per author and worker who leaves."""


def _id(form: Form, name: str) -> int:
    return whole(form.value(name)) or 0


def _targets(form: Form, files: list[Any]) -> tuple[dict[int | None, int], dict[str, int]]:
    """What the form says, by sector (0: households without one) and by file."""
    sectors = {f["sector_id"] for f in files}
    by_sector = {s: _id(form, f"sector_{s or 0}") or _id(form, "everyone") for s in sectors}
    by_file = {f["ref"]: _id(form, f"file_{f['ref']}") for f in files}
    return {s: t for s, t in by_sector.items() if t}, {r: t for r, t in by_file.items() if t}


async def _name_here(unit: Unit, account_id: int) -> str:
    """Accounts are one table for all territories: only who works or worked here has a name."""
    name = await unit.value(
        "SELECT name FROM account WHERE id = $1 AND id IN (SELECT account_id FROM role_grant)",
        account_id,
    )
    if name is None:
        raise NotFound()
    return str(name)


async def _page(
    visit: Visit, form: Form, preview: bool = False, status: int = 200
) -> Response[str]:
    leaving = _id(form, "worker")
    async with visit.ctx.unit() as unit:
        on = _on(form, unit)
        name = await _name_here(unit, leaving)
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
        other_options=[
            (t["id"], f"{t['name']} ({t['organisation']})" if t["organisation"] else t["name"])
            for t in sorted(team, key=lambda t: (t["organisation"] or "", t["name"]))
            if not t["team"]
        ],
        kind_options=[(k, visit._(v)) for k, v in KINDS.items()],
    )


def _on(form: Form, unit: Unit) -> date:
    return form.date("on") or unit.today


@get(BASE, opt=MAY)
async def show(visit: Visiting) -> Response[str]:
    """Who takes the files, by sector or one by one: what was chosen so far, kept for its author.

    `?qui=`: the worker who leaves. `&vue=repartition`: with who would get how many.
    """
    worker = whole(visit.request.query_params.get("qui", ""))
    if worker is None:
        return visit.to("/equipe/portefeuilles")
    async with visit.ctx.unit() as unit:
        kept = await read_draft(unit, FORM, str(worker))
    form = visit.blank({"kind": "absence", **(kept or {})}, worker=worker)
    preview = kept is not None and visit.request.query_params.get("vue") == "repartition"
    return await _page(visit, form, preview=preview)


@post(BASE, opt=MAY)
async def choose(visit: Visiting) -> Response[str]:
    """Keep what was chosen, then show who would get how many: a page one can come back to."""
    form = await visit.form()
    worker = _id(form, "worker")
    async with visit.ctx.unit() as unit:
        await _name_here(unit, worker)
        chosen = {name: values for name, values in form.dump().items() if any(values)}
        kept = await save_draft(unit, FORM, str(worker), chosen)
    if kept is None:
        return await _page(visit, form, preview=True)
    return visit.to(f"{BASE}?qui={worker}&vue=repartition")


@post(BASE + "/valider", opt=MAY)
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
        await drop_draft(unit, FORM, str(leaving))
        return {"count": count}

    try:
        await visit.once(form, "households.hand_over", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), status=422)
    except (Refused, Conflict) as error:
        form.wrong("everyone", visit._(error.message) % error.params)
        return await _page(visit, form, status=409)
    return visit.to(
        "/equipe/portefeuilles", N_("Les dossiers sont confiés. Chaque ménage en est informé.")
    )


HANDLERS = (show, choose, confirm)
