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
CHANGED_BY_ONESELF = N_(
    "Vous avez modifié cette fiche dans une autre fenêtre pendant cette saisie. Comparez, puis "
    "enregistrez."
)


def meanwhile(unit: Unit, authors: Iterable[int | None]) -> dict[str, Any]:
    """How a Conflict is told: by whom it was changed, the person's own other window included."""
    own = set(authors) == {unit.actor.account_id} and unit.actor.account_id is not None
    return {"message": CHANGED_BY_ONESELF if own else CHANGED_MEANWHILE, "own": own}


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
        was, authors = await _held_at(unit, table, row_id, version)
        if both := was.keys() & changed.keys():
            raise Conflict(
                **meanwhile(unit, {authors[name] for name in both}),
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


async def _held_at(
    unit: Unit, table: str, row_id: int, version: int
) -> tuple[dict[str, Any], dict[str, int | None]]:
    """The fields that changed since a version: what each held then, and who changed it last."""
    held: dict[str, Any] = {}
    authors: dict[str, int | None] = {}
    for r in await unit.fetch(
        "SELECT held, replaced_by FROM past_version WHERE kind = $1 AND row_id = $2 "
        "AND version >= $3 ORDER BY version DESC",
        table,
        row_id,
        version,
    ):
        was = msgspec.json.decode(r["held"])
        held |= was
        authors = {name: r["replaced_by"] for name in was} | authors
    return held, authors
