"""Chains: a placement that frees another place, which, and for whom it would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.kernel.unit import Unit

WAITING = 3
"""How many of those who wait for the freed place are named."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody at the head of the list of a freed place, whose size it has."""

    request_id: int
    ref: str
    household_id: int
    name: str
    seniority_on: date


@dataclass(frozen=True, slots=True)
class Freed:
    """A place that its household would leave by moving. `waiting`: how many households of the
    list of its kind have its size; `first`: the first of them, in the list's order. Its own
    shortlist, with every condition, is made once it is declared free."""

    unit_id: int
    unit_ref: str
    label: str
    programme: str
    programme_ref: str
    kind: str
    kind_label: str
    since: date
    waiting: int
    first: tuple[Waits, ...]


_LIVED_IN = """
SELECT u.id AS unit_id, u.ref AS unit_ref, u.label, u.min_persons, u.max_persons,
       p.name AS programme, p.ref AS programme_ref, s.starts_on AS since,
       coalesce(g.kind, s.kind) AS kind, coalesce(k.label, g.kind, s.kind) AS kind_label
FROM placement s
JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN programme_kind g ON g.territory_id = p.territory_id AND g.programme_id = p.id
  AND g.starts_on <= $2 AND (g.ends_on IS NULL OR g.ends_on > $2)
LEFT JOIN housing_kind k ON k.territory_id = s.territory_id AND k.code = coalesce(g.kind, s.kind)
  AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)
WHERE s.household_id = $1 AND s.state = 'present' AND u.closed_on IS NULL
ORDER BY s.id
"""

_FIRST = """
SELECT r.id, r.ref, r.household_id, e.seniority_on, count(*) OVER () AS waiting,
       (SELECT p.family_name || ' ' || p.given_name FROM membership m
        JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
        WHERE m.territory_id = r.territory_id AND m.household_id = r.household_id
          AND m.ends_on IS NULL ORDER BY m.role <> 'main', m.id LIMIT 1) AS name
FROM waiting_entry e
JOIN housing_request r ON r.territory_id = e.territory_id AND r.id = e.request_id
LEFT JOIN request_facts f ON f.territory_id = r.territory_id AND f.request_id = r.id
WHERE e.kind = $1 AND e.state = 'active' AND r.household_id <> $4
  AND (f.persons IS NULL OR f.persons BETWEEN $2 AND $3)
ORDER BY e.priority, coalesce(e.order_on, e.seniority_on), e.request_id LIMIT $5
"""


async def freed_by(unit: Unit, household_id: int) -> list[Freed]:
    """The places that a household would leave by moving into another one; none where it lives in
    no place of this territory. Names are for who may read the lists."""
    unit.require("lists.read")
    found = []
    for row in await unit.fetch(_LIVED_IN, household_id, unit.today):
        first: list[Any] = await unit.fetch(
            _FIRST, row["kind"], row["min_persons"], row["max_persons"], household_id, WAITING
        )
        found.append(
            Freed(
                row["unit_id"], row["unit_ref"], row["label"], row["programme"],
                row["programme_ref"], row["kind"], row["kind_label"], row["since"],
                first[0]["waiting"] if first else 0,
                tuple(
                    Waits(f["id"], f["ref"], f["household_id"], f["name"] or "", f["seniority_on"])
                    for f in first
                ),
            )
        )  # fmt: skip
    return found
