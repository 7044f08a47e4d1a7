"""Reads of the places that are free, or were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.housing.queries import IN_SECTOR
from core.housing.rules import Period, vacancy_days
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

Row = Any


async def vacancies_of(unit: Unit, programme_id: int, limit: int = 60) -> list[Row]:
    """Past and present vacancies of a structure, the latest first."""
    return await unit.fetch(
        "SELECT v.id, v.ref, v.state, v.free_on, v.closed_on, u.label FROM vacancy v "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "WHERE u.programme_id = $1 ORDER BY v.free_on DESC, v.id DESC LIMIT $2",
        programme_id,
        limit,
    )


async def frozen_periods(unit: Unit, vacancy_ids: Iterable[int]) -> dict[int, list[Period]]:
    """When works stopped each vacancy from being used."""
    rows = await unit.fetch(
        "SELECT vacancy_id, verb, at FROM vacancy_state WHERE vacancy_id = ANY($1) "
        "AND verb IN ('freeze', 'unfreeze') ORDER BY vacancy_id, id",
        list(vacancy_ids),
    )
    found: dict[int, list[Period]] = {}
    for row in rows:
        periods, day = found.setdefault(row["vacancy_id"], []), row["at"].date()
        if row["verb"] == "freeze":
            periods.append(Period(day))
        elif periods:
            periods[-1] = Period(periods[-1].start, day)
    return found


async def empty_days(unit: Unit, rows: Sequence[Row]) -> dict[int, int]:
    """Days each of these vacancies has stood empty and usable until today, works aside.

    `rows` have id, free_on, and closed_on where they have ended.
    """
    frozen = await frozen_periods(unit, [r["id"] for r in rows])
    return {
        r["id"]: vacancy_days(
            Period(r["free_on"], r["closed_on"]), unit.today, frozen.get(r["id"], ())
        )
        for r in rows
    }


_VACANCIES = f"""
SELECT v.id, v.ref, v.kind, v.state, v.free_on, v.closed_on, v.held_until, v.frozen_until, v.note,
       u.label, u.typology, u.min_persons, u.max_persons, u.accessible, u.cost_cents,
       p.ref AS programme_ref, p.name AS programme, coalesce(h.label, v.kind) AS kind_label,
       a.name AS area, r.ref AS referral_ref, r.state AS referral_state
FROM vacancy v
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN housing_kind h ON h.territory_id = v.territory_id AND h.code = v.kind
  AND h.starts_on <= $1 AND (h.ends_on IS NULL OR h.ends_on > $1)
LEFT JOIN area a ON a.territory_id = u.territory_id AND a.id = coalesce(u.area_id, p.area_id)
LEFT JOIN LATERAL (SELECT r.ref, r.state FROM referral r WHERE r.territory_id = v.territory_id
  AND r.vacancy_id = v.id AND r.state IN ('proposed', 'accepted', 'unanswered',
  'sent_to_structure', 'preadmission', 'admitted') LIMIT 1) r ON true
WHERE v.state = ANY($2) AND ($3::text IS NULL OR v.kind = $3)
  AND {IN_SECTOR % {"n": 4, "area": "u.area_id"}}
  AND ($5::bigint[] IS NULL OR p.organisation_id = ANY($5))
  AND ($6::text IS NULL OR (v.free_on, v.id) >
       (SELECT x.free_on, x.id FROM vacancy x WHERE x.ref = $6))
ORDER BY v.free_on, v.id
LIMIT $7
"""  # noqa: S608

OPEN_VACANCY = ("declared", "held", "frozen")


async def vacancies(
    unit: Unit,
    *,
    states: Sequence[str] = OPEN_VACANCY,
    kind: str | None = None,
    sector_id: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Row]:
    """Places by the day they are free, the longest empty first; a structure sees its own."""
    return await unit.fetch(
        _VACANCIES,
        unit.today,
        list(states),
        kind,
        sector_id,
        unit.scope("vacancies.read").over_places,
        after,
        limit,
    )


async def vacancy_counts(unit: Unit) -> dict[str, int]:
    """How many places stand in each state, of those the actor may see."""
    rows = await unit.fetch(
        "SELECT v.state, count(*)::int AS n FROM vacancy v "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE ($1::bigint[] IS NULL OR p.organisation_id = ANY($1)) GROUP BY v.state",
        unit.scope("vacancies.read").over_places,
    )
    return {row["state"]: row["n"] for row in rows}


_VACANCY = """
SELECT v.*, u.ref AS unit_ref, u.label, u.typology, u.min_persons, u.max_persons, u.accessible,
       u.floor, u.surface_m2, u.cost_cents, p.ref AS programme_ref, p.name AS programme,
       p.animals, p.audience, p.house_rules, p.organisation_id, p.address, p.phone,
       o.name AS organisation, coalesce(u.area_id, p.area_id) AS area_id,
       coalesce(h.label, v.kind) AS kind_label, h.lawful_stay_required, a.name AS area,
       r.ref AS referral_ref, r.state AS referral_state
FROM vacancy v
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
JOIN organisation o ON o.id = p.organisation_id
LEFT JOIN housing_kind h ON h.territory_id = v.territory_id AND h.code = v.kind
  AND h.starts_on <= $1 AND (h.ends_on IS NULL OR h.ends_on > $1)
LEFT JOIN area a ON a.territory_id = u.territory_id AND a.id = coalesce(u.area_id, p.area_id)
LEFT JOIN LATERAL (SELECT r.ref, r.state FROM referral r WHERE r.territory_id = v.territory_id
  AND r.vacancy_id = v.id AND r.state IN ('proposed', 'accepted', 'unanswered',
  'sent_to_structure', 'preadmission', 'admitted') LIMIT 1) r ON true
WHERE v.ref = $2 AND ($3::bigint[] IS NULL OR p.organisation_id = ANY($3))
"""


async def vacancy(unit: Unit, ref: str) -> Row:
    """A free place by its reference; NotFound for a structure that does not run it."""
    own = unit.scope("vacancies.read").over_places
    row = await unit.row(_VACANCY, unit.today, ref, own)
    if row is None:
        raise NotFound()
    return row


async def vacancy_history(unit: Unit, vacancy_id: int) -> list[Row]:
    """Each step of a vacancy with its author, the latest first."""
    return await unit.fetch(
        "SELECT s.verb, s.state, s.at, s.reason, a.name AS author FROM vacancy_state s "
        "LEFT JOIN account a ON a.id = s.by WHERE s.vacancy_id = $1 ORDER BY s.id DESC",
        vacancy_id,
    )
