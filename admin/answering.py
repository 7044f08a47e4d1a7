"""Each act on a referral: its effect is shown before, its reasons are coded, it is done once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.referral_changes import fact_said
from admin.referrals import act_of, show_page
from core.kernel.clock import last_moment
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import (
    author_of,
    check_evidence,
    reason_from,
    spoken,
)
from core.placements.lifecycle import WORDED
from core.placements.procedures import admitted_refusals
from core.placements.queries import reasons_on, referral
from core.placements.rules import (
    REFERRAL,
    Effect,
    effect_of,
    effect_of_reopening,
    may_use,
)
from core.placements.service import answer, judge_refusal, move_deadline, record_try
from core.placements.sight import NEVER, Sight, seen_by_structure
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep


@post("/orientations/{ref:str}/essai", opt={"permission": "referrals.answer_for_household"})
async def note_try(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One traced try to reach the household."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        await record_try(unit, row["id"], form.value("channel"), form.text("words", 500))
        return {}

    return await _do(visit, ref, form, "placements.record_try", work, N_("Essai noté."))


@post("/orientations/{ref:str}/delai", opt={"permission": "referrals.follow"})
async def more_time(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A later deadline."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        until = form.date("answer_by", required=True)
        form.check()
        assert until is not None
        await move_deadline(unit, row["id"], last_moment(until, unit.zone))
        return {}

    return await _do(visit, ref, form, "placements.move_deadline", work, N_("Délai prolongé."))


@post("/orientations/{ref:str}/avis", opt={"permission": "requests.judge_refusal"})
async def judge(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """An opinion on a refusal; two different people before it weighs on the household."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        opinion = form.choice("opinion", ("admissible", "inadmissible"), required=True)
        words = form.text("words")
        form.check()
        await judge_refusal(unit, row["id"], admissible=opinion == "admissible", words=words)
        return {}

    return await _do(visit, ref, form, "placements.judge_refusal", work, N_("Avis enregistré."))


async def _do(visit: Visit, ref: str, form: Form, verb: str, work: Any, said: str) -> Response[str]:
    try:
        await visit.once(form, verb, work)
    except Invalid as error:
        return await show_page(visit, ref, 422, form=keep(visit, form, error))
    except (Refused, Conflict) as error:
        form.wrong("words", visit._(error.message, **error.params))
        return await show_page(visit, ref, 409, form=form)
    return visit.to(f"/orientations/{ref}", said=said)


@get("/orientations/{ref:str}/{slug:str}", opt={"permission": "referrals.read"})
async def ask(visit: Visiting, ref: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """What the act needs and does, before doing it."""
    return await _ask(visit, ref, slug, visit.blank())


async def _ask(
    visit: Visit, ref: str, slug: str, form: Form, status: int = 200, confirm: bool = False
) -> Response[str]:
    verb, oral, label = act_of(slug)
    async with visit.ctx.unit() as unit:
        row = await referral(unit, ref)
        step = REFERRAL.find(row["state"], spoken(row["state"], verb, oral))
        if step is None:
            raise NotFound(N_("Cette action n’est plus possible : l’orientation a changé d’état."))
        visit.ctx.require(step.permission)
        needs = {need.key for need in step.needs}
        author = author_of(step.verb)
        reasons = await reasons_on(unit, author, unit.today) if "reason" in needs else []
        admitted = await admitted_refusals(unit, row["programme_kind"])
        sight = await _sight(unit, row) if step.verb == "send" else None
    usable = [(r, reason_from(r)) for r in reasons if _may(row, reason_from(r), "x", admitted)]
    chosen = next((reason for r, reason in usable if r["code"] == form.value("reason_code")), None)
    if confirm and chosen and not _may(row, chosen, form.value("words")):
        form.wrong("words", visit._(WORDED.message))
        confirm, status = False, 422
    if confirm and chosen and author != "household":
        try:
            check_evidence(chosen, form.value("evidence"))
        except Invalid as error:
            form, confirm, status = keep(visit, form, error), False, 422
    effect = _effect(row["state"], step.verb, step.target, chosen)
    return visit.page(
        "admin/referrals/act.html",
        status=status,
        row=row,
        slug=slug,
        label=label,
        form=form,
        confirm=confirm,
        oral="oral_answer_noted" in needs,
        chosen=chosen,
        effect=effect,
        shows=[f"{r['label']} ({r['evidence']})" for r, _ in usable if r["evidence"]]
        if author != "household"
        else [],
        sight=sight,
        sight_facts=[(visit._(label), fact_said(visit, n, v)) for n, label, v in sight.facts]
        if sight
        else [],
        never=[visit._(text) for text in NEVER],
        reasons=[
            (
                r["code"],
                r["label"],
                visit._(N_("Peut être examiné par deux personnes."))
                if r["binds_household"]
                else "",
            )
            for r, _ in usable
        ],
        kept=REFERRAL.states[row["state"]],
    )


async def _sight(unit: Unit, row: Any) -> Sight:
    """What the structure will read, word for word."""
    return await seen_by_structure(
        unit, row["household_id"], row["request_id"], row["programme_kind"]
    )


def _may(row: Any, reason: Any, words: str, admitted: Collection[str] = ()) -> bool:
    """Whether this reason holds for that place, with what was written to explain it."""
    kind = row["programme_kind"]
    return bool(may_use(reason, reason.author, programme_kind=kind, words=words, admitted=admitted))


def _effect(former: str, verb: str, target: str, reason: Any) -> Effect:
    if verb.startswith("undo"):
        return effect_of_reopening(former)
    return effect_of(target, reason, moved_from_filled=former == "admitted")


@post("/orientations/{ref:str}/{slug:str}", opt={"permission": "referrals.read"})
async def act(visit: Visiting, ref: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """With a reason, its effect is shown first; then the act is done, once."""
    form = await visit.form()
    verb, oral, _ = act_of(slug)

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        words = form.text("words")
        form.check()
        await answer(
            unit,
            row["id"],
            verb,
            reason_code=form.value("reason_code") or None,
            words=words,
            oral=oral,
            evidence=form.text("evidence", 1000),
        )
        return {}

    if form.value("reason_code") and not form.value("confirmed"):
        return await _ask(visit, ref, slug, form, confirm=True)
    try:
        await visit.once(form, f"placements.{verb}", work)
    except Invalid as error:
        return await _ask(visit, ref, slug, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("words", visit._(error.message, **error.params))
        return await _again(visit, ref, slug, form)
    return visit.to(f"/orientations/{ref}", said=N_("Orientation mise à jour."))


async def _again(visit: Visit, ref: str, slug: str, form: Form) -> Response[str]:
    """The act's page with why it was refused; the referral's own when it has moved on."""
    try:
        return await _ask(visit, ref, slug, form, 409)
    except NotFound:
        return await show_page(visit, ref, 409, form=form)


HANDLERS = (note_try, more_time, judge, ask, act)
