"""Each act on a referral: its effect is shown before, its reasons are coded, it is done once."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.referrals import act_of, show_page
from core.housing.labels import LEASE_LABELS
from core.kernel.clock import last_moment
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import author_of, reason_from, spoken
from core.placements.lifecycle import WORDED
from core.placements.queries import knows_household, reasons_on, referral
from core.placements.rules import (
    REFERRAL,
    Effect,
    effect_of,
    effect_of_reopening,
    may_use,
)
from core.placements.service import answer, judge_refusal, move_deadline, move_in, record_try
from core.placements.stay_reads import stays_of_household
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

EXIT_GROUPS = {
    "housing": N_("Logement"),
    "rental_mediation": N_("Intermédiation locative"),
    "accompanied_housing": N_("Logement accompagné"),
    "shelter": N_("Hébergement"),
    "asylum": N_("Asile"),
    "care": N_("Soin"),
    "justice": N_("Justice"),
    "home_or_family": N_("Tiers, famille, domicile"),
    "street": N_("Rue"),
    "end_of_stay": N_("Fin du séjour"),
    "no_show": N_("Non présenté"),
    "other_department": N_("Autre département"),
    "death": N_("Décès"),
    "unknown": N_("Inconnu"),
}


def exit_options(visit: Visit) -> list[tuple[str, list[tuple[int, str]]]]:
    """Exit codes by group, as a list to choose from."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for item in code_list("exit").items:
        groups.setdefault(visit._(EXIT_GROUPS[item.group]), []).append((item.id, item.label))
    return list(groups.items())


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


# -- moving in --------------------------------------------------------------------------------


@get("/orientations/{ref:str}/entrer", opt={"permission": "placements.record"})
async def ask_entry(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """When the household came in, under which contract."""
    return await _entry(visit, ref, visit.blank(on=visit.ctx.clock.today(visit.ctx.place.zone)))


async def _entry(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await referral(unit, ref)
        stays = await stays_of_household(unit, row["household_id"])
        knows = await knows_household(unit, row)
    if not form.value("lease_kind") and row["usual_lease"]:
        form = (
            visit.blank({**form.dump(), "lease_kind": row["usual_lease"]})
            if not form.errors
            else form
        )
    return visit.page(
        "admin/referrals/enter.html",
        status=status,
        row=row,
        form=form,
        current=[s for s in stays if s["state"] == "present"],
        knows=knows,
        leases=[(code, visit._(label)) for code, label in LEASE_LABELS.items()],
        exits=exit_options(visit),
    )


@post("/orientations/{ref:str}/entrer", opt={"permission": "placements.record"})
async def enter(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The household is in; the demande closes."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        on = form.date("on", required=True)
        lease = form.choice("lease_kind", LEASE_LABELS)
        leave = form.integer("leave", 1, 32_000)
        form.check()
        assert on is not None
        made = await move_in(
            unit,
            row["id"],
            on=on,
            lease_kind=lease,
            double=bool(form.value("double")),
            leave=leave,
        )
        return {"ref": await unit.value("SELECT ref FROM placement WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.move_in", work)
    except Invalid as error:
        return await _entry(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("on", visit._(error.message, **error.params))
        return await _entry(visit, ref, form, 409)
    return visit.to(f"/sejours/{done['ref']}", said=N_("Entrée enregistrée."))


# -- every other act: reasons, effect, confirmation ---------------------------------------------


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
    usable = [(r, reason_from(r)) for r in reasons if _may(row, reason_from(r), "x")]
    chosen = next((reason for r, reason in usable if r["code"] == form.value("reason_code")), None)
    if confirm and chosen and not _may(row, chosen, form.value("words")):
        form.wrong("words", visit._(WORDED.message))
        confirm, status = False, 422
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


def _may(row: Any, reason: Any, words: str) -> bool:
    """Whether this reason holds for that place, with what was written to explain it."""
    return bool(may_use(reason, reason.author, programme_kind=row["programme_kind"], words=words))


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


HANDLERS = (note_try, more_time, judge, ask_entry, enter, ask, act)
