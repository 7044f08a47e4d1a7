"""Around a referral: what the place asks, what the structure sees, visits, questions, alerts."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from admin.referral_changes import fact_said
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.alerts import ALERTS, open_alerts, side_of
from core.placements.chains import freed_by
from core.placements.procedure_rules import DECIDERS
from core.placements.procedures import procedure_of
from core.placements.queries import people_of, referral
from core.placements.referrals import TOLD_BY
from core.placements.rules import OPEN_REFERRAL
from core.placements.service import ask_question, ask_visit, end_visit, plan_visit, read_alert
from core.placements.sight import NEVER, seen_by_structure
from core.placements.visits import VISIT_STATES, pending_visit, questions_of, visits_of
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

ENDS = {
    "held": N_("La visite est faite"),
    "missed": N_("La visite n’a pas eu lieu"),
    "cancelled": N_("La visite est annulée"),
}
_TIME = re.compile(r"([01]?\d|2[0-3])\s*[:hH]\s*([0-5]\d)?")


async def around(visit: Visit, unit: Unit, row: Any, *, knows: bool) -> dict[str, Any]:
    """What the page of a referral shows beside its life: each part for who may read it."""
    kind = row["programme_kind"]
    open_, answers = row["state"] in OPEN_REFERRAL, visit.ctx.can("referrals.answer_for_household")
    sight = await seen_by_structure(unit, row["household_id"], row["request_id"], kind)
    side = await side_of(unit, row["organisation_id"])
    pending = await pending_visit(unit, row["id"])
    return {
        "people": await people_of(unit, row["household_id"]) if knows else sight.people,
        "seen": [(visit._(label), fact_said(visit, n, value)) for n, label, value in sight.facts],
        "never": [visit._(text) for text in NEVER],
        "procedure": await procedure_of(unit, kind),
        "deciders": DECIDERS,
        "told_by": TOLD_BY,
        "alerts": [visit._(ALERTS[kind]) for kind in await open_alerts(unit, row["id"], side)]
        if _may_read(visit, side)
        else [],
        "visits": await visits_of(unit, row["id"]) if knows else [],
        "visit_states": VISIT_STATES,
        "pending_visit": pending if knows else None,
        "visit_ends": [(code, visit._(label)) for code, label in ENDS.items()],
        "questions": await questions_of(unit, row["id"])
        if knows and visit.ctx.can("messages.read")
        else [],
        "may_visit": row["state"] == "proposed" and knows and bool(answers),
        "freed": await freed_by(unit, row["household_id"])
        if (open_ or row["state"] == "admitted") and knows and visit.ctx.can("lists.read")
        else [],
    }


def _may_read(visit: Visit, side: str) -> bool:
    right = "referrals.answer_structure" if side == "structure" else "referrals.follow"
    return bool(visit.ctx.can(right))


def visit_moment(form: Form, zone: str) -> datetime | None:
    """The day and hour of a visit as typed; what is missing or misread is noted beside."""
    on = form.date("visit_on", required=True)
    match = _TIME.fullmatch(form.value("visit_time"))
    if match is None:
        form.wrong("visit_time", N_("Indiquez une heure, par exemple 14:30."))
    if on is None or match is None:
        return None
    return datetime.combine(on, time(int(match[1]), int(match[2] or 0)), ZoneInfo(zone))


@post("/orientations/{ref:str}/visite", opt={"permission": "referrals.answer_for_household"})
async def note_visit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The household said that it wants to see the place first."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        wish = form.text("wish", 500)
        form.check()
        return {"still": await ask_visit(unit, row["id"], wish)}

    return await _do(visit, ref, form, "placements.ask_visit", work, N_("Visite notée."), "wish")


@post("/orientations/{ref:str}/visite/date", opt={"permission": "referrals.answer_for_household"})
async def set_visit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """When and where the visit is."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        at, meeting = visit_moment(form, unit.zone), form.text("meeting", 500)
        form.check()
        assert at is not None
        await plan_visit(unit, row["id"], at, meeting)
        return {}

    said = N_("Visite fixée ; le ménage est prévenu.")
    return await _do(visit, ref, form, "placements.plan_visit", work, said, "visit_on")


@post("/orientations/{ref:str}/visite/fin", opt={"permission": "referrals.answer_for_household"})
async def close_visit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What came of the visit; the clock of the answer runs again."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        outcome = form.choice("outcome", ENDS, required=True)
        form.check()
        await end_visit(unit, row["id"], outcome or "")
        return {}

    said = N_("Visite close ; le délai de réponse court de nouveau.")
    return await _do(visit, ref, form, "placements.end_visit", work, said, "outcome")


@post("/orientations/{ref:str}/question", opt={"permission": "referrals.answer_for_household"})
async def note_question(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A question that the household asked aloud: it is answered among the messages."""
    form = await visit.form()
    text = form.text("text", 4000)

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        form.check()
        person = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1 AND starts_on <= $2 "
            "AND (ends_on IS NULL OR ends_on > $2) ORDER BY role <> 'main', id LIMIT 1",
            row["household_id"],
            unit.today,
        )
        await ask_question(unit, row["id"], int(person or 0), text)
        return {}

    said = N_("Question notée : répondez-y dans les messages.")
    return await _do(visit, ref, form, "placements.ask_question", work, said, "text")


@post("/orientations/{ref:str}/alerte", opt={"permission": "referrals.read"})
async def seen(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One's side has read that it does not move, or has ended."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        await read_alert(unit, row["id"])
        return {}

    return await _do(visit, ref, form, "placements.read_alert", work, N_("C’est noté."), "words")


async def _do(
    visit: Visit, ref: str, form: Form, verb: str, work: Any, said: str, field: str
) -> Response[str]:
    from admin.referrals import show_page  # the page shows these parts, and is shown again here

    try:
        await visit.once(form, verb, work)
    except Invalid as error:
        return await show_page(visit, ref, 422, form=keep(visit, form, error))
    except (Refused, Conflict) as error:
        form.wrong(field, visit._(error.message, **error.params))
        return await show_page(visit, ref, 409, form=form)
    return visit.to(f"/orientations/{ref}", said=said)


HANDLERS = (note_visit, set_visit, close_visit, note_question, seen)
