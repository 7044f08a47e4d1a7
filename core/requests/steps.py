"""A step in the life of a demande: the only way its state changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.machine import Transition
from core.kernel.unit import Unit
from core.requests import followers
from core.requests.facts import known
from core.requests.rules import MACHINE, refresh_schedule
from core.territories.settings import read_settings

SENDING = frozenset({"transmit", "complete", "retransmit"})
"""Verbs that put a date of transmission on a demande."""

_LOCK = "SELECT * FROM housing_request WHERE id = $1 FOR UPDATE"

_PAST = """
SELECT coalesce(bool_or(state = 'waiting'), false) AS listed,
  (SELECT verb FROM request_state WHERE request_id = $1 AND verb IN
     ('return_to_refresh', 'transmit', 'complete', 'retransmit', 'carried')
   ORDER BY id DESC LIMIT 1) AS last_sending
FROM request_state WHERE request_id = $1
"""


async def lock(unit: Unit, request_id: int) -> Mapping[str, Any]:
    """The demande, held until the Unit ends. Raises NotFound."""
    row = await unit.row(_LOCK, request_id)
    if row is None:
        raise NotFound()
    return dict(row)


async def step(
    unit: Unit,
    request_id: int,
    verb: str,
    *,
    facts: Mapping[str, bool] | None = None,
    reason: str = "",
    locked: Mapping[str, Any] | None = None,
    **payload: Any,
) -> Transition:
    """Carry out one act of the demande's machine; raises Refused with the reason in words.

    `locked` is the demande's row where the caller holds it already (`lock`).

    Needs that the base can answer are looked up; `facts` states the others, and wins.
    Where it follows from an act whose own permission was asked (a household that declines, a
    structure that admits), take it inside `unit.consequence()`. `reason` is kept in the
    history, never in the event.
    """
    row = locked or await lock(unit, request_id)
    transition = MACHINE.find(row["state"], verb)
    wanted = {need.key for need in transition.needs} - set(facts or {}) if transition else set()
    found = await _facts(unit, row, wanted, reason)
    transition = MACHINE.apply(row["state"], verb, {**found, **(facts or {})})
    unit.require(transition.permission)
    await _move(unit, row, transition, reason)
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("request", request_id),
        **payload,
    )
    await followers.tell(
        unit,
        followers.Step(request_id, row["household_id"], row["state"], transition, reason),
    )
    return transition


async def write_state(unit: Unit, request_id: int, verb: str, state: str, reason: str) -> None:
    """A line of the demande's history: never changed afterwards."""
    await unit.fetch(
        "INSERT INTO request_state (request_id, verb, state, at, by, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        request_id,
        verb,
        state,
        unit.now,
        unit.actor.account_id,
        reason,
    )


async def _facts(
    unit: Unit, row: Mapping[str, Any], wanted: Collection[str], reason: str
) -> dict[str, bool]:
    """The facts among `wanted` that the base answers by itself."""
    due: date | None = row["refresh_due"]
    found = {
        "reason": bool(reason.strip()),
        "was_sent": row["first_sent_on"] is not None,
        "never_sent": row["first_sent_on"] is None,
        "refresh_overdue": due is not None and due <= unit.today,
    }
    if {"was_listed", "seniority_kept"} & set(wanted):
        past = await unit.row(_PAST, row["id"])
        assert past is not None
        found["was_listed"] = past["listed"]
        found["seniority_kept"] = past["last_sending"] != "return_to_refresh"
    if {"complete", "recommendation", "informed"} & set(wanted):
        file = await known(unit, row["id"])
        missing = {field.field for field in file.missing()}
        found["complete"] = not missing
        found["informed"] = "informed_on" not in missing
        found["recommendation"] = "recommendation" not in missing
    return found


_MOVE = """
WITH moved AS (
  UPDATE housing_request SET state = $2::text, first_sent_on = $3, last_sent_on = $4,
    seniority_on = $5, refresh_due = $6
  WHERE id = $1 RETURNING id)
INSERT INTO request_state (request_id, verb, state, at, by, reason)
SELECT id, $7::text, $2::text, $8::timestamptz, $9::bigint, $10::text FROM moved
"""
"""The new state with its dates, and its line of history, in one statement."""


async def _move(unit: Unit, row: Mapping[str, Any], transition: Transition, reason: str) -> None:
    """The new state, and the dates that go with it.

    The first transmission gives the seniority; a later one renews the refresh date only. What
    restarts a seniority is a recorded act (`core.matching.service.change_seniority`).
    """
    due = row["refresh_due"]
    first, last, seniority = row["first_sent_on"], row["last_sent_on"], row["seniority_on"]
    if transition.verb in SENDING:
        last = unit.today
        first, seniority = first or last, seniority or first or last
    if transition.verb in SENDING or transition.verb == "refresh":
        settings = await read_settings(unit, unit.today)
        due = refresh_schedule(unit.today, settings.refresh_months).due_on
    await unit.fetch(
        _MOVE,
        row["id"],
        transition.target,
        first,
        last,
        seniority,
        due,
        transition.verb,
        unit.now,
        unit.actor.account_id,
        reason,
    )
