"""Une proposition: what the place is, what yes and no lead to, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.housing.labels import PLAIN_SIZES
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import reason_from
from core.placements.rules import REFERRAL, Effect, effect_of
from core.placements.service import answer
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.queries import Self, load_self, read_proposal, refusal_reasons

CHANGED = N_("Cette proposition a changé. Voici où elle en est.")


def _order(reasons: Sequence[Any]) -> list[tuple[Any, str]]:
    """Reasons as a household reads them; "other" and "I prefer not to say" close the list."""
    last = {"other": 1, "prefers_not_to_say": 2}
    said = [(r, r["plain"] or r["label"]) for r in reasons]
    return sorted(said, key=lambda pair: (last.get(pair[0]["code"], 0), pair[1]))


def _late(visit: Visit, row: Any) -> bool:
    return row["answer_by"] is not None and visit.ctx.clock.now() > row["answer_by"]


def _effect_of_no(row: Any, reason: Any = None) -> Effect:
    """What a no leads to, from where the proposal stands."""
    outcome = "declined" if row["state"] == "proposed" else "refused_by_household"
    return effect_of(
        outcome,
        reason_from({"author": "household", **dict(reason)}) if reason else None,
        moved_from_filled=row["state"] == "admitted",
    )


def _can_undo(row: Any, late: bool) -> bool:
    """Whether taking the answer back would be accepted as things stand."""
    if late or row["last_verb"] not in ("accept", "decline"):
        return False
    wanted = {"accepted": "held", "declined": "declared"}.get(row["state"])
    return wanted is not None and row["vacancy_state"] == wanted


async def _load(visit: Visit, unit: Unit, ref: str) -> tuple[Self, Any]:
    mine = await load_self(unit)
    visit.counts["messages"] = mine.unread
    return mine, await read_proposal(unit, ref, mine.household_id)


def _context(visit: Visit, row: Any) -> dict[str, Any]:
    late, size = _late(visit, row), row["typology"]
    return {
        "proposal": row,
        "size": visit._(PLAIN_SIZES.get(size, size)),
        "state": REFERRAL.states[row["state"]],
        "late": late,
        "open": row["state"] == "proposed" and not late,
        "can_undo": _can_undo(row, late),
        "can_still_refuse": row["state"] in ("sent_to_structure", "preadmission", "admitted"),
        "yes": effect_of("accepted"),
        "no": _effect_of_no(row) if row["state"] in ("proposed", "admitted") else None,
    }


@get("/proposition/{ref:str}", opt={"permission": "resident", "helper": "read"})
async def proposal(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The place, and both consequences before any choice."""
    async with visit.ctx.unit() as unit:
        _, row = await _load(visit, unit, ref)
    return visit.page(
        "portal/proposal.html",
        fragment="proposal",
        form=visit.blank(),
        **_context(visit, row),
    )


@get("/proposition/{ref:str}/oui", opt={"permission": "resident", "helper": "answer"})
async def confirm_yes(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One more page before the yes: what will happen."""
    async with visit.ctx.unit() as unit:
        _, row = await _load(visit, unit, ref)
    return visit.page("portal/proposal-yes.html", form=visit.blank(), **_context(visit, row))


@post("/proposition/{ref:str}/oui", opt={"permission": "resident", "helper": "answer"})
async def say_yes(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Yes, once: a second click finds the first one's answer."""
    form = await visit.form()

    async def work(unit: Unit) -> str:
        _, row = await _load(visit, unit, ref)
        return (await answer(unit, row["id"], "accept")).target

    try:
        await visit.once(form, "referral.accept", work)
    except (Refused, Conflict) as error:
        return await _again(visit, ref, form, error)
    return visit.to(f"/proposition/{ref}", said=N_("Vous avez dit oui. Nous prévenons l’équipe."))


@get("/proposition/{ref:str}/non", opt={"permission": "resident", "helper": "answer"})
async def ask_why(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Why not, if one wishes to say; "I prefer not to say" is an answer."""
    async with visit.ctx.unit() as unit:
        _, row = await _load(visit, unit, ref)
        reasons = await refusal_reasons(unit)
    return _no_page(visit, row, reasons, visit.blank())


@post("/proposition/{ref:str}/non", opt={"permission": "resident", "helper": "answer"})
async def say_no(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """First what this very reason leads to, then the no itself, once."""
    form = await visit.form()
    async with visit.ctx.unit() as unit:
        _, row = await _load(visit, unit, ref)
        reasons = await refusal_reasons(unit)
    chosen = next((r for r in reasons if r["code"] == form.value("reason_code")), None)
    words = form.text("words", 1000)
    if chosen is None:
        form.wrong("reason_code", N_("Choisissez une réponse."))
    elif chosen["needs_words"] and not words:
        form.wrong("words", N_("Écrivez quelques mots."))
    if form.errors:
        wrong = Invalid(dict(form.errors))
        return _no_page(visit, row, reasons, keep(visit, form, wrong), status=422)
    if form.value("confirmed") != "yes":
        effect = _effect_of_no(row, chosen)
        return visit.page(
            "portal/proposal-no-confirm.html",
            form=form,
            reason=chosen,
            effect=effect,
            **_context(visit, row),
        )

    async def work(unit: Unit) -> str:
        _, now = await _load(visit, unit, ref)
        code = form.value("reason_code")
        return (await answer(unit, now["id"], "decline", reason_code=code, words=words)).target

    try:
        await visit.once(form, "referral.decline", work)
    except Invalid as error:
        return _no_page(visit, row, reasons, keep(visit, form, error), status=422)
    except (Refused, Conflict) as error:
        return await _again(visit, ref, form, error)
    return visit.to(f"/proposition/{ref}", said=N_("Vous avez dit non à ce lieu."), tone="info")


@post("/proposition/{ref:str}/revenir", opt={"permission": "resident", "helper": "answer"})
async def undo(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Take the answer back, while it can be."""
    form = await visit.form()

    async def work(unit: Unit) -> str:
        _, row = await _load(visit, unit, ref)
        return (await answer(unit, row["id"], "undo_answer")).target

    try:
        await visit.once(form, "referral.undo_answer", work)
    except (Refused, Conflict) as error:
        return await _again(visit, ref, form, error)
    return visit.to(f"/proposition/{ref}", said=N_("Votre réponse est annulée."), tone="info")


def _no_page(
    visit: Visit, row: Any, reasons: Sequence[Any], form: Form, status: int = 200
) -> Response[str]:
    return visit.page(
        "portal/proposal-no.html",
        status=status,
        form=form,
        reasons=[(r["code"], visit._(text)) for r, text in _order(reasons)],
        **_context(visit, row),
    )


async def _again(visit: Visit, ref: str, form: Form, error: Refused | Conflict) -> Response[str]:
    """The proposal as it is now, with why the answer could not be taken."""
    async with visit.ctx.unit() as unit:
        _, row = await _load(visit, unit, ref)
    # The machine's own refusal names states in the team's words: the page shows them in plain ones.
    said = visit._(CHANGED if error.params else error.message)
    return visit.page(
        "portal/proposal.html",
        status=409,
        form=visit.blank(),
        refused=said,
        **_context(visit, row),
    )


HANDLERS = (proposal, confirm_yes, say_yes, ask_why, say_no, undo)
