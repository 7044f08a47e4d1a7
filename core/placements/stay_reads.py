"""Reads of stays: who is where, and one stay with its steps."""

from __future__ import annotations

from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.placements.queries import NAME_OF

Row = Any


async def stays_of_household(unit: Unit, household_id: int) -> list[Row]:
    """A household's stays with their place, the latest first."""
    return await unit.fetch(
        "SELECT s.ref, s.state, s.starts_on, s.ends_on, s.due_on, s.lease_kind, s.exit_code, "
        "s.double, g.name AS programme, u.label FROM placement s "
        "JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id "
        "JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id "
        "WHERE s.household_id = $1 ORDER BY s.id DESC",
        household_id,
    )


_STAYS = """
SELECT s.id, s.ref, s.state, s.starts_on, s.ends_on, s.due_on, s.lease_kind, s.exit_code, s.double,
       s.protected_kind, s.exit_words, s.household_id, s.unit_id, s.kind, hh.ref AS household_ref,
       NAME AS name, g.ref AS programme_ref, g.name AS programme, g.organisation_id, u.label,
       u.ref AS unit_ref, coalesce(k.label, s.kind) AS kind_label, o.ref AS referral_ref,
       q.ref AS request_ref
FROM placement s
LEFT JOIN referral o ON o.territory_id = s.territory_id AND o.id = s.referral_id
LEFT JOIN housing_request q ON q.territory_id = s.territory_id AND q.id = s.request_id
JOIN household hh ON hh.territory_id = s.territory_id AND hh.id = s.household_id
JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
LEFT JOIN housing_kind k ON k.territory_id = s.territory_id AND k.code = s.kind
  AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)
WHERE ($1::bigint[] IS NULL OR g.organisation_id = ANY($1))
""".replace("NAME", NAME_OF.replace("r.", "s."))


_STAYS_IN = f"""{_STAYS} AND s.state = $3 AND ($4::text IS NULL OR g.ref = $4)
  AND ($7::text IS NULL OR s.kind = $7) AND (NOT $8 OR s.due_on < $2)
  AND ($5::text IS NULL OR (s.starts_on, s.id) >
       (SELECT x.starts_on, x.id FROM placement x WHERE x.ref = $5))
ORDER BY s.starts_on, s.id LIMIT $6
"""  # noqa: S608


async def stays(
    unit: Unit,
    *,
    state: str = "present",
    programme_ref: str | None = None,
    kind: str | None = None,
    overdue: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> list[Row]:
    """Stays in a state, the oldest first; of one structure or kind, or past their date, when
    asked."""
    return await unit.fetch(
        _STAYS_IN,
        unit.scope("placements.record").over_places,
        unit.today,
        state,
        programme_ref,
        after,
        limit,
        kind,
        overdue,
    )


async def stay_choices(unit: Unit) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(structures, kinds) that have stays the actor may see: reference or code, and name."""
    rows = await unit.fetch(
        "SELECT DISTINCT g.ref, g.name, s.kind, coalesce(k.label, s.kind) AS label "
        "FROM placement s "
        "JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id "
        "JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id "
        "LEFT JOIN housing_kind k ON k.territory_id = s.territory_id AND k.code = s.kind "
        "AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2) "
        "WHERE ($1::bigint[] IS NULL OR g.organisation_id = ANY($1))",
        unit.scope("placements.record").over_places,
        unit.today,
    )
    structures = {(r["ref"], r["name"]) for r in rows}
    kinds = {(r["kind"], r["label"]) for r in rows}
    return sorted(structures, key=lambda s: s[1]), sorted(kinds, key=lambda k: k[1])


async def stay(unit: Unit, ref: str) -> Row:
    """One stay, for those who may see it."""
    own = unit.scope("placements.record").over_places
    row = await unit.row(_STAYS + " AND s.ref = $3", own, unit.today, ref)
    if row is None:
        raise NotFound()
    return row


async def stay_history(unit: Unit, placement_id: int) -> list[Row]:
    """Each step of a stay with its author, the latest first."""
    return await unit.fetch(
        "SELECT s.verb, s.state, s.at, s.words, s.on_date, s.exit_code, a.name AS author "
        "FROM placement_state s "
        "LEFT JOIN account a ON a.id = s.by WHERE s.placement_id = $1 ORDER BY s.id DESC",
        placement_id,
    )
