"""Referrals: the work queues, and the whole life of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.paging import SIZE, asked, page_of
from admin.referral_changes import fact_said
from admin.referral_visits import around
from core.extension.contributions import NavItem
from core.households.changes import EVENT_LABELS
from core.households.scope import readable_classes
from core.kernel.errors import NotFound
from core.kernel.words import N_
from core.placements.answers import AFTER, CHANNELS, spoken
from core.placements.clock import is_late
from core.placements.passing import PASSING_REASONS
from core.placements.queries import (
    knows_household,
    passed_over,
    referral,
    referral_counts,
    referral_history,
    referrals,
)
from core.placements.rules import OPEN_REFERRAL, REFERRAL
from core.placements.service import open_review
from core.placements.snapshot import changed_facts, facts_now
from core.web.visit import Visit, Visiting

QUEUE_LABELS = {
    "proposed": N_("Sans réponse du ménage"),
    "to_send": N_("À envoyer"),
    "at_structure": N_("Chez la structure"),
    "admitted": N_("Entrée à noter"),
    "unanswered": N_("Silence constaté"),
    "late": N_("Délai dépassé"),
    "ended": N_("Terminées"),
}
SLUGS = {
    "accepter": ("accept", True, N_("Le ménage accepte")),
    "decliner": ("decline", True, N_("Le ménage refuse")),
    "reprendre": ("undo_answer", True, N_("Le ménage revient sur sa réponse")),
    "envoyer": ("send", False, N_("Envoyer à la structure")),
    "preadmettre": ("preadmit", False, N_("Engager une préadmission")),
    "admettre": ("admit", False, N_("Prononcer l’admission")),
    "refuser": ("refuse", False, N_("Refuser pour la structure")),
    "sans-reponse": ("mark_unanswered", False, N_("Constater le silence")),
    "injoignable": ("mark_unreachable", False, N_("Dire le ménage injoignable")),
    "non-presente": ("mark_no_show", False, N_("Le ménage ne s’est pas présenté")),
    "expirer": ("expire", False, N_("Constater la fin du délai")),
    "annuler": ("withdraw", False, N_("Annuler l’orientation")),
}
"""Acts by the word of their address: the verb, whether somebody notes it for the household."""

SIDES = {"household": N_("Ménage"), "structure": N_("Structure"), "siao": N_("SIAO")}
OTHER_STEPS = {
    "visit:asked": N_("Le ménage demande à visiter avant de répondre."),
    "visit:planned": N_("Visite fixée."),
    "visit:held": N_("Visite faite."),
    "visit:missed": N_("La visite n’a pas eu lieu."),
    "visit:cancelled": N_("Visite annulée."),
    "question:asked": N_("Le ménage pose une question avant de répondre."),
    "propose": N_("Orientation proposée."),
    "move_deadline": N_("Délai de l’orientation prolongé."),
    "judge:first": N_("Refus jugé irrecevable par une première personne."),
    "judge:inadmissible": N_("Refus jugé irrecevable par une deuxième personne."),
    "judge:admissible": N_("Refus jugé recevable."),
}


@get("/orientations", opt={"permission": "referrals.read"})
async def queues(visit: Visiting) -> Response[str]:
    """Who must answer what; the first queue that holds something is shown first."""
    async with visit.ctx.unit() as unit:
        counts = await referral_counts(unit)
        queue = asked(visit, "file")
        if queue not in QUEUE_LABELS:
            queue = next((name for name in QUEUE_LABELS if counts.get(name)), "proposed")
        rows = await referrals(unit, queue, after=asked(visit, "apres"), limit=SIZE + 1)
        now = unit.now
    shown, pager = page_of(visit, rows)
    scope = visit.ctx.scope("referrals.read")
    structure = not scope.everything and not scope.files
    tabs = [
        {
            "href": visit.href(f"/orientations?file={name}"),
            "label": visit._(label),
            "count": counts.get(name),
            "current": name == queue,
        }
        for name, label in QUEUE_LABELS.items()
        if not (structure and name in ("proposed", "to_send", "unanswered", "late"))
    ]
    return visit.page(
        "admin/referrals/list.html",
        rows=shown,
        pager=pager,
        tabs=tabs,
        now=now,
        queue=queue,
        queue_label=QUEUE_LABELS[queue],
        states=REFERRAL.states,
        open_states=OPEN_REFERRAL,
        structure=structure,
    )


@get("/orientations/{ref:str}", opt={"permission": "referrals.read"})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One referral: state, both sides, what may be done, history with authors."""
    return await show_page(visit, ref)


async def show_page(visit: Visit, ref: str, status: int = 200, **forms: Any) -> Response[str]:
    """The page of a referral, again with the form that was refused."""
    async with visit.ctx.unit() as unit:
        row = await referral(unit, ref)
        knows = await knows_household(unit, row)
        classes = await readable_classes(unit, row["household_id"])
        history = await referral_history(unit, row["id"], classes, whole=knows)
        extra = await around(visit, unit, row, knows=knows)
        passed = await passed_over(unit, row["id"]) if visit.ctx.can("lists.read") else []
        changed = changed_facts(row["snapshot"], await facts_now(unit, row["request_id"]))
        review = await open_review(unit, row["id"])
        now = unit.now
    judged = [h["verb"] for h in history if h["verb"].startswith("judge:")]
    return visit.page(
        "admin/referrals/one.html",
        status=status,
        row=row,
        now=now,
        review=review,
        differences=[
            (visit._(label), fact_said(visit, name, then), fact_said(visit, name, today))
            for name, label, then, today in (review["differences"] if review else ())
        ],
        may_confirm=bool(
            visit.ctx.can("referrals.follow") or visit.ctx.can("referrals.answer_structure")
        ),
        may_withdraw=bool(visit.ctx.can("referrals.decide")),
        events=EVENT_LABELS,
        passed=passed,
        **extra,
        passing={r.code: r.label for r in PASSING_REASONS},
        changed=changed if row["state"] in OPEN_REFERRAL and knows else [],
        knows=knows,
        state=REFERRAL.states[row["state"]],
        acts=acts_of(visit, row, now),
        open=row["state"] in OPEN_REFERRAL,
        tries=sum(h["verb"].startswith("try:") for h in history),
        may_try=row["state"] in OPEN_REFERRAL
        and knows
        and bool(visit.ctx.can("referrals.answer_for_household")),
        may_move=row["state"] in OPEN_REFERRAL
        and row["paused_at"] is None
        and bool(visit.ctx.can("referrals.follow")),
        may_enter=row["state"] == "admitted"
        and row["stay_ref"] is None
        and bool(visit.ctx.can("placements.record")),
        may_judge=row["state"] in ("declined", "refused_by_household")
        and bool(visit.ctx.can("requests.judge_refusal"))
        and judged in ([], ["judge:first"]),
        # Nobody judges what they may not read.
        hidden=any(h["hidden"] for h in history),
        judged=judged,
        history=[(step, said_of(visit, step["verb"])) for step in history],
        sides={name: visit._(label) for name, label in SIDES.items()},
        channels=[(code, visit._(label)) for code, label in CHANNELS.items()],
        form=forms.get("form") or visit.blank(),
    )


def said_of(visit: Visit, verb: str) -> str:
    """A step's sentence for staff."""
    if verb.startswith("try:"):
        channel = visit._(CHANNELS.get(verb.removeprefix("try:"), verb))
        return visit._(N_("Essai pour joindre le ménage : %(channel)s."), channel=channel)
    if verb in OTHER_STEPS:
        return visit._(OTHER_STEPS[verb])
    return visit._(next(t.staff for t in REFERRAL.transitions if t.verb == verb))


def acts_of(visit: Visit, row: Any, now: datetime) -> list[tuple[str, str]]:
    """(word, label) of what this person may do now; what is still needed is said on its page."""
    found = []
    for slug, (verb, oral, label) in SLUGS.items():
        step = REFERRAL.find(row["state"], spoken(row["state"], verb, oral))
        if step is None or not visit.ctx.can(step.permission):
            continue
        if slug == "expirer" and row["state"] == "proposed" and not is_late(row, now):
            continue
        if row["stay_ref"] is not None or (slug == "reprendre" and row["state"] in AFTER):
            continue
        found.append((slug, visit._(label)))
    return found


def act_of(slug: str) -> tuple[str, bool, str]:
    """The act behind a word of an address; NotFound when there is none."""
    try:
        return SLUGS[slug]
    except KeyError:
        raise NotFound() from None


HANDLERS = (queues, show)
NAV = (NavItem(N_("Orientations"), "/orientations", "referrals.read", order=50, icon="path"),)
