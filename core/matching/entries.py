"""One waiting-list entry: made, held, moved, and what is known before it may lapse or return."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from core.kernel.errors import NotFound, Refused
from core.kernel.machine import Transition
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.classing import class_entries
from core.matching.rules import ENTRY, LapseTry, lapse_facts, restore_facts
from core.territories.settings import read_settings

OPEN = ("active", "paused", "to_refresh")
ENDED = ("lapsed", "withdrawn")
"""States that give an entry an end; an admitted one may still come back to the list."""

_ENTRY = """
SELECT e.*, r.household_id, r.refresh_due FROM waiting_entry e
JOIN housing_request r ON r.id = e.request_id WHERE e.id = $1
"""
_LOCK = f"{_ENTRY} FOR UPDATE OF e"


async def read_entry(unit: Unit, entry_id: int) -> Mapping[str, Any]:
    """The entry as it stands: for a page, which holds nothing. Raises NotFound."""
    row = await unit.row(_ENTRY, entry_id)
    if row is None:
        raise NotFound()
    return dict(row)


async def lock_entry(unit: Unit, entry_id: int) -> Mapping[str, Any]:
    """The entry, held until the Unit ends. Raises NotFound."""
    row = await unit.row(_LOCK, entry_id)
    if row is None:
        raise NotFound()
    return dict(row)


async def enter(unit: Unit, request_id: int, kind: str) -> int:
    """Make or wake the entry of a demande on a list; its seniority is the demande's own, its
    class what the rule of the list says."""
    request = await unit.row(
        "SELECT household_id, seniority_on FROM housing_request WHERE id = $1 FOR UPDATE",
        request_id,
    )
    if request is None:
        raise NotFound()
    if request["seniority_on"] is None:
        raise Refused(N_("Cette demande n’a pas encore été transmise."))
    stands = await unit.row(
        "SELECT id, state FROM waiting_entry WHERE request_id = $1 AND kind = $2 "
        "AND state = ANY($3) FOR UPDATE",
        request_id,
        kind,
        list(OPEN),
    )
    if stands is not None:
        verb = {"paused": "resume", "to_refresh": "refresh"}.get(stands["state"])
        if verb:
            row = await lock_entry(unit, stands["id"])
            await move_entry(unit, row, ENTRY.apply(row["state"], verb), "")
        return int(stands["id"])
    entry_id = await unit.value(
        "INSERT INTO waiting_entry (request_id, kind, state, seniority_on, entered_at, "
        "entered_by) VALUES ($1, $2, 'active', $3, $4, $5) RETURNING id",
        request_id,
        kind,
        request["seniority_on"],
        unit.now,
        unit.actor.account_id,
    )
    await class_entries(unit, request_id)
    await _write_state(unit, entry_id, "enter", "active", "")
    unit.record(
        "entry.entered",
        household_id=request["household_id"],
        subject=("entry", entry_id),
        housing=kind,
    )
    return int(entry_id)


async def move_entry(
    unit: Unit, row: Mapping[str, Any], transition: Transition, reason: str
) -> None:
    """Carry out a transition that was allowed: state, history, event."""
    ended = unit.now if transition.target in ENDED else None
    await unit.fetch(
        "UPDATE waiting_entry SET state = $2, ended_at = $3 WHERE id = $1",
        row["id"],
        transition.target,
        ended,
    )
    if row["state"] not in OPEN and transition.target in OPEN:
        await class_entries(unit, row["request_id"])
    await _write_state(unit, row["id"], transition.verb, transition.target, reason)
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("entry", row["id"]),
        housing=row["kind"],
    )


async def _write_state(unit: Unit, entry_id: int, verb: str, state: str, reason: str) -> None:
    await unit.fetch(
        "INSERT INTO waiting_state (entry_id, verb, state, at, by, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        entry_id,
        verb,
        state,
        unit.now,
        unit.actor.account_id,
        reason,
    )


async def entry_facts(
    unit: Unit, row: Mapping[str, Any], cause: str | None = None
) -> dict[str, bool]:
    """What lapsing, restoring and falling due need, from what was traced.

    `cause`: why the household was away (`hospital`, `prison`, `violence`), when it is known.
    """
    zone, settings = ZoneInfo(unit.zone), await read_settings(unit, unit.today)
    traced = await unit.fetch(
        "SELECT channel, at, outcome FROM lapse_try WHERE entry_id = $1 ORDER BY id", row["id"]
    )
    due: date | None = row["refresh_due"]
    tries = [
        LapseTry(t["at"].astimezone(zone).date(), t["channel"], t["outcome"] == "reached")
        for t in traced
        if t["outcome"] not in ("announced", "told")
    ]
    since = {
        outcome: max(
            (t["at"].astimezone(zone).date() for t in traced if t["outcome"] == outcome),
            default=None,
        )
        for outcome in ("announced", "told")
    }
    current = {o: d if d and due and d >= due else None for o, d in since.items()}
    facts = lapse_facts(
        on=unit.today,
        refresh_due=due or unit.today,
        tries=tries,
        announced_on=current["announced"],
        key_worker_told_on=current["told"],
        grace_days=settings.lapse_days,
    )
    if due is None:
        facts["lapse_date_passed"] = False
    facts["refresh_overdue"] = due is not None and due <= unit.today
    lapsed_at = row["ended_at"]
    if row["state"] == "lapsed" and lapsed_at is not None:
        lapsed_on = lapsed_at.astimezone(zone).date()
        facts |= restore_facts(on=unit.today, lapsed_on=lapsed_on, cause=cause)
    return facts
