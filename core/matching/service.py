"""Waiting lists: put a demande on one, keep its entries in step with it, lapse and restore."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.machine import Transition
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.classing import class_entries
from core.matching.entries import enter, entry_facts, lock_entry, move_entry
from core.matching.following import follow_request
from core.matching.rules import CHANNEL_LABELS, ENTRY
from core.requests.followers import follow, follow_facts
from core.requests.rules import SeniorityAct
from core.requests.seniority import BY_HAND, move_seniority

__all__ = [
    "announce_lapse", "change_seniority", "enlist", "entry_step", "record_try", "tell_key_worker",
]  # fmt: skip

OUTCOMES: Mapping[str, str] = {
    "no_answer": N_("Pas de réponse"),
    "message_left": N_("Message laissé"),
    "wrong_contact": N_("Contact faux"),
    "reached": N_("Joint"),
}
"""What a try to reach a household gave."""

SETTLED = frozenset({"place", "return"})
"""Verbs that follow from the demande's own step: done already, they are not an error."""

follow("matching", follow_request)
follow_facts("matching", class_entries)


async def enlist(unit: Unit, request_id: int, kind: str) -> int:
    """Put a demande on the list of a kind, with its own seniority. Returns the entry's id.

    The one that is open already is returned; a paused one starts again.
    """
    unit.require("lists.follow")
    return await enter(unit, request_id, kind)


async def entry_step(
    unit: Unit,
    entry_id: int,
    verb: str,
    *,
    facts: Mapping[str, bool] | None = None,
    reason: str = "",
) -> Transition:
    """Carry out one act of an entry's machine; raises Refused with the reason in words.

    What lapsing and restoring need is looked up; `facts` states the rest, and wins.
    Where it follows from another act, take it inside `unit.consequence()`.
    """
    row = await lock_entry(unit, entry_id)
    found: dict[str, bool] = {"reason": bool(reason.strip())}
    if verb in ("lapse", "restore", "mark_to_refresh"):
        found |= await entry_facts(unit, row)
    if verb in SETTLED and ENTRY.find(row["state"], verb) is None:
        done = next(t for t in ENTRY.transitions if t.verb == verb)
        if row["state"] == done.target:
            return done
    transition = ENTRY.apply(row["state"], verb, {**found, **(facts or {})})
    unit.require(transition.permission)
    await move_entry(unit, row, transition, reason)
    return transition


async def change_seniority(
    unit: Unit, request_id: int, after: date, kind: str, reason: str
) -> SeniorityAct | None:
    """Move a seniority by hand: a coordinator's act, with its reason and the sentence that the
    household reads (`SENTENCES[kind]`). None when it already is that date."""
    unit.require("seniority.change")
    if not reason.strip():
        raise Invalid({"reason": N_("Un changement d’ancienneté demande un motif écrit.")})
    if kind not in BY_HAND:
        raise Invalid({"kind": N_("Choisissez une réponse de la liste.")})
    return await move_seniority(unit, request_id, after, kind, reason)


async def record_try(unit: Unit, entry_id: int, channel: str, outcome: str) -> int:
    """Trace a try to reach a household. Reached, it is asked to refresh: nothing may lapse."""
    unit.require("lists.follow")
    if channel not in CHANNEL_LABELS:
        raise Invalid({"channel": N_("Choisissez une réponse de la liste.")})
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": N_("Choisissez une réponse de la liste.")})
    row = await lock_entry(unit, entry_id)
    return await _trace(unit, row, channel, outcome, "entry.tried")


async def announce_lapse(unit: Unit, entry_id: int) -> None:
    """Tell the household that the entry may lapse, at least a day before it does."""
    unit.require("lists.lapse")
    row = await lock_entry(unit, entry_id)
    if row["state"] != "to_refresh":
        raise Refused(N_("Cette inscription n’est pas à actualiser."))
    await _trace(unit, row, "portal", "announced", "entry.lapse_announced")


async def tell_key_worker(unit: Unit, entry_id: int) -> None:
    """Trace that the key worker knows that the entry may lapse."""
    unit.require("lists.lapse")
    row = await lock_entry(unit, entry_id)
    if not await unit.value(_HAS_KEY_WORKER, row["household_id"], unit.today):
        raise Refused(N_("Ce ménage n’a pas de référent : nommez-en un d’abord."))
    await _trace(unit, row, "key_worker", "told", "entry.key_worker_told")


_HAS_KEY_WORKER = """
SELECT EXISTS (SELECT 1 FROM key_worker WHERE household_id = $1 AND starts_on <= $2
  AND (ends_on IS NULL OR ends_on > $2))
"""


async def _trace(unit: Unit, row: Mapping[str, Any], channel: str, outcome: str, event: str) -> int:
    try_id = await unit.value(
        "INSERT INTO lapse_try (entry_id, channel, at, outcome, by) VALUES ($1, $2, $3, $4, $5) "
        "RETURNING id",
        row["id"],
        channel,
        unit.now,
        outcome,
        unit.actor.account_id,
    )
    unit.record(
        event,
        household_id=row["household_id"],
        subject=("entry", row["id"]),
        channel=channel,
        outcome=outcome,
    )
    return int(try_id)


async def entry_id_of(unit: Unit, request_id: int, kind: str) -> int:
    """The latest entry of a demande on the list of a kind. Raises NotFound."""
    found = await unit.value(
        "SELECT id FROM waiting_entry WHERE request_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
        request_id,
        kind,
    )
    if found is None:
        raise NotFound()
    return int(found)
