"""Deciding a demande: outcome, reason, words to the household, previewed before it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.passing import choices, renamed
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.queries import entries_of, list_counts
from core.placements.passing import same_for_all
from core.placements.service import propose
from core.requests.decisions import MISSING_ITEMS, OUTCOMES, PLAIN, VERBS, decide
from core.requests.facts import known
from core.requests.lifecycle import MACHINE, STATES
from core.requests.queries import open_vacancies, request_id_of
from core.requests.recommendations import kind_labels
from core.requests.rules import refusal_remedies
from core.territories.settings import read_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

NEEDS_ITEMS = ("adjourn", "ask_missing")
NEEDS_REASON = ("refuse", "send_to_special_cases")

_REASONS = """
SELECT DISTINCT ON (code) code, label, plain, needs_words FROM refusal_reason
WHERE author = 'siao' AND starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1)
  AND code NOT IN ('place_lost', 'household_changed') ORDER BY code, starts_on DESC
"""


@get("/demandes/{ref:str}/decision", opt={"permission": "requests.decide"})
async def ask(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What may be decided now."""
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit, unit.today)
        due = unit.today + timedelta(days=settings.adjourn_days)
    return await _show(visit, ref, visit.blank(due_on=due.isoformat()))


async def _show(
    visit: Visit,
    ref: str,
    form: Form,
    status: int = 200,
    preview: Mapping[str, Any] | None = None,
    refused: str = "",
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        request_id = await request_id_of(unit, ref)
        file = await known(unit, request_id)
        kinds = await kind_labels(unit)
        recommended = [r["kind"] for r in file.recommendations]
        free = await open_vacancies(unit, recommended) if recommended else []
        reasons = await unit.fetch(_REASONS, unit.today)
    state = file.request["state"]
    outcomes = [
        (outcome, visit._(label))
        for outcome, label in OUTCOMES.items()
        if MACHINE.find(state, VERBS[outcome])
    ]
    return visit.page(
        "admin/requests/decision.html",
        status=status,
        form=form,
        request=file.request,
        main=file.main,
        state=STATES[state],
        outcomes=outcomes,
        recommended=[kinds.get(k, k) for k in recommended],
        reasons=[(r["code"], r["label"]) for r in reasons],
        items=[(item, visit._(item)) for item in MISSING_ITEMS],
        vacancies=[(v["ref"], _place(v, kinds)) for v in free],
        passing=choices(visit),
        preview=preview,
        refused=refused,
    )


def _place(row: Any, kinds: Mapping[str, str]) -> str:
    low, high = row["min_persons"], row["max_persons"]
    size = f"{low}" if low == high else f"{low} à {high}"
    parts = [kinds.get(row["kind"], row["kind"]), row["programme"], row["label"], row["area"]]
    said = " · ".join(p for p in parts if p)
    return f"{said} · {size} pers. · {row['free_on']:%d/%m/%Y}"


@post("/demandes/{ref:str}/decision", opt={"permission": "requests.decide"})
async def choose(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Preview first, then decide once."""
    form = await visit.form()
    outcome = form.choice("outcome", OUTCOMES, required=True) or ""
    if form.value("then") == "modifier":
        form.errors.clear()
        return await _show(visit, ref, form)
    async with visit.ctx.unit() as unit:
        await request_id_of(unit, ref)
        given = await _given(unit, visit, form, outcome)
    try:
        form.check()
        if form.value("then") != "confirmer":
            if outcome == "validate_and_list":
                given["lists"] = await _rehearsed(visit, ref, outcome, given)
            return await _show(visit, ref, form, preview=given)

        async def work(unit: Unit) -> Any:
            return await _decide(unit, await request_id_of(unit, ref), outcome, given)

        await visit.once(form, "request.decide", work)
    except Invalid as error:
        error.errors = renamed(error.errors)
        return await _show(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        said = visit._(error.message, **error.params)
        return await _show(visit, ref, form, 409, refused=said)
    return visit.to(f"/demandes/{ref}", said=N_("Décision enregistrée."))


class _Rehearsed(Exception):
    """Takes back what a rehearsal did."""


async def _rehearsed(
    visit: Visit, ref: str, outcome: str, given: Mapping[str, Any]
) -> list[tuple[str, int | None, int]]:
    """(list, rank, households on it) that the decision would give: done, read, and taken back.

    Raises what the decision itself would raise.
    """
    found: list[tuple[str, int | None, int]] = []
    try:
        async with visit.ctx.unit() as unit:
            request_id = await request_id_of(unit, ref)
            await _decide(unit, request_id, outcome, given)
            labels, counts = await kind_labels(unit), await list_counts(unit)
            for entry in await entries_of(unit, request_id):
                if entry["state"] == "active":
                    kind = entry["kind"]
                    there = counts[kind].households if kind in counts else 0
                    found.append((labels.get(kind, kind), entry["rank"], there))
            raise _Rehearsed
    except _Rehearsed:
        return found


async def _given(unit: Unit, visit: Visit, form: Form, outcome: str) -> dict[str, Any]:
    """What the form says, checked for its outcome, with the words the household will read."""
    reasons = {r["code"]: r for r in await unit.fetch(_REASONS, unit.today)}
    words = form.text("reason", 1000)
    coded = reasons.get(form.value("reason_code")) if outcome == "refuse" else None
    items, due = [], None
    if outcome in NEEDS_ITEMS:
        items = [i for i in MISSING_ITEMS if i in form.all("items")]
        items += [line.strip() for line in form.text("other_items").splitlines() if line.strip()]
        due = form.date("due_on", required=True)
        if not items:
            form.wrong("items", visit._(N_("Indiquez ce qui manque.")))
        if due and due <= unit.today:
            form.wrong("due_on", visit._(N_("Indiquez une date à venir.")))
    if outcome == "refuse" and coded is None:
        form.wrong("reason_code", visit._(N_("Choisissez un motif.")))
    if ((coded and coded["needs_words"]) or (outcome in NEEDS_REASON and not coded)) and not words:
        form.wrong("reason", visit._(N_("Expliquez le motif.")))
    vacancy = form.value("vacancy") if outcome == "validate_and_refer" else ""
    if outcome == "validate_and_refer" and not vacancy:
        form.wrong("vacancy", visit._(N_("Choisissez une place.")))
    settings = await read_settings(unit, unit.today)
    usual = visit._(PLAIN[outcome]) if outcome else ""
    if coded and coded["plain"]:
        usual = f"{visit._(coded['plain'])} {usual}"
    return {
        "outcome": outcome,
        "label": OUTCOMES.get(outcome, ""),
        "reason": " – ".join(t for t in (coded["label"] if coded else "", words) if t),
        "plain_text": form.text("plain_text") or usual,
        "items": items,
        "due_on": due,
        "vacancy": vacancy,
        "why": same_for_all(form.value("why_all"), form.text("why_words", 500)),
        "remedies": refusal_remedies(
            unit.today, court_relevant=settings.court_relevant, country=visit.ctx.place.country
        )
        if outcome == "refuse"
        else (),
    }


async def _decide(unit: Unit, request_id: int, outcome: str, given: Mapping[str, Any]) -> int:
    vacancy_id = None
    if given["vacancy"]:
        vacancy_id = await unit.value("SELECT id FROM vacancy WHERE ref = $1", given["vacancy"])
    decision = await decide(
        unit,
        request_id,
        outcome,
        reason=given["reason"],
        plain_text=given["plain_text"],
        missing=given["items"],
        due_on=given["due_on"],
        vacancy_id=vacancy_id,
    )
    if outcome == "validate_and_refer" and vacancy_id is not None:
        await propose(unit, vacancy_id, request_id, words=given["plain_text"], why=given["why"])
    return decision


HANDLERS = (ask, choose)
