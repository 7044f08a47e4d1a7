"""Before the answer: visit the place or ask; how it works there; why it was refused, and how to
contest."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.service import LONGEST
from core.placements.clock import is_late
from core.placements.procedure_rules import DECIDERS, PAPERS
from core.placements.procedures import grounds_plain, procedure_of
from core.placements.reasons import class_of
from core.placements.service import ask_question, ask_visit, end_visit
from core.placements.visits import LONGEST as WISH_LONGEST
from core.placements.visits import VISIT_STATES, pending_visit, questions_of
from core.requests.rules import refusal_remedies
from core.territories.settings import read_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.queries import Self, load_self, read_proposal

_REASON = """
SELECT w.author, w.code, w.label, w.plain, w.contestable, s.words, s.at FROM referral_state s
JOIN refusal_reason w ON w.territory_id = s.territory_id AND w.id = s.reason_id
WHERE s.referral_id = $1 AND s.state = $2 ORDER BY s.id DESC LIMIT 1
"""


async def more(visit: Visit, unit: Unit, row: Any, mine: Self) -> dict[str, Any]:
    """What the page of a proposal shows around the place and the two answers."""
    procedure = await procedure_of(unit, row["kind"])
    pending = await pending_visit(unit, row["id"])
    helped = unit.actor.kind == "helper"
    asked = [] if helped else await questions_of(unit, row["id"], person_id=mine.person_id)
    _, decider = DECIDERS.get(procedure["decides"] if procedure else "", ("", ""))
    standing = VISIT_STATES[pending["state"]][1] if pending else ""
    return {
        "procedure": procedure,
        "decider": visit._(decider) if decider else "",
        "papers": [visit._(PAPERS[p].plain) for p in procedure["papers"] if p in PAPERS]
        if procedure
        else [],
        "grounds": [visit._(g) for g in await grounds_plain(unit, row["kind"], procedure)],
        "seeing": pending,
        "seeing_said": visit._(standing) if standing else "",
        "questions": asked,
        **await _why(visit, unit, row),
    }


async def _why(visit: Visit, unit: Unit, row: Any) -> dict[str, Any]:
    """Why it was refused or called off, and how to contest; of a no of one's own, only what two
    people judged of it."""
    found: dict[str, Any] = {"why": "", "why_words": "", "remedies": [], "judged_on": None}
    state = row["state"]
    since = None
    if state in ("refused_by_structure", "withdrawn"):
        reason = await unit.row(_REASON, row["id"], state)
        if reason is None:
            return found
        said = reason["plain"] or reason["label"]
        found["why"] = visit._(said)
        if class_of(reason["author"], reason["code"]) == "social":
            found["why_words"] = reason["words"]
        since = reason["at"] if reason["contestable"] else None
    elif state in ("declined", "refused_by_household"):
        since = found["judged_on"] = await unit.value(
            "SELECT max(at) FROM referral_state WHERE referral_id = $1 "
            "AND verb = 'judge:inadmissible'",
            row["id"],
        )
    if since is not None:
        place, settings = visit.ctx.place, await read_settings(unit)
        ways = refusal_remedies(
            since.date(), court_relevant=settings.court_relevant, country=place.country
        )
        found["remedies"] = [(visit._(r.resident), r.until) for r in ways]
    return found


async def _open(visit: Visit, unit: Unit, ref: str) -> tuple[Self, Any]:
    mine = await load_self(unit)
    visit.counts["messages"] = mine.unread
    return mine, await read_proposal(unit, ref, mine.household_id)


async def _page(
    visit: Visit, ref: str, template: str, form: Form, status: int = 200, **about: Any
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        _, row = await _open(visit, unit, ref)
        procedure = await procedure_of(unit, row["kind"])
        pending = await pending_visit(unit, row["id"])
    return visit.page(
        template,
        status=status,
        form=form,
        proposal=row,
        open=row["state"] == "proposed" and not is_late(row, visit.ctx.clock.now()),
        seeing=pending,
        visit_stops=procedure["visit_pauses"] if procedure else True,
        question_stops=procedure["question_pauses"] if procedure else True,
        longest=LONGEST,
        **about,
    )


@get("/proposition/{ref:str}/visite", opt={"permission": "resident", "helper": "answer"})
async def visit_first(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What a visit means for the delay, and when one can come."""
    return await _page(visit, ref, "portal/proposal-visit.html", visit.blank())


@post("/proposition/{ref:str}/visite", opt={"permission": "resident", "helper": "answer"})
async def want_visit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """See the place first, asked once."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        _, row = await _open(visit, unit, ref)
        wish = form.text("wish", WISH_LONGEST)
        form.check()
        return await ask_visit(unit, row["id"], wish)

    template = "portal/proposal-visit.html"
    try:
        still = await visit.once(form, "referral.ask_visit", work)
    except Invalid as error:
        return await _page(visit, ref, template, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        wrong = keep(visit, form, Invalid({"wish": visit._(error.message, **error.params)}))
        return await _page(visit, ref, template, wrong, 409)
    said = (
        N_("C’est noté. Votre délai est arrêté.")
        if still
        else N_("C’est noté. Votre délai continue.")
    )
    return visit.to(f"/proposition/{ref}", said=said)


@post("/proposition/{ref:str}/visite/annuler", opt={"permission": "resident", "helper": "answer"})
async def no_visit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """No visit after all: the delay runs again."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        _, row = await _open(visit, unit, ref)
        await end_visit(unit, row["id"], "cancelled")
        return True

    try:
        await visit.once(form, "referral.end_visit", work)
    except (Refused, Conflict) as error:
        said = visit._(error.message, **error.params)
        return visit.to(f"/proposition/{ref}", said=said, tone="warn")
    return visit.to(f"/proposition/{ref}", said=N_("La visite est annulée."), tone="info")


@get("/proposition/{ref:str}/question", opt={"permission": "resident", "helper": "write"})
async def question(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What a question means for the delay."""
    return await _page(visit, ref, "portal/proposal-question.html", visit.blank())


@post("/proposition/{ref:str}/question", opt={"permission": "resident", "helper": "write"})
async def put_question(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Ask it, once; the answer comes in the messages."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        mine, row = await _open(visit, unit, ref)
        form.check()
        return await ask_question(unit, row["id"], mine.person_id, form.value("text"))

    template = "portal/proposal-question.html"
    try:
        still = await visit.once(form, "referral.ask_question", work)
    except Invalid as error:
        return await _page(visit, ref, template, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        wrong = keep(visit, form, Invalid({"text": visit._(error.message, **error.params)}))
        return await _page(visit, ref, template, wrong, 409)
    said = (
        N_("Votre question est envoyée. Votre délai est arrêté.")
        if still
        else N_("Votre question est envoyée. Votre délai continue.")
    )
    return visit.to(f"/proposition/{ref}", said=said)


HANDLERS = (visit_first, want_visit, no_visit, question, put_question)
