"""Reads of imports: the runs, what became of each line, what waits to be looked at."""

from __future__ import annotations

from typing import Any

import msgspec

from core.imports.flags import TAKEN_BACK
from core.kernel.unit import Unit

PAGE = 50

_RUNS = """
SELECT r.id, r.ref, r.file_name, r.state, r.total_lines, r.done_lines, r.started_at, r.ended_at,
  r.stored_as, r.failed_at, r.tries, r.report -> 'counts' AS counts,
  r.report -> 'error' AS error, a.name AS author,
  greatest((SELECT max(c.at) FROM import_chunk c WHERE c.run_id = r.id), r.reverted_at, r.beat_at,
           r.started_at) AS last_at,
  (SELECT count(*) FROM import_flag f WHERE f.run_id = r.id AND f.settled_at IS NULL) AS open_flags
FROM import_run r LEFT JOIN account a ON a.id = r.started_by
WHERE ($1::bigint IS NULL OR r.id < $1) ORDER BY r.id DESC LIMIT $2
"""


async def list_runs(unit: Unit, after: int | None = None, limit: int = PAGE) -> list[Any]:
    """The runs, the newest first."""
    rows = await unit.fetch(_RUNS, after, limit)
    return [
        {**dict(r), "counts": _json(r["counts"]) or {}, "error": _json(r["error"])} for r in rows
    ]


_RUN = """
SELECT r.*, a.name AS author, b.name AS reverter,
  greatest((SELECT max(c.at) FROM import_chunk c WHERE c.run_id = r.id), r.reverted_at, r.beat_at,
           r.started_at) AS last_at,
  (SELECT count(*) FROM import_flag f WHERE f.run_id = r.id AND f.settled_at IS NULL) AS open_flags
FROM import_run r LEFT JOIN account a ON a.id = r.started_by
LEFT JOIN account b ON b.id = r.reverted_by WHERE r.ref = $1
"""


async def read_run(unit: Unit, ref: str) -> dict[str, Any] | None:
    """One run with its whole report."""
    row = await unit.row(_RUN, ref)
    return {**dict(row), "report": _json(row["report"]) or {}} if row else None


_FLAGS = """
SELECT f.id, f.line, f.code, f.field, f.details, h.ref AS household_ref,
  p.ref AS ref, p.family_name, p.given_name, p.birth, p.external_no, p.phone,
  o.ref AS other_ref, o.family_name AS other_family, o.given_name AS other_given,
  o.birth AS other_birth, o.external_no AS other_no, o.phone AS other_phone,
  (SELECT hh.ref FROM membership m JOIN household hh ON hh.id = m.household_id
   WHERE m.person_id = o.id AND m.ends_on IS NULL ORDER BY m.id LIMIT 1) AS other_household
FROM import_flag f JOIN import_run r ON r.id = f.run_id
LEFT JOIN household h ON h.id = f.household_id
LEFT JOIN person p ON p.id = f.person_id
LEFT JOIN person o ON o.id = f.other_person_id
WHERE r.ref = $1 AND f.settled_at IS NULL AND ($2::bigint IS NULL OR f.id > $2)
ORDER BY f.id LIMIT $3
"""


async def open_flags(
    unit: Unit, ref: str, after: int | None = None, limit: int = PAGE
) -> list[dict[str, Any]]:
    """What waits to be looked at in a run, in the order of the file."""
    rows = await unit.fetch(_FLAGS, ref, after, limit)
    return [{**dict(r), "details": _json(r["details"]) or {}} for r in rows]


_LINES = """
SELECT c.id, c.line, c.object_kind, c.act, h.ref AS household_ref, hr.external_no,
  (SELECT p.family_name || ' ' || p.given_name FROM membership m
   JOIN person p ON p.id = m.person_id WHERE m.household_id = h.id AND m.role = 'main'
   ORDER BY m.id LIMIT 1) AS name
FROM import_change c JOIN import_run r ON r.id = c.run_id
JOIN housing_request hr ON hr.id = c.object_id
JOIN household h ON h.id = hr.household_id
WHERE r.ref = $1 AND c.object_kind = 'demande' AND ($2::bigint IS NULL OR c.id > $2)
ORDER BY c.id LIMIT $3
"""


async def list_lines(
    unit: Unit, ref: str, after: int | None = None, limit: int = PAGE
) -> list[Any]:
    """The demandes that a run opened or read again, with their file here."""
    return await unit.fetch(_LINES, ref, after, limit)


_TO_REPORT = """
SELECT x.id, x.what, x.text, x.at, x.done_at, h.ref AS household_ref, a.name AS author,
  coalesce((SELECT q.external_no FROM housing_request q WHERE q.household_id = h.id
            AND q.external_no <> '' ORDER BY q.id DESC LIMIT 1), h.external_no) AS external_no,
  (SELECT p.family_name || ' ' || p.given_name FROM membership m
   JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
   WHERE m.territory_id = h.territory_id AND m.household_id = h.id AND m.role = 'main'
   ORDER BY m.ends_on IS NULL DESC, m.id DESC LIMIT 1) AS name
FROM external_change x JOIN household h ON h.id = x.household_id
LEFT JOIN account a ON a.id = x.by
"""
_WAITING = f"""{_TO_REPORT}
WHERE x.done_at IS NULL AND ($1::timestamptz IS NULL OR (x.at, x.id) > ($1, $2))
ORDER BY x.at, x.id LIMIT $3
"""
_ENTERED = f"{_TO_REPORT} WHERE x.done_at > $1 ORDER BY x.done_at DESC, x.id DESC LIMIT $2"


async def to_enter(
    unit: Unit, after: tuple[Any, int] | None = None, limit: int = PAGE
) -> list[Any]:
    """Changes made here that are not yet entered in SI-SIAO, the oldest first."""
    at, row_id = after or (None, None)
    return await unit.fetch(_WAITING, at, row_id, limit)


async def entered(unit: Unit, limit: int = PAGE) -> list[Any]:
    """Changes said to be entered of late (`flags.TAKEN_BACK`), the latest first: a slip is undone
    from there."""
    return await unit.fetch(_ENTERED, unit.now - TAKEN_BACK, limit)


async def count_to_enter(unit: Unit) -> int:
    """How many changes wait to be entered."""
    return int(await unit.value("SELECT count(*) FROM external_change WHERE done_at IS NULL"))


def _json(value: str | None) -> Any:
    return None if value is None else msgspec.json.decode(value)
