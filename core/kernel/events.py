"""Facts that happened, and who must be told: one row per event, one delivery per consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from core.kernel.unit import Unit


@dataclass(frozen=True)
class Happening:
    """An event before it is written. Payload: ids, codes and dates, never a person's words."""

    kind: str
    at: datetime
    household_id: int | None = None
    person_id: int | None = None
    subject: tuple[str, int] | None = None
    payload: dict[str, Any] = field(default_factory=dict)


_WRITE = """
WITH happened AS (
  INSERT INTO event (kind, version, occurred_at, actor_id, on_behalf_of, mandate_id, command_id,
                     household_id, person_id, subject_kind, subject_id, payload)
  SELECT h.kind, 1, h.at, $2, $3, $4, $5, h.household_id, h.person_id, h.subject_kind, h.subject_id,
         h.payload
  FROM jsonb_to_recordset($1::jsonb)
       AS h(n int, kind text, at timestamptz, household_id bigint, person_id bigint,
            subject_kind text, subject_id bigint, payload jsonb)
  ORDER BY h.n
  RETURNING id, household_id
)
INSERT INTO delivery (event_id, consumer, household_id, state, tries, next_at)
SELECT happened.id, consumer, happened.household_id, 'waiting', 0, $7
FROM happened CROSS JOIN unnest($6::text[]) AS consumer
"""


async def write_events(unit: Unit, happened: Sequence[Happening]) -> None:
    """Write a Unit's events and their deliveries in one statement."""
    if not happened:
        return
    rows = [
        {
            "n": n,
            "kind": h.kind,
            "at": h.at,
            "household_id": h.household_id,
            "person_id": h.person_id,
            "subject_kind": h.subject[0] if h.subject else None,
            "subject_id": h.subject[1] if h.subject else None,
            "payload": h.payload,
        }
        for n, h in enumerate(happened)
    ]
    actor = unit.actor
    await unit.fetch(
        _WRITE,
        msgspec.json.encode(rows).decode(),
        actor.account_id,
        actor.on_behalf_of,
        actor.mandate_id,
        unit.command_id,
        list(unit.consumers),
        unit.now,
    )


@dataclass(frozen=True)
class Event:
    """An event as a consumer receives it."""

    id: int
    kind: str
    occurred_at: datetime
    household_id: int | None
    person_id: int | None
    subject_kind: str | None
    subject_id: int | None
    payload: dict[str, Any]


Consumer = Callable[["Unit", Event], Awaitable[None]]

MAX_TRIES = 12

PATIENCE = 30
"""Seconds that a consumer may take for one event: one that hangs holds back nobody else's."""

_CLAIM = """
SELECT d.id AS delivery_id, d.tries, e.id, e.kind, e.occurred_at, e.household_id, e.person_id,
       e.subject_kind, e.subject_id, e.payload
FROM delivery d JOIN event e ON e.territory_id = d.territory_id AND e.id = d.event_id
WHERE d.consumer = $1 AND d.state = 'waiting' AND d.next_at <= $2
  AND NOT EXISTS (
    SELECT 1 FROM delivery earlier
    WHERE earlier.territory_id = d.territory_id AND earlier.consumer = d.consumer
      AND earlier.household_id = d.household_id AND earlier.event_id < d.event_id
      AND earlier.state IN ('waiting', 'stuck'))
ORDER BY d.event_id
FOR UPDATE OF d SKIP LOCKED
LIMIT 1
"""


async def deliver_one(unit: Unit, name: str, consumer: Consumer) -> bool:
    """Hand one waiting event to its consumer, in order per household. False when none waits.

    A consumer that raises leaves the event waiting, later each time (a minute, then double, at
    most a day); after MAX_TRIES it is `stuck` and shown to the administrator, and the household's
    later events wait behind it until somebody tries it again or passes it over.
    """
    record = await unit.row(_CLAIM, name, unit.now)
    if record is None:
        return False
    event = Event(
        id=record["id"],
        kind=record["kind"],
        occurred_at=record["occurred_at"],
        household_id=record["household_id"],
        person_id=record["person_id"],
        subject_kind=record["subject_kind"],
        subject_id=record["subject_id"],
        payload=msgspec.json.decode(record["payload"]),
    )
    try:
        async with unit.savepoint(), asyncio.timeout(PATIENCE):
            await consumer(unit, event)
    except Exception as error:
        tries = record["tries"] + 1
        await unit.fetch(
            "UPDATE delivery SET tries = $2, error = $3, state = $4, next_at = $5 WHERE id = $1",
            record["delivery_id"],
            tries,
            type(error).__name__,
            "stuck" if tries >= MAX_TRIES else "waiting",
            unit.now + min(timedelta(minutes=2**tries), timedelta(days=1)),
        )
    else:
        await unit.fetch(
            "UPDATE delivery SET state = 'done', done_at = $2 WHERE id = $1",
            record["delivery_id"],
            unit.now,
        )
    return True
