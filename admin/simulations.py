"""Past months of a list replayed under another rule: asked for, followed, read as a report."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.rules import DRAFT, HERE, group_names, label_of, told
from core.figures.secrecy import LEAST, withheld
from core.kernel.dates import add_months
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.comparing import DIMENSIONS
from core.matching.rulebook import tags_here
from core.matching.rulecheck import BadRule, read_rule
from core.matching.rulehistory import drafts, versions
from core.simulation.findings import Found, GroupFound
from core.simulation.queries import named, simulation, simulations
from core.simulation.service import ask_simulation, stop_simulation
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

LIST = f"{HERE}/{{kind:str}}/simulations"
ONE = f"{LIST}/{{ref:str}}"
MAY = {"permission": "rules.read"}
STATES = {
    "waiting": (N_("En attente"), "info"),
    "running": (N_("En cours"), "info"),
    "done": (N_("Terminée"), "ok"),
    "stopped": (N_("Arrêtée"), "warn"),
    "failed": (N_("Échec"), "error"),
}
MONTHS = 12
"""The period proposed: as many months as that, up to today."""


@get(LIST, opt=MAY)
async def replays(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """The replays of a list, and the form that asks for one."""
    return await _list(visit, kind)


async def _list(
    visit: Visit, kind: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        label = await label_of(unit, kind)
        rows = await simulations(unit, kind)
        found = [v for v in await versions(unit, kind) if v.rule is not None]
        written = (await drafts(unit, kind)).get(kind)
        today = unit.today
    choices = [(str(v.id), visit._(N_("Version %(n)s"), n=v.version)) for v in found]
    if written:
        choices.insert(0, (DRAFT, visit._(N_("Brouillon"))))
    return visit.page(
        "admin/rules/simulations.html",
        status=status,
        kind=kind,
        label=label,
        rows=rows,
        states=STATES,
        choices=choices,
        form=form
        or visit.blank(
            rule=choices[0][0] if choices else "",
            starts_on=add_months(today, -MONTHS).isoformat(),
            ends_on=today.isoformat(),
        ),
    )


@post(LIST, opt={"permission": "rules.write"})
async def ask(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """Ask for a replay; the worker carries it on."""
    form = await visit.form()
    title = form.text("title", 120)

    async def work(unit: Unit) -> str:
        starts_on = form.date("starts_on", required=True)
        ends_on = form.date("ends_on", required=True)
        which = form.required("rule", N_("Choisissez une réponse."))
        rule_id = None if which == DRAFT else whole(which)
        if which != DRAFT and rule_id is None:
            form.wrong("rule", N_("Choisissez une réponse de la liste."))
        form.check()
        assert starts_on is not None and ends_on is not None
        await label_of(unit, kind)
        return await ask_simulation(
            unit,
            kind,
            rule_id=rule_id,
            starts_on=starts_on,
            ends_on=ends_on,
            title=title,
            tags=tags_here(visit.ctx) if rule_id is None else None,
        )

    try:
        ref = await visit.once(form, "simulation.ask", work)
    except BadRule as bad:
        form.wrong("rule", visit._(bad.reasons[0].msgid, **bad.reasons[0].params))
        return await _list(visit, kind, form, 422)
    except Invalid as error:
        return await _list(visit, kind, keep(visit, form, error), 422)
    except NotFound:
        form.wrong("rule", visit._(N_("Choisissez une réponse de la liste.")))
        return await _list(visit, kind, form, 422)
    except Conflict as error:
        form.wrong("rule", visit._(error.message))
        return await _list(visit, kind, form, 409)
    return visit.to(f"{HERE}/{kind}/simulations/{ref}")


@get(ONE, opt=MAY)
async def replay(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """A replay under way, or its report."""
    seen = bool(visit.ctx.can("lists.read"))
    async with visit.ctx.unit() as unit:
        label = await label_of(unit, kind)
        row, found = await simulation(unit, ref)
        if row["kind"] != kind:
            raise NotFound()
        people = {}
        if found and seen:
            ids = {i for p in found.places for i in (p.real, p.before, p.after) if i is not None}
            people = await named(unit, ids)
    rule = read_rule(msgspec.json.decode(row["keys"]))
    return visit.page(
        "admin/rules/simulation.html",
        kind=kind,
        label=label,
        row=row,
        last=row["ends_on"] - timedelta(days=1),
        found=found,
        said=told(visit, rule),
        states=STATES,
        groups=_groups(visit, found) if found else [],
        least=LEAST,
        people=people if seen else None,
        form=visit.blank(),
    )


def _groups(visit: Visit, found: Found) -> list[tuple[str, list[tuple[str, GroupFound]], int]]:
    """(dimension, its groups that may be shown with their names, how many are not)."""
    shown = []
    for dimension, label in DIMENSIONS.items():
        parts = [g for g in found.groups if g.dimension == dimension]
        hidden = withheld({g.code: g.households for g in parts})
        names = group_names(visit, dimension)
        rows = [(names(g.code), g) for g in parts if g.code not in hidden]
        shown.append((visit._(label), rows, len(hidden)))
    return shown


@post(f"{ONE}/arreter", opt={"permission": "rules.write"})
async def stop(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """Stop a replay under way."""
    form = await visit.form()

    async def work(unit: Unit) -> None:
        await stop_simulation(unit, ref)

    here = f"{HERE}/{kind}/simulations/{ref}"
    try:
        await visit.once(form, "simulation.stop", work)
    except Refused as error:
        return visit.to(here, said=error.message, tone="warn")
    return visit.to(here, said=N_("Simulation arrêtée."))


HANDLERS = (replays, ask, replay, stop)
