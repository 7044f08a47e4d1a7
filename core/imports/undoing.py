"""Undo one change that an import made to something that was there before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from core.households.spellings import forget_people
from core.imports.merging import plain
from core.imports.opening import encode
from core.imports.updating import sql_type
from core.kernel.unit import Unit

ROWS = frozenset({"household", "person", "housing_request"})


async def undo_many(
    unit: Unit, run_id: int, changes: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Undo at once those that ask no question: answers, and what the file had said. The others."""
    answers = [c["object_id"] for c in changes if c["object_kind"] == "answer"]
    if answers:
        await unit.fetch("DELETE FROM answer WHERE id = ANY($1::bigint[])", answers)
    said = [c for c in changes if c["object_kind"] == "demande" and c["act"] == "read"]
    if said:
        fresh = [_read(c["after"])["key"] for c in said if not c["before"]]
        await unit.fetch(_UNSAY, run_id, fresh)
        back = [(_read(c["after"])["key"], _read(c["before"])) for c in said if c["before"]]
        await unit.fetch(
            _SAY_AGAIN, run_id, [key for key, _ in back], [b["digest"] for _, b in back],
            [encode(b["said"]) for _, b in back], [b["run_id"] for _, b in back],
            [b["line"] for _, b in back],
        )  # fmt: skip
    done = {"answer", "demande"}
    return [c for c in changes if c["object_kind"] not in done]


_UNSAY = "DELETE FROM imported_demande WHERE run_id = $1 AND key = ANY($2::text[])"
_SAY_AGAIN = """
UPDATE imported_demande d SET digest = b.digest, said = b.said, run_id = b.run_id, line = b.line
FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::int[])
  AS b(key, digest, said, run_id, line)
WHERE d.key = b.key AND d.run_id = $1
"""
"""What the file before this one had said of each demande."""


async def undo_change(unit: Unit, change: Mapping[str, Any]) -> bool:
    """Put back what was there. False when it has been changed again since: then it stays."""
    kind, act, object_id = change["object_kind"], change["act"], change["object_id"]
    before, after = _read(change["before"]), _read(change["after"])
    if kind in ROWS and act == "updated":
        return await _restore(unit, kind, object_id, before, after)
    if kind == "situation":
        return await _situation(unit, object_id, before)
    elif kind == "recommendation":
        return await _recommendation(unit, object_id, before, after)
    elif kind == "waiting_entry":
        return await _entry(unit, object_id, act, before, after)
    elif kind == "person" and act == "joined":
        await unit.fetch(
            "DELETE FROM membership WHERE person_id = $1 AND household_id = $2",
            object_id,
            after["household"],
        )
        if after["new"]:
            return await _forget_person(unit, object_id)
    return True


async def _forget_person(unit: Unit, person_id: int) -> bool:
    """Somebody whom the run alone recorded goes, unless another household has them by now."""
    if await unit.value("SELECT 1 FROM membership WHERE person_id = $1 LIMIT 1", person_id):
        return False
    await forget_people(unit, [person_id])
    for table in ("answer", "note", "situation"):
        await unit.fetch(f"DELETE FROM {table} WHERE person_id = $1", person_id)  # noqa: S608
    await unit.fetch("DELETE FROM past_version WHERE kind = 'person' AND row_id = $1", person_id)
    await unit.fetch("DELETE FROM person WHERE id = $1", person_id)
    return True


def _read(value: str | None) -> Any:
    return None if value is None else msgspec.json.decode(value)


async def _restore(
    unit: Unit, table: str, row_id: int, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    """Field by field: those that still hold what the import wrote. All of them, or False."""
    row = await unit.row(f"SELECT * FROM {table} WHERE id = $1 FOR UPDATE", row_id)  # noqa: S608
    if row is None:
        return True
    names = [n for n in before if plain(row[n]) == after[n] and before[n] != after[n]]
    if names:
        places = ", ".join(f"{n} = ${i}::{sql_type(n)}" for i, n in enumerate(names, start=2))
        await unit.fetch(
            f"UPDATE {table} SET {places} WHERE id = $1",  # noqa: S608
            row_id,
            *(_typed(name, before[name]) for name in names),
        )
    if table == "housing_request" and "state" in names:
        await unit.fetch(
            "INSERT INTO request_state (request_id, verb, state, at, by) "
            "VALUES ($1, 'import_reverted', $2, $3, $4)",
            row_id, before["state"], unit.now, unit.actor.account_id,
        )  # fmt: skip
    if table == "housing_request" and "seniority_on" in names and before["seniority_on"]:
        await unit.fetch(
            "INSERT INTO seniority_act (request_id, before, after, reason, at, by) "
            "VALUES ($1, $2, $3, 'Import annulé.', $4, $5)",
            row_id, _typed("seniority_on", after["seniority_on"]),
            _typed("seniority_on", before["seniority_on"]), unit.now, unit.actor.account_id,
        )  # fmt: skip
    return all(plain(row[n]) == after[n] for n in before)


def _typed(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if value and sql_type(name) == "date" else value


async def _situation(unit: Unit, made: int, ended: list[int]) -> bool:
    gone = await unit.value(
        "DELETE FROM situation WHERE id = $1 AND ends_on IS NULL RETURNING id", made
    )
    if gone is None:
        return False
    await unit.fetch("UPDATE situation SET ends_on = NULL WHERE id = ANY($1::bigint[])", ended)
    return True


async def _recommendation(unit: Unit, request_id: int, ended: list[int], made: list[int]) -> bool:
    open_now = await unit.fetch(
        "SELECT id FROM recommendation WHERE request_id = $1 AND ends_at IS NULL", request_id
    )
    if {r["id"] for r in open_now} != set(made):
        return False
    await unit.fetch("DELETE FROM recommendation WHERE id = ANY($1::bigint[])", made)
    await unit.fetch("UPDATE recommendation SET ends_at = NULL WHERE id = ANY($1::bigint[])", ended)
    return True


async def _entry(
    unit: Unit, entry_id: int, act: str, before: dict[str, Any] | None, after: Any
) -> bool:
    row = await unit.row(
        "SELECT state, seniority_on FROM waiting_entry WHERE id = $1 FOR UPDATE", entry_id
    )
    if row is None:
        return True
    if act == "created":
        tried = await unit.value("SELECT 1 FROM lapse_try WHERE entry_id = $1 LIMIT 1", entry_id)
        steps = await unit.value("SELECT count(*) FROM waiting_state WHERE entry_id = $1", entry_id)
        if tried or steps > 1:
            return False
        await unit.fetch("DELETE FROM waiting_state WHERE entry_id = $1", entry_id)
        await unit.fetch("DELETE FROM waiting_entry WHERE id = $1", entry_id)
        return True
    assert before is not None
    if row["state"] != after["state"]:
        return False
    await unit.fetch(
        "UPDATE waiting_entry SET state = $2, seniority_on = $3, "
        "ended_at = CASE WHEN $2 IN ('placed', 'withdrawn') THEN ended_at END WHERE id = $1",
        entry_id, before["state"], date.fromisoformat(before["seniority_on"]),
    )  # fmt: skip
    if before["state"] != after["state"]:
        await unit.fetch(
            "INSERT INTO waiting_state (entry_id, verb, state, at, by) "
            "VALUES ($1, 'import_reverted', $2, $3, $4)",
            entry_id, before["state"], unit.now, unit.actor.account_id,
        )  # fmt: skip
    return True
