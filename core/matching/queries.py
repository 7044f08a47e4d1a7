"""Reads of waiting lists: a list in its order, its counts, one entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.matching.rules import ENTRY
from core.requests.tags import running_tag, running_tags

__all__ = [
    "Key", "ListCount", "entries_of", "entry_history", "entry_row", "key_of", "key_of_ref",
    "list_counts", "tries_of", "waiting_list",
]  # fmt: skip

Key = tuple[int, date, int]
"""(class, day the list orders by, request): the order of every list, and of its index."""

FIRST: Key = (-1, date(1900, 1, 1), 0)
"""Before everybody: the first page asks for what comes after it, so that one plan serves all."""

_ENTRY = """
SELECT e.id, e.territory_id, e.request_id, e.kind, e.state, e.priority, e.seniority_on,
  coalesce(e.order_on, e.seniority_on) AS order_on, e.entered_at, e.ended_at
FROM waiting_entry e"""

_PAGE = f"""
{_ENTRY} {{filters}}
WHERE e.kind = $1 AND e.state = '{{state}}'
  AND (e.priority, coalesce(e.order_on, e.seniority_on), e.request_id)
    > ($2::smallint, $3::date, $4::bigint)
ORDER BY e.priority, coalesce(e.order_on, e.seniority_on), e.request_id LIMIT {{rows}}
"""

_FILTERS = """
JOIN housing_request q ON q.territory_id = e.territory_id AND q.id = e.request_id
JOIN household x ON x.territory_id = q.territory_id AND x.id = q.household_id
  AND ($6::bigint IS NULL OR x.sector_id = $6)
LEFT JOIN request_facts g ON g.territory_id = e.territory_id AND g.request_id = e.request_id
"""

# The page is found in the list's own index; only its rows are joined to the rest.
_ROWS = """
WITH page AS MATERIALIZED ({page})
SELECT e.id, e.request_id, e.kind, e.state, e.priority, e.seniority_on, e.order_on, e.entered_at,
  e.ended_at, r.ref, r.state AS request_state, r.refresh_due, r.household_id,
  h.ref AS household_ref,
  f.composition, f.persons,
  f.youngest_birth, f.accessible_needed, f.animals, f.support, f.resources_cents,
  s.name AS sector, n.family_name, n.given_name, {tags} AS tags
FROM page e
JOIN housing_request r ON r.id = e.request_id
JOIN household h ON h.id = r.household_id
LEFT JOIN request_facts f ON f.territory_id = e.territory_id AND f.request_id = e.request_id
LEFT JOIN sector s ON s.id = h.sector_id
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name
  FROM membership m JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  WHERE m.territory_id = h.territory_id AND m.household_id = h.id AND m.role = 'main'
  ORDER BY m.ends_on IS NULL DESC, m.id DESC LIMIT 1) n ON true
ORDER BY e.priority, e.order_on, e.request_id
"""


def _list_sql(state: str, filtered: bool, rows: int) -> str:
    """The statement for a list's active rows, or for those aside, with or without filters.

    How many rows stands in it as a number: with a bound one PostgreSQL cannot know how few they
    are, and plans the statement anew each time, which costs more than to run it.
    """
    if state not in ENTRY.states:
        raise NotFound()
    filters = _FILTERS if filtered else ""
    page = _PAGE.format(state=state, filters=filters, rows=int(rows))
    if filtered:
        page = page.replace(
            "\nORDER BY",
            "\n  AND ($7::smallint IS NULL OR g.composition = $7)"
            f"\n  AND ($8::text IS NULL OR {running_tag('e.request_id', '$8', '$5')})\nORDER BY",
        )
    return _ROWS.format(page=page, tags=running_tags("r.id", "f", "$5::date"))


_RANKS = """
SELECT w.request_id, (SELECT count(*) FROM waiting_entry b WHERE b.kind = $1
    AND b.state = 'active' AND (b.priority, coalesce(b.order_on, b.seniority_on), b.request_id)
      <= (w.priority, coalesce(w.order_on, w.seniority_on), w.request_id))::int AS rank
FROM waiting_entry w WHERE w.kind = $1 AND w.state = 'active' AND w.request_id = ANY($2)
"""

_FIRST_RANK = """
SELECT count(*)::int FROM waiting_entry b WHERE b.kind = $1 AND b.state = 'active'
  AND (b.priority, b.seniority_on, b.request_id) < ($2::smallint, $3::date, $4::bigint)
"""


async def waiting_list(
    unit: Unit,
    kind: str,
    *,
    sector: int | None = None,
    composition: int | None = None,
    tag: str | None = None,
    state: str = "active",
    after: Key | None = None,
    after_rank: int | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A list in its order: class, then the oldest day its rule orders by, then the request.

    Each active row has its `rank` among everybody on the list, whatever is filtered; other
    states have none. One row more than `limit` when there is another page. One statement, and a
    second for the ranks when there are filters, or when a page is asked without `after_rank`, the
    rank of the row it follows.
    """
    filters = (sector, composition, tag)
    filtered = filters != (None, None, None)
    bound = [kind, *(after or FIRST), unit.today, *(filters if filtered else ())]
    rows = await unit.fetch(_list_sql(state, filtered, limit + 1), *bound)
    if state != "active":
        return [{**dict(r), "rank": None} for r in rows]
    if not rows:
        return []
    if not filtered:
        before = 0 if after is None else after_rank
        if before is None:
            top = rows[0]
            before = await unit.value(
                _FIRST_RANK, kind, top["priority"], top["order_on"], top["request_id"]
            )
        return [{**dict(r), "rank": before + n} for n, r in enumerate(rows, start=1)]
    shown = [r["request_id"] for r in rows]
    ranks = {r["request_id"]: r["rank"] for r in await unit.fetch(_RANKS, kind, shown)}
    return [{**dict(r), "rank": ranks[r["request_id"]]} for r in rows]


def key_of(row: dict[str, Any]) -> Key:
    """Where a row stands, for the page after it."""
    return row["priority"], row["order_on"], row["request_id"]


async def key_of_ref(unit: Unit, kind: str, ref: str) -> Key | None:
    """Where a page ended, from the reference of its last row; None for the first page."""
    if not ref:
        return None
    row = await unit.row(
        "SELECT e.priority, coalesce(e.order_on, e.seniority_on) AS order_on, e.request_id "
        "FROM waiting_entry e "
        "JOIN housing_request r ON r.id = e.request_id "
        "WHERE r.ref = $1 AND e.kind = $2 ORDER BY e.id DESC LIMIT 1",
        ref.upper(),
        kind,
    )
    return (row["priority"], row["order_on"], row["request_id"]) if row else None


_COUNTS = """
SELECT e.kind, e.state, count(*)::int AS households, coalesce(sum(f.persons), 0)::int AS persons,
  min(e.seniority_on) AS oldest
FROM waiting_entry e LEFT JOIN request_facts f ON f.request_id = e.request_id
WHERE e.state IN ('active', 'paused', 'to_refresh', 'lapsed')
GROUP BY e.kind, e.state
"""


@dataclass(frozen=True, slots=True)
class ListCount:
    """How many wait for a kind, in households and in people; those aside by state."""

    households: int = 0
    persons: int = 0
    oldest: date | None = None
    aside: tuple[tuple[str, int], ...] = ()


async def list_counts(unit: Unit) -> dict[str, ListCount]:
    """Each list with somebody on it. One statement. A household on two lists counts on both."""
    found: dict[str, dict[str, Any]] = {}
    for row in await unit.fetch(_COUNTS):
        found.setdefault(row["kind"], {})[row["state"]] = row
    return {
        kind: ListCount(
            households=states["active"]["households"] if "active" in states else 0,
            persons=states["active"]["persons"] if "active" in states else 0,
            oldest=states["active"]["oldest"] if "active" in states else None,
            aside=tuple((s, r["households"]) for s, r in states.items() if s != "active"),
        )
        for kind, states in found.items()
    }


_ENTRIES = """
SELECT e.id, e.kind, e.state, e.priority, e.seniority_on, e.entered_at, e.ended_at,
  CASE WHEN e.state = 'active' THEN (SELECT count(*) FROM waiting_entry b WHERE b.kind = e.kind
    AND b.state = 'active' AND (b.priority, coalesce(b.order_on, b.seniority_on), b.request_id)
      <= (e.priority, coalesce(e.order_on, e.seniority_on), e.request_id))::int END AS rank
FROM waiting_entry e WHERE e.request_id = $1 ORDER BY e.id
"""


async def entries_of(unit: Unit, request_id: int) -> list[Any]:
    """Every entry a demande has had, with its rank where it waits."""
    return await unit.fetch(_ENTRIES, request_id)


async def tries_of(unit: Unit, entry_id: int) -> list[Any]:
    """What was tried to reach the household, the newest first, with authors."""
    return await unit.fetch(
        "SELECT t.channel, t.at, t.outcome, a.name AS author FROM lapse_try t "
        "LEFT JOIN account a ON a.id = t.by WHERE t.entry_id = $1 ORDER BY t.id DESC",
        entry_id,
    )


async def entry_row(unit: Unit, entry_id: int) -> dict[str, Any]:
    """One entry as a list shows it, without its rank. Raises NotFound."""
    one = _ROWS.format(page=f"{_ENTRY} WHERE e.id = $1", tags=running_tags("r.id", "f", "$2"))
    row = await unit.row(one, entry_id, unit.today)
    if row is None:
        raise NotFound()
    return dict(row)


async def entry_history(unit: Unit, entry_id: int) -> list[dict[str, Any]]:
    """Each change of an entry, the newest first, in the staff's words."""
    said = {t.verb: t.staff for t in ENTRY.transitions}
    rows = await unit.fetch(
        "SELECT t.verb, t.state, t.at, t.reason, a.name AS author FROM waiting_state t "
        "LEFT JOIN account a ON a.id = t.by WHERE t.entry_id = $1 ORDER BY t.id DESC",
        entry_id,
    )
    return [{**dict(r), "said": said.get(r["verb"])} for r in rows]
