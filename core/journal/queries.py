"""What happened to a household, as sentences for whoever reads: staff, or the household itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from core.extension.contributions import EventKind
from core.kernel.unit import Unit


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `sentence` is a msgid; `render` says it in the reader's language."""

    id: int
    at: datetime
    sentence: str
    author: str
    tone: str = "neutral"
    person: str = ""
    behalf: str = ""
    """For whom the author acted, under an authorisation."""
    params: Mapping[str, Any] = field(default_factory=dict)

    def render(self, translate: Callable[[str], str]) -> str:
        """The sentence with its places filled; a place that nobody filled stays empty."""
        text = translate(self.sentence)
        return text % defaultdict(str, self.params) if self.params and "%(" in text else text


_TIMELINE = """
SELECT e.id, e.kind, e.occurred_at, e.payload,
       coalesce(nullif(a.name, ''), w.given_name || ' ' || w.family_name, '') AS author,
       coalesce(p.given_name || ' ' || p.family_name, '') AS person,
       coalesce(b.given_name || ' ' || b.family_name, '') AS behalf
FROM event e
LEFT JOIN account a ON a.id = e.actor_id
LEFT JOIN resident_account r ON r.account_id = e.actor_id
LEFT JOIN person w ON w.territory_id = r.territory_id AND w.id = r.person_id
LEFT JOIN person b ON b.territory_id = e.territory_id AND b.id = e.on_behalf_of
LEFT JOIN person p ON p.territory_id = e.territory_id AND p.id = e.person_id
WHERE e.household_id = $1
  AND ($2::timestamptz IS NULL OR (e.occurred_at, e.id) < ($2, $3::bigint))
ORDER BY e.occurred_at DESC, e.id DESC LIMIT $4
"""


async def timeline(
    unit: Unit,
    kinds: Mapping[str, EventKind],
    household_id: int,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """What staff reads, the newest first: one entry more than `limit` when there is another page.

    `after` is the (instant, id) of the last entry shown. A kind that nobody declares any more
    (its plugin was uninstalled) is shown by its name: what happened never disappears.
    """
    at, last = after or (None, None)
    rows = await unit.fetch(_TIMELINE, household_id, at, last, limit + 1)
    return [
        Entry(
            r["id"],
            r["occurred_at"],
            kinds[r["kind"]].staff if r["kind"] in kinds else r["kind"],
            r["author"],
            kinds[r["kind"]].tone if r["kind"] in kinds else "neutral",
            r["person"],
            r["behalf"],
            msgspec.json.decode(r["payload"]),
        )
        for r in rows
    ]
