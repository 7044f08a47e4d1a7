"""Changing a row that somebody else may be changing too: versions, traces, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.kernel.errors import Conflict, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_

CHANGED_MEANWHILE = N_(
    "Quelqu’un a modifié cette fiche pendant votre saisie. Comparez, puis enregistrez."
)

_TABLES = {
    "person": frozenset({
        "family_name", "given_name", "usual_name", "birth", "sex", "phone", "email", "language",
        "external_no",
    }),
    "household": frozenset({
        "sector_id", "external_no", "phone", "email", "address", "language",
    }),
}  # fmt: skip
"""The columns a person may change, by table: names in statements come from here only."""


async def change_row(
    unit: Unit, table: str, row_id: int, version: int, fields: Mapping[str, Any], household_id: int
) -> dict[str, Any]:
    """Set the fields that differ; keep what was. Returns what changed (name -> new value).

    Raises Conflict with the values that stand now when the row has moved on from `version`.
    """
    unknown = set(fields) - _TABLES[table]
    if unknown:
        raise TypeError(f"{table} has no field {sorted(unknown)} to change")
    row = await unit.row(f"SELECT * FROM {table} WHERE id = $1 FOR UPDATE", row_id)  # noqa: S608
    if row is None:
        raise NotFound()
    changed = {name: value for name, value in fields.items() if row[name] != value}
    if row["version"] != version:
        if not changed:
            return {}
        raise Conflict(
            CHANGED_MEANWHILE,
            theirs={**{n: row[n] for n in _TABLES[table]}, "version": row["version"]},
        )
    if not changed:
        return {}
    await unit.fetch(
        "INSERT INTO past_version (kind, row_id, household_id, version, held, replaced_at, "
        "replaced_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        table,
        row_id,
        household_id,
        version,
        msgspec.json.encode({name: row[name] for name in changed}).decode(),
        unit.now,
        unit.actor.account_id,
    )
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, start=2))
    await unit.fetch(
        f"UPDATE {table} SET {places}, version = version + 1 WHERE id = $1",  # noqa: S608
        row_id,
        *changed.values(),
    )
    return changed
