"""What waits in the work queues: all of them in one statement, or one of them page by page."""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from admin.queues import Queue
from core.kernel.unit import Unit

SHOWN = 6
"""Rows of each queue on the home page; its own page shows the rest."""

PAGE = 50

_NAME = """
  LEFT JOIN LATERAL (
    SELECT p.family_name || ' ' || p.given_name AS name FROM membership m
    JOIN person p ON p.id = m.person_id
    WHERE m.household_id = q.household_id AND m.role = 'main'
      AND (m.ends_on IS NULL OR m.ends_on > $2) ORDER BY m.id LIMIT 1) AS who ON true
"""


@dataclass(frozen=True)
class Row:
    """One thing that waits: where it leads, whom it is about, since or until when."""

    id: int
    path: str
    name: str
    note: str
    due: date | None
    late: bool


@dataclass(frozen=True)
class Waiting:
    """A queue with its count and its first rows."""

    queue: Queue
    total: int
    rows: tuple[Row, ...]


async def waiting(
    unit: Unit,
    queues: Sequence[Queue],
    *,
    key_worker_days: int,
    limit: int = SHOWN,
    mine: bool = False,
) -> list[Waiting]:
    """All these queues, counted, with their first rows: one statement.

    `mine`: of the actor's own files.
    """
    if not queues:
        return []
    parts = [
        f"SELECT {n} AS n, (SELECT count(*) FROM q{n}) AS total, (SELECT coalesce(json_agg("
        f"t ORDER BY t.due NULLS LAST, t.id), '[]') FROM (SELECT q.id, q.path, q.due, q.note, "
        f"coalesce(who.name, '') AS name FROM (SELECT * FROM q{n} ORDER BY due NULLS LAST, id "
        f"LIMIT $5) q {_NAME}) t) AS rows"
        for n in range(len(queues))
    ]
    # Each queue looks as far as its own permission goes.
    bound = [q.bound(unit, f"${6 + n}") for n, q in enumerate(queues)]
    with_ = ", ".join(
        f"q{n} AS ({queues[n].narrowed(sql, mine)})" for n, (sql, _) in enumerate(bound)
    )
    # A queue may need none of the places: naming them all once gives each its type.
    typed = ", ".join(["$1::bigint[], $2::date, $3::bigint, $4::int"]
                      + [f"${6 + n}::bigint[]" for n in range(len(queues))])  # fmt: skip
    found = await unit.fetch(
        f"WITH given AS (SELECT {typed}), {with_} " + " UNION ALL ".join(parts) + " ORDER BY 1",
        None,
        unit.today,
        unit.actor.account_id,
        key_worker_days,
        limit,
        *(own for _, own in bound),
    )
    return [
        Waiting(
            queue,
            record["total"],
            tuple(_row(r, unit.today) for r in msgspec.json.decode(record["rows"])),
        )
        for queue, record in zip(queues, found, strict=True)
    ]


async def page_of(
    unit: Unit, queue: Queue, *, key_worker_days: int,
    after: tuple[date, int] | None = None, mine: bool = False,
) -> tuple[list[Row], int]:  # fmt: skip
    """The rows of one queue, the oldest date first, PAGE of them and one more after `after`; and
    how many there are in all."""
    sql, own = queue.bound(unit, "$1")
    found = await unit.fetch(
        f"WITH given AS (SELECT $1::bigint[], $2::date, $3::bigint, $4::int), "
        f"q0 AS ({queue.narrowed(sql, mine)}) SELECT q.id, q.path, q.due, q.note, "
        "(SELECT count(*) FROM q0) AS total, coalesce(who.name, '') AS name FROM (SELECT * FROM q0 "
        "WHERE $6::date IS NULL OR (coalesce(due, 'infinity'), id) > ($6::date, $7::bigint) "
        f"ORDER BY coalesce(due, 'infinity'), id LIMIT $5) q {_NAME} "
        "ORDER BY coalesce(q.due, 'infinity'), q.id",
        own,
        unit.today,
        unit.actor.account_id,
        key_worker_days,
        PAGE + 1,
        after[0] if after else None,
        after[1] if after else None,
    )
    return [_row(dict(r), unit.today) for r in found], found[0]["total"] if found else 0


async def follows_files(unit: Unit) -> bool:
    """Whether the actor answers for some household today."""
    return bool(
        await unit.value(
            "SELECT EXISTS (SELECT 1 FROM key_worker WHERE account_id = $1 "
            "AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2))",
            unit.actor.account_id,
            unit.today,
        )
    )


def _row(found: Any, today: date) -> Row:
    due = found["due"]
    if isinstance(due, str):
        due = date.fromisoformat(due)
    return Row(
        found["id"],
        found["path"],
        found["name"],
        found["note"],
        due,
        due is not None and due < today,
    )
