"""Stays: who lives where, leaving with a code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.entering import exit_options
from admin.paging import SIZE, asked, page_of
from core.extension.contributions import NavItem
from core.housing.labels import LEASE_LABELS
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.emergency import STATES as EMERGENCY_STATES
from core.placements.emergency import emergencies
from core.placements.rules import PLACEMENT
from core.placements.service import exit_stay, undo_exit
from core.placements.stay_reads import stay, stay_choices, stay_history, stays
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

STATES = {
    "present": N_("Présents"),
    "overdue": N_("Échéance dépassée"),
    "exited": N_("Sortis"),
}


@get("/sejours", opt={"permission": "placements.record"})
async def list_stays(visit: Visiting) -> Response[str]:
    """Who is in the places, the oldest stay first; of one structure when asked."""
    state = asked(visit, "etat")
    state = state if state in STATES else "present"
    async with visit.ctx.unit() as unit:
        rows = await stays(
            unit,
            state="present" if state == "overdue" else state,
            overdue=state == "overdue",
            programme_ref=asked(visit, "structure"),
            kind=asked(visit, "type"),
            after=asked(visit, "apres"),
            limit=SIZE + 1,
        )
        urgent = await emergencies(unit)
        structures, kinds = await stay_choices(unit)
        today = unit.today
    shown, pager = page_of(visit, rows)
    narrowed = {n: v for n in ("structure", "type") if (v := asked(visit, n))}
    return visit.page(
        "admin/stays/list.html",
        rows=shown,
        pager=pager,
        today=today,
        urgent=urgent if state == "present" else [],
        urgent_states=EMERGENCY_STATES,
        # A stay past its date is one of those present.
        state="exited" if state == "exited" else "present",
        asked_state=state,
        structures=structures,
        kinds=kinds,
        form=visit.blank(narrowed),
        narrowed=bool(narrowed),
        leases=LEASE_LABELS,
        exits=code_list("exit").labels(),
        tabs=[
            {
                "href": visit.href("/sejours?" + urlencode({"etat": name, **narrowed})),
                "label": visit._(label),
                "current": name == state,
            }
            for name, label in STATES.items()
        ],
    )


@get("/sejours/{ref:str}", opt={"permission": "placements.record"})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One stay, with its exit form."""
    return await _show(visit, ref, visit.blank(on=visit.ctx.clock.today(visit.ctx.place.zone)))


async def _show(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await stay(unit, ref)
        history = await stay_history(unit, row["id"])
        today = unit.today
    exit_labels = code_list("exit").labels()
    words = {t.verb: t.staff for t in PLACEMENT.transitions} | {"plan": N_("Entrée prévue.")}
    return visit.page(
        "admin/stays/one.html",
        status=status,
        row=row,
        today=today,
        form=form,
        state=PLACEMENT.states[row["state"]],
        lease=LEASE_LABELS.get(row["lease_kind"], row["lease_kind"]),
        exits=exit_options(visit),
        exit_label=exit_labels.get(row["exit_code"]),
        exit_labels=exit_labels,
        history=[(step, visit._(words[step["verb"]])) for step in history],
    )


@post("/sejours/{ref:str}/sortie", opt={"permission": "placements.record"})
async def leave(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The household leaves, for where the code says."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await stay(unit, ref)
        on = form.date("on", required=True)
        code = form.integer("exit_code", 1, 32_000)
        if code is None:
            form.wrong("exit_code", N_("Indiquez où va le ménage."))
        words = form.text("words", 500)
        form.check()
        assert on is not None and code is not None
        await exit_stay(unit, row["id"], on=on, exit_code=code, words=words)
        return {}

    return await _act(visit, ref, form, "placements.exit", work, N_("Sortie enregistrée."))


@post("/sejours/{ref:str}/reprendre", opt={"permission": "placements.record"})
async def take_back(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """An exit noted by mistake."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await stay(unit, ref)
        await undo_exit(unit, row["id"], reason=form.text("reason", 500))
        return {}

    return await _act(visit, ref, form, "placements.undo_exit", work, N_("Sortie reprise."))


async def _act(
    visit: Visit, ref: str, form: Form, verb: str, work: Any, said: str
) -> Response[str]:
    try:
        await visit.once(form, verb, work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("reason" if verb.endswith("undo_exit") else "on",
                   visit._(error.message, **error.params))  # fmt: skip
        return await _show(visit, ref, form, 409)
    return visit.to(f"/sejours/{ref}", said=said)


HANDLERS = (list_stays, show, leave, take_back)
NAV = (NavItem(N_("Séjours"), "/sejours", "placements.record", order=55, icon="key"),)
