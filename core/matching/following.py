"""Entries go along with their demande: listed, paused, due, admitted or withdrawn with it."""

from __future__ import annotations

from collections.abc import Mapping

from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.entries import OPEN, enter, lock_entry, move_entry
from core.matching.rules import ENTRY
from core.requests.followers import Step
from core.requests.seniority import move_seniority

LISTING = frozenset({"validate_and_list", "list", "resume", "reactivate_on_list"})
"""Steps of a demande that put it on the lists of its recommended kinds."""

ALONG: Mapping[str, str] = {
    "suspend": "pause",
    "mark_to_refresh": "mark_to_refresh",
    "return_to_refresh": "mark_to_refresh",
    "refresh": "refresh",
    "admit": "place",
    "return_to_list": "return",
    "cancel": "withdraw",
    "refuse": "withdraw",
    "close_otherwise": "withdraw",
}
"""What an entry does when its demande takes a step, where that is possible from its state."""

FACTS = {"refresh_overdue": True, "admitted": True, "reason": True}
"""True by the very step of the demande that is being followed."""

_ENTRIES = """
SELECT DISTINCT ON (kind) id, state FROM waiting_entry WHERE request_id = $1
ORDER BY kind, id DESC
"""

_KINDS = """
SELECT kind FROM recommendation WHERE request_id = $1 AND ends_at IS NULL ORDER BY rank, id
"""

_REFUSED_BEFORE = """
SELECT verb = 'return_to_refresh' FROM (
  SELECT id, verb FROM request_state WHERE request_id = $1
    AND verb IN ('return_to_refresh', 'transmit', 'complete', 'retransmit', 'carried')
  ORDER BY id DESC LIMIT 2) AS sendings ORDER BY id LIMIT 1
"""

_KEPT = """
SELECT payload->>'seniority' = 'kept' FROM event WHERE subject_kind = 'request'
  AND subject_id = $1 AND kind = 'request.refusal_inadmissible' ORDER BY id DESC LIMIT 1
"""

_ENTERED = """
SELECT kind FROM placement WHERE request_id = $1 AND state <> 'cancelled' ORDER BY id DESC LIMIT 1
"""

_RESTART = "Transmise à nouveau après un refus jugé irrecevable."


async def follow_request(unit: Unit, step: Step) -> None:
    """Bring the entries of a demande in step with what it has just done, in the same Unit."""
    verb = step.transition.verb
    if verb in LISTING:
        await _list(unit, step.request_id)
    elif verb == "retransmit":
        await _restart_seniority(unit, step.request_id)
    elif verb == "go_on_list":
        await _go_on(unit, step)
    elif verb in ALONG:
        rows = await unit.fetch(_ENTRIES, step.request_id)
        for row in rows:
            # An entry that lapsed is over already: withdrawing it would hide why.
            if ENTRY.find(row["state"], ALONG[verb]) and row["state"] != "lapsed":
                entry = await lock_entry(unit, row["id"])
                transition = ENTRY.apply(row["state"], ALONG[verb], FACTS)
                await move_entry(unit, entry, transition, step.reason)
        if verb == "return_to_list" and not any(r["state"] in (*OPEN, "placed") for r in rows):
            await _list(unit, step.request_id)


async def _go_on(unit: Unit, step: Step) -> None:
    """Somebody moved into a shelter: the entry of that kind is placed for good, the others come
    back with the seniority they had."""
    entered = await unit.value(_ENTERED, step.request_id)
    for row in await unit.fetch(_ENTRIES, step.request_id):
        entry = await lock_entry(unit, row["id"])
        if row["state"] == "placed" and entry["kind"] != entered:
            await move_entry(unit, entry, ENTRY.apply("placed", "return", FACTS), ONWARD)
    for row in await unit.fetch(_KINDS, step.request_id):
        if row["kind"] != entered:
            await enter(unit, step.request_id, row["kind"])


ONWARD = N_("La demande continue après l’entrée en hébergement.")


async def _list(unit: Unit, request_id: int) -> None:
    for row in await unit.fetch(_KINDS, request_id):
        await enter(unit, request_id, row["kind"])


async def _restart_seniority(unit: Unit, request_id: int) -> None:
    """After a refusal that two people judged inadmissible, seniority starts again with the new
    transmission (rule of SIAO 95), unless the judgement kept it."""
    if not await unit.value(_REFUSED_BEFORE, request_id):
        return
    if await unit.value(_KEPT, request_id):
        return
    await move_seniority(unit, request_id, unit.today, "restart", _RESTART)
