"""Written procedures of referral: read alike by everybody, written and re-read in the settings."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import version_of
from core.extension.contributions import NavItem
from core.housing.versions import DEVICE_LABELS
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.procedure_rules import DAYS, DECIDERS, PAPERS, Procedure, papers_of
from core.placements.procedures import (
    grounds_of,
    kind_terms,
    procedure_history,
    procedure_of,
    procedures,
)
from core.placements.service import settle_procedure, write_procedure
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"
DAY_LABELS = {
    "household_days": N_("Réponse du ménage"),
    "structure_days": N_("Réponse de la structure"),
    "preadmission_days": N_("Préadmission"),
    "stall_days": N_("Alerte quand rien n’avance depuis"),
    "grace_days": N_("Délai de grâce avant la fin automatique"),
}
DAY_HINTS = {
    "household_days": N_("À partir du jour où la place est proposée."),
    "structure_days": N_("À partir de l’envoi à la structure."),
    "preadmission_days": N_("À partir du début de la préadmission."),
    "stall_days": N_("Le SIAO et la structure sont alertés."),
    "grace_days": N_("Ensuite la place est libre et le ménage garde sa date."),
}


@get("/procedures", opt={"permission": "housing.read"})
async def overview(visit: Visiting) -> Response[str]:
    """Each kind of place with its procedure in force."""
    async with visit.ctx.unit() as unit:
        rows = await procedures(unit)
    return visit.page(
        "admin/procedures/list.html",
        rows=rows,
        devices=DEVICE_LABELS,
        deciders=DECIDERS,
        may_write=bool(visit.ctx.can(MAY)),
    )


@get("/procedures/{code:str}", opt={"permission": "housing.read"})
async def show(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The procedure of a kind as prescribers, structures and households read it."""
    async with visit.ctx.unit() as unit:
        terms = await kind_terms(unit, code, unit.today)
        row = await procedure_of(unit, code)
        grounds = await grounds_of(unit, code, unit.today)
    return visit.page(
        "admin/procedures/one.html",
        kind=terms,
        row=row,
        papers=[PAPERS[p] for p in (row["papers"] if row else ()) if p in PAPERS],
        deciders=DECIDERS,
        refusals=refusals_of(row, grounds),
        days=DAY_LABELS,
        may_write=bool(visit.ctx.can(MAY)),
    )


def refusals_of(row: Any, grounds: list[tuple[str, str]]) -> list[str]:
    """The labels of the reasons that a structure may give under a procedure."""
    chosen = row["refusals"] if row else ()
    return [label for code, label in grounds if not chosen or code in chosen]


@get("/reglages/procedures/{code:str}", opt={"permission": MAY})
async def edit(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """Its versions, the one that waits for a second reader, and the form of the next."""
    return await _edit(visit, code)


async def _edit(
    visit: Visit, code: str, form: Form | None = None, status: int = 200, refused: str = ""
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        terms = await kind_terms(unit, code, unit.today)
        versions = await procedure_history(unit, code)
        grounds = await grounds_of(unit, code, unit.today)
        today = unit.today
    held = [v for v in versions if v["confirmed_at"] is not None]
    waiting = next(
        (v for v in versions if v["confirmed_at"] is None and v["dropped_at"] is None), None
    )
    if status == 409 and form is not None and held:
        # Sending again is a choice made knowing: what was typed, over the version that stands.
        form = Form({**form.dump(), "version": held[0]["id"]}, csrf=form.csrf)
    if form is None:
        form = visit.blank(_shown(held[0]) if held else {}, version=held[0]["id"] if held else 0)
    return visit.page(
        "admin/procedures/edit.html",
        status=status,
        form=form,
        kind=terms,
        versions=versions,
        waiting=waiting,
        mine=waiting is not None and waiting["written_by"] == visit.ctx.who.account_id,
        papers=[
            (p.code, visit._(p.label))
            for p in papers_of(terms["device"], lawful_stay_required=terms["lawful_stay_required"])
        ],
        paper_labels={p.code: p.label for p in PAPERS.values()},
        grounds=grounds,
        deciders=[(code, visit._(label)) for code, (label, _) in DECIDERS.items()],
        decider_labels=DECIDERS,
        days=[(name, visit._(DAY_LABELS[name]), visit._(DAY_HINTS[name])) for name in DAYS],
        refused=refused,
        today=today,
    )


def _shown(row: Any) -> dict[str, Any]:
    """A version as its form holds it."""
    values = {name: row[name] for name in (*DAYS, "decides", "steps", "plain")}
    return values | {
        "papers": list(row["papers"]),
        "refusals": list(row["refusals"]),
        "conditions": "\n".join(row["conditions"]),
        "question_pauses": "yes" if row["question_pauses"] else None,
        "visit_pauses": "yes" if row["visit_pauses"] else None,
    }


def _asked(form: Form) -> Procedure:
    """A procedure as its form says it; what is not a number is said beside its field."""
    days = {name: form.integer(name, low, high) for name, (low, high) in DAYS.items()}
    for name, value in days.items():
        if value is None:
            form.wrong(name, N_("Indiquez un nombre."))
    lines = (line.strip() for line in form.text("conditions", 3000).splitlines())
    return Procedure(
        papers=tuple(dict.fromkeys(form.all("papers"))),
        conditions=tuple(line for line in lines if line),
        refusals=tuple(dict.fromkeys(form.all("refusals"))),
        decides=form.value("decides"),
        steps=form.text("steps", 3000),
        plain=form.text("plain", 1000),
        question_pauses=bool(form.value("question_pauses")),
        visit_pauses=bool(form.value("visit_pauses")),
        why=form.text("why", 500),
        **{name: value or 0 for name, value in days.items()},
    )


@post("/reglages/procedures/{code:str}", opt={"permission": MAY})
async def write(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """A new version from a day on; one that speaks of readiness waits for somebody else."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        asked = _asked(form)
        starts_on = form.date("starts_on", required=True)
        form.check()
        assert starts_on is not None
        made = await write_procedure(
            unit, code, asked, starts_on=starts_on, version=version_of(form) or None
        )
        found = await unit.value("SELECT found FROM referral_procedure WHERE id = $1", made)
        return {"waits": bool(found)}

    try:
        done = await visit.once(form, "placements.write_procedure", work)
    except Invalid as error:
        return await _edit(visit, code, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        refused = visit._(error.message, **error.params)
        return await _edit(visit, code, form, 409, refused)
    if done["waits"]:
        return visit.to(
            f"/reglages/procedures/{code}",
            said=N_("Version gardée : elle attend la lecture d’une autre personne."),
            tone="warn",
        )
    return visit.to(f"/reglages/procedures/{code}", said=N_("Nouvelle version enregistrée."))


DECISIONS = {
    "confirmer": (True, N_("La procédure est relue et prendra effet.")),
    "ecarter": (False, N_("La version est écartée ; la précédente reste en vigueur.")),
}


@post("/reglages/procedures/{code:str}/relecture", opt={"permission": MAY})
async def settle(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The second reader's word."""
    form = await visit.form()
    if (decision := form.value("decision")) not in DECISIONS:
        raise NotFound()
    confirmed, said = DECISIONS[decision]

    async def work(unit: Unit) -> dict[str, Any]:
        await settle_procedure(unit, code, confirmed=confirmed)
        return {}

    try:
        await visit.once(form, "placements.settle_procedure", work)
    except Refused as error:
        refused = visit._(error.message, **error.params)
        return await _edit(visit, code, None, 409, refused)
    return visit.to(f"/reglages/procedures/{code}", said=said)


HANDLERS = (overview, show, edit, write, settle)
NAV = (NavItem(N_("Procédures"), "/procedures", "housing.read", order=65, icon="document"),)
