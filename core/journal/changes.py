"""The changes of a card: who replaced what, when, read from what the database kept of its past."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from core.kernel.edits import as_kept
from core.kernel.unit import Unit


@dataclass(frozen=True)
class Changed:
    """One field of a card that took another value. Values are as JSON holds them."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class CardChange:
    """One act on one row. `author` is '' for the system itself."""

    row_id: int
    at: datetime
    author: str
    fields: Sequence[Changed]


_PAST = """
SELECT v.row_id, v.held, v.replaced_at, a.name
FROM past_version v LEFT JOIN account a ON a.id = v.replaced_by
WHERE v.kind = $1 AND v.row_id = ANY($2) ORDER BY v.id DESC LIMIT $3
"""


async def card_changes(
    unit: Unit, kind: str, now: Mapping[int, Mapping[str, Any]], fields: Collection[str],
    limit: int = 100,
) -> list[CardChange]:  # fmt: skip
    """How rows of a table changed, the latest first: one statement.

    `now` holds the rows as they stand, by id; `fields` are those that the reader may be told. What
    a field became is what the next change replaced, or what stands.
    """
    later: dict[tuple[int, str], Any] = {}
    found = []
    for r in await unit.fetch(_PAST, kind, list(now), limit):
        held = msgspec.json.decode(r["held"])
        told = []
        for field in (f for f in fields if f in held):
            key = (r["row_id"], field)
            after = later.get(key, as_kept(now[r["row_id"]][field]))
            later[key] = held[field]
            told.append(Changed(field, held[field], after))
        if told:
            found.append(CardChange(r["row_id"], r["replaced_at"], r["name"] or "", told))
    return found
