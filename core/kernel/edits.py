"""Changing a row that somebody else may be changing too: nobody overwrites what they have not seen.

What was there before is kept by the database itself (`kernel/past.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from core.kernel.errors import Conflict, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_

CHANGED_MEANWHILE = N_(
    "Quelqu’un a modifié cette fiche pendant votre saisie. Comparez, puis enregistrez."
)


async def change_row(
    unit: Unit,
    table: str,
    row_id: int,
    version: int,
    fields: Mapping[str, Any],
    changeable: Iterable[str],
) -> dict[str, Any]:
    """Set the fields that differ from what stands. Returns what changed (name -> new value).

    `version` is the one the form was filled from. Raises Conflict with the values that stand now
    when one of the fields to change was changed by somebody else since; a change of other fields
    alone harms nobody. `table` and `changeable` (the columns a person may change) are the
    caller's own constants: names in statements come from there only.
    """
    known = tuple(changeable)
    if unknown := set(fields) - set(known):
        raise TypeError(f"{table} has no field {sorted(unknown)} to change")
    row = await unit.row(f"SELECT * FROM {table} WHERE id = $1 FOR UPDATE", row_id)  # noqa: S608
    if row is None:
        raise NotFound()
    changed = {name: value for name, value in fields.items() if row[name] != value}
    if not changed:
        return {}
    if row["version"] != version:
        was = await _held_at(unit, table, row_id, version)
        if was.keys() & changed.keys():
            raise Conflict(
                CHANGED_MEANWHILE,
                theirs={**{n: row[n] for n in known}, "version": row["version"]},
                untouched=(n for n in changed if n in was and as_kept(changed[n]) == was[n]),
            )
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, start=2))
    await unit.fetch(
        f"UPDATE {table} SET {places} WHERE id = $1",  # noqa: S608
        row_id,
        *changed.values(),
    )
    return changed


def read_at(versions: Sequence[Mapping[str, Any]], version: int | None) -> Mapping[str, Any]:
    """The one that was read, of all versions of a thing, the newest first.

    `version` is its id: None for who has just read the last; the oldest for one that is unknown.
    """
    if version is None:
        return versions[0]
    return next((v for v in versions if v["id"] == version), versions[-1])


def unchanged(now: Mapping[str, Any], read: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """For rows that a later one replaces: Conflict unless the one that was read is still the last.

    `now` is the last row, `read` the one the form was filled from, `fields` what the form would
    make of it. A form that changes nothing harms nobody.
    """
    if read["id"] == now["id"] or all(now[name] == value for name, value in fields.items()):
        return
    raise Conflict(
        CHANGED_MEANWHILE,
        theirs={**{n: now[n] for n in fields}, "version": now["id"]},
        untouched=(name for name, value in fields.items() if read[name] == value),
    )


def as_kept(value: Any) -> Any:
    """A value of a row as the past holds it."""
    return msgspec.json.decode(msgspec.json.encode(value))


async def _held_at(unit: Unit, table: str, row_id: int, version: int) -> dict[str, Any]:
    """The fields that changed since a version, each with what it held then."""
    held: dict[str, Any] = {}
    for r in await unit.fetch(
        "SELECT held FROM past_version WHERE kind = $1 AND row_id = $2 AND version >= $3 "
        "ORDER BY version DESC",
        table,
        row_id,
        version,
    ):
        held |= msgspec.json.decode(r["held"])
    return held
