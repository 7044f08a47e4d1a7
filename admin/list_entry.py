"""One household on one list: its rank, pauses, tries to reach it, lapse and return, seniority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.entries import entry_facts, lock_entry, read_entry
from core.matching.queries import entries_of, entry_history, entry_row, tries_of
from core.matching.rules import CHANNEL_LABELS, ENTRY
from core.matching.service import (
    OUTCOMES,
    announce_lapse,
    change_seniority,
    entry_id_of,
    entry_step,
    record_try,
    tell_key_worker,
)
from core.requests.queries import history, request_id_of
from core.requests.recommendations import kind_labels
from core.requests.seniority import BY_HAND, SENTENCES
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

BASE = "/listes/{kind:str}/{ref:str}"
TRACED = {"announced": N_("Sortie annoncée au ménage"), "told": N_("Référent prévenu")}
KINDS = {
    "correction": N_("Date fausse, corrigée"),
    "earlier_request": N_("Demande antérieure reprise"),
    "given_back": N_("Date rendue"),
}
CAUSES = {
    "hospital": N_("Hospitalisation"),
    "prison": N_("Détention"),
    "violence": N_("Violences"),
}
"""Absences that nobody is held to: after them an entry comes back whatever the delay."""


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the entry. `form`: the fields it needs before it is done."""

    slug: str
    verb: str
    label: str
    reason: bool = False
    tone: str = "secondary"


ACTS = (
    Act("pause", "pause", N_("Mettre en pause"), reason=True),
    Act("reprise", "resume", N_("Reprendre")),
    Act("actualisation", "refresh", N_("Actualiser l’inscription"), tone="primary"),
    Act("sortie", "lapse", N_("Constater la sortie de liste"), tone="danger"),
    Act("retablissement", "restore", N_("Rétablir l’inscription"), tone="primary"),
    Act("retrait", "withdraw", N_("Retirer de cette liste"), reason=True, tone="danger"),
    Act("retour", "reopen", N_("Réinscrire"), reason=True),
)
BY_SLUG = {act.slug: act for act in ACTS}


async def _entry(unit: Unit, kind: str, ref: str) -> tuple[int, int]:
    """(request, entry) behind an address; NotFound where the visitor may not know of it."""
    request_id = await request_id_of(unit, ref)
    return request_id, await entry_id_of(unit, request_id, kind)


@get(BASE, opt={"permission": "lists.read"})
async def show(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """Where this household stands on this list, and everything that was done."""
    return await _show(visit, kind, ref)


async def _show(
    visit: Visit,
    kind: str,
    ref: str,
    form: Form | None = None,
    status: int = 200,
    refused: str = "",
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        request_id, entry_id = await _entry(unit, kind, ref)
        entry = await entry_row(unit, entry_id)
        rank = next(e["rank"] for e in await entries_of(unit, request_id) if e["id"] == entry_id)
        facts = await entry_facts(unit, await read_entry(unit, entry_id))
        tries, past = await tries_of(unit, entry_id), await entry_history(unit, entry_id)
        labels = await kind_labels(unit)
        acts = (await history(unit, request_id)).acts
        today = unit.today
    state = entry["state"]
    lapse = ENTRY.find("to_refresh", "lapse")
    return visit.page(
        "admin/lists/entry.html",
        status=status,
        form=form or visit.blank(),
        entry=entry,
        kind=kind,
        label=labels.get(kind, kind),
        rank=rank,
        state=ENTRY.states[state],
        states=ENTRY.states,
        acts=[
            act
            for act in ACTS
            if (t := ENTRY.find(state, act.verb)) and visit.ctx.can(t.permission)
        ],
        lapse_needs=[
            {"met": facts.get(n.key) is True, "text": visit._(n.message)}
            for n in (lapse.needs if lapse else ())
        ]
        if state == "to_refresh"
        else [],
        restorable=facts.get("restorable") is True,
        channels=[(c, visit._(label)) for c, label in CHANNEL_LABELS.items()],
        outcomes=[(o, visit._(label)) for o, label in OUTCOMES.items()],
        causes=[(c, visit._(label)) for c, label in CAUSES.items()],
        channel_labels=CHANNEL_LABELS,
        outcome_labels={**OUTCOMES, **TRACED},
        tries=tries,
        past=past,
        seniority_acts=acts,
        may_change=bool(visit.ctx.can("seniority.change")),
        kinds=[(k, visit._(KINDS[k]), visit._(SENTENCES[k])) for k in BY_HAND],
        refused=refused,
        today=today,
    )


async def _acted(
    visit: Visit, kind: str, ref: str, form: Form, verb: str, work: Any, said: str
) -> Response[str]:
    """Do it once and come back; or the page again with what is wrong."""
    try:
        form.check()
        await visit.once(form, verb, work)
    except Invalid as error:
        return await _show(visit, kind, ref, keep(visit, form, error), 422)
    except Refused as error:
        refused = visit._(error.message, **error.params)
        return await _show(visit, kind, ref, form, 409, refused)
    return visit.to(f"/listes/{kind}/{ref}", said=said)


@post(BASE + "/actes/{slug:str}", opt={"permission": "lists.read"})
async def act(
    visit: Visiting, kind: FromPath[str], ref: FromPath[str], slug: FromPath[str]
) -> Response[str]:
    """Pause, resume, refresh, lapse, restore, withdraw."""
    chosen, form = BY_SLUG.get(slug), await visit.form()
    if chosen is None:
        raise NotFound()
    reason = form.text("reason", 1000)
    if chosen.reason and not reason:
        form.wrong("reason", visit._(N_("Indiquez un motif.")))
    cause = form.choice("cause", CAUSES)

    async def work(unit: Unit) -> Any:
        _, entry_id = await _entry(unit, kind, ref)
        facts = None
        if cause:
            facts = await entry_facts(unit, await lock_entry(unit, entry_id), cause)
        words = reason or (cause or "")
        await entry_step(unit, entry_id, chosen.verb, facts=facts, reason=words)

    said = N_("Inscription modifiée.")
    return await _acted(visit, kind, ref, form, f"entry.{chosen.verb}", work, said)


@post(BASE + "/essais", opt={"permission": "lists.follow"})
async def add_try(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """A try to reach the household, traced."""
    form = await visit.form()
    channel = form.choice("channel", CHANNEL_LABELS, required=True) or ""
    outcome = form.choice("outcome", OUTCOMES, required=True) or ""
    for name in list(form.errors):
        form.errors[name] = visit._(form.errors[name])

    async def work(unit: Unit) -> Any:
        _, entry_id = await _entry(unit, kind, ref)
        await record_try(unit, entry_id, channel, outcome)

    return await _acted(visit, kind, ref, form, "entry.try", work, N_("Essai noté."))


@post(BASE + "/annonce", opt={"permission": "lists.lapse"})
async def announce(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """The household reads, on its page and by its key worker, that the entry may lapse."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        _, entry_id = await _entry(unit, kind, ref)
        await announce_lapse(unit, entry_id)

    said = N_("La sortie possible est annoncée au ménage.")
    return await _acted(visit, kind, ref, form, "entry.announce", work, said)


@post(BASE + "/referent", opt={"permission": "lists.lapse"})
async def tell(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """The key worker knows."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        _, entry_id = await _entry(unit, kind, ref)
        await tell_key_worker(unit, entry_id)

    return await _acted(visit, kind, ref, form, "entry.tell", work, N_("Référent prévenu."))


@post(BASE + "/anciennete", opt={"permission": "seniority.change"})
async def move(visit: Visiting, kind: FromPath[str], ref: FromPath[str]) -> Response[str]:
    """Another seniority: an act with its author, its reason and the sentence to the household."""
    form = await visit.form()
    after = form.date("after", required=True)
    why = form.choice("why", BY_HAND, required=True) or ""
    reason = form.text("seniority_reason", 1000)
    if not reason:
        form.wrong("seniority_reason", N_("Un changement d’ancienneté demande un motif écrit."))
    for name in list(form.errors):
        form.errors[name] = visit._(form.errors[name])

    async def work(unit: Unit) -> Any:
        request_id, _ = await _entry(unit, kind, ref)
        assert after is not None
        await change_seniority(unit, request_id, after, why, reason)

    return await _acted(visit, kind, ref, form, "seniority.change", work, N_("Ancienneté changée."))


HANDLERS = (show, act, add_try, announce, tell, move)
