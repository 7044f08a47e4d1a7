"""Changing a row that somebody else may be changing too: nobody overwrites what they have not seen.

What was there before is kept by the database itself (`kernel/past.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
    if row["version"] != version and await _moved(unit, table, row_id, version) & set(changed):
        raise Conflict(
            CHANGED_MEANWHILE, theirs={**{n: row[n] for n in known}, "version": row["version"]}
        )
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, start=2))
    await unit.fetch(
        f"UPDATE {table} SET {places} WHERE id = $1",  # noqa: S608
        row_id,
        *changed.values(),
    )
    return changed


def unchanged(now: Mapping[str, Any], version: int | None, fields: Mapping[str, Any]) -> None:
    """For rows that are replaced by a later one: raise Conflict unless `version` is still the last.

    `now` is the last row, `version` the id of the one the form was filled from (None for who has
    just read it in the same Unit), `fields` what the form would make of it.
    """
    if version in (None, now["id"]) or all(now[name] == value for name, value in fields.items()):
        return
    raise Conflict(CHANGED_MEANWHILE, theirs={**{n: now[n] for n in fields}, "version": now["id"]})


async def _moved(unit: Unit, table: str, row_id: int, version: int) -> set[str]:
    """The fields that changed since a version."""
    return {
        r["name"]
        for r in await unit.fetch(
            "SELECT DISTINCT k AS name FROM past_version v, jsonb_object_keys(v.held) k "
            "WHERE v.kind = $1 AND v.row_id = $2 AND v.version >= $3",
            table,
            row_id,
            version,
        )
    }
