"""Reads of housing: structures, their kind and places, and the places that are free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from core.households.names import search_key
from core.housing.rules import Period
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

Row = Any

_IN_SECTOR = """($%(n)s::bigint IS NULL OR EXISTS (
    SELECT 1 FROM sector_area sa WHERE sa.territory_id = p.territory_id
      AND sa.sector_id = $%(n)s::bigint AND sa.area_id = coalesce(%(area)s, p.area_id)))"""

_KIND = """LEFT JOIN programme_kind k ON k.territory_id = p.territory_id AND k.programme_id = p.id
  AND k.starts_on <= $1 AND (k.ends_on IS NULL OR k.ends_on > $1)
LEFT JOIN housing_kind h ON h.territory_id = p.territory_id AND h.code = k.kind
  AND h.starts_on <= $1 AND (h.ends_on IS NULL OR h.ends_on > $1)"""

_PROGRAMMES = f"""
WITH page AS (
  SELECT p.id, p.territory_id, p.ref, p.name, p.search_key, o.name AS organisation,
         k.kind, coalesce(h.label, k.kind) AS kind_label, a.name AS area, p.closed_on
  FROM programme p
  JOIN organisation o ON o.id = p.organisation_id
  {_KIND}
  LEFT JOIN area a ON a.territory_id = p.territory_id AND a.id = p.area_id
  WHERE ($2 = '' OR position($2 IN p.search_key) > 0 OR position($2 IN o.search_key) > 0)
    AND ($3::text IS NULL OR k.kind = $3)
    AND {_IN_SECTOR % {"n": 4, "area": "NULL"}}
    AND ($5::bigint[] IS NULL OR p.organisation_id = ANY($5))
    AND ($6::text IS NULL OR (p.search_key, p.id) >
         (SELECT x.search_key, x.id FROM programme x WHERE x.ref = $6))
  ORDER BY p.search_key, p.id
  LIMIT $7
)
SELECT page.*, places.units, places.present, places.free
FROM page CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE u.closed_on IS NULL) AS units,
         count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM placement s WHERE s.territory_id = u.territory_id AND s.unit_id = u.id
             AND s.state = 'present')) AS present,
         count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM vacancy v WHERE v.territory_id = u.territory_id AND v.unit_id = u.id
             AND v.state IN ('declared', 'held', 'frozen'))) AS free
  FROM housing_unit u
  WHERE u.territory_id = page.territory_id AND u.programme_id = page.id
    AND NOT EXISTS (SELECT 1 FROM housing_unit part WHERE part.territory_id = u.territory_id
                    AND part.parent_id = u.id AND part.closed_on IS NULL)
) places
ORDER BY page.search_key, page.id
"""  # noqa: S608


async def programmes(
    unit: Unit,
    *,
    text: str = "",
    kind: str | None = None,
    sector_id: int | None = None,
    organisations: Sequence[int] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Row]:
    """Structures by name, with how many places they have, hold and offer (divided ones aside)."""
    return await unit.fetch(
        _PROGRAMMES,
        unit.today,
        search_key(text),
        kind,
        sector_id,
        unit.scope("vacancies.read").over_places,
        after,
        limit,
    )


async def kinds_on(unit: Unit, on: date) -> list[Row]:
    """The territory's kinds of housing on a day, sheltering first."""
    return await unit.fetch(
        "SELECT code, label, plain, device, lease_kind, stay, audience, contract, unit_counted "
        "FROM housing_kind WHERE starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY array_position(ARRAY['hebergement', 'logement_accompagne', 'logement', 'soin'], "
        "device), label",
        on,
    )


async def organisations(unit: Unit) -> list[Row]:
    """Organisations at work here, with their contact and how many structures they run."""
    return await unit.fetch(
        "SELECT o.id, o.name, o.kind, t.id AS link_id, t.phone, t.email, t.address, t.version, "
        "(SELECT count(*) FROM programme p WHERE p.territory_id = t.territory_id "
        " AND p.organisation_id = o.id AND p.closed_on IS NULL) AS programmes "
        "FROM territory_organisation t JOIN organisation o ON o.id = t.organisation_id "
        "WHERE t.ends_on IS NULL ORDER BY o.search_key, o.id"
    )


async def sectors(unit: Unit) -> list[Row]:
    """Sectors in use, for filters."""
    return await unit.fetch("SELECT id, name FROM sector WHERE ended_on IS NULL ORDER BY name, id")


async def areas(unit: Unit) -> list[Row]:
    """Communes and quarters, for forms."""
    return await unit.fetch("SELECT id, name, postcode FROM area ORDER BY search_key, id")


_PROGRAMME = f"""
SELECT p.*, o.name AS organisation, k.kind, coalesce(h.label, k.kind) AS kind_label,
       h.audience AS kind_audience, h.contract, h.stay, a.name AS area
FROM programme p JOIN organisation o ON o.id = p.organisation_id
{_KIND}
LEFT JOIN area a ON a.territory_id = p.territory_id AND a.id = p.area_id
WHERE p.ref = $2
"""  # noqa: S608


async def programme(unit: Unit, ref: str) -> Row:
    """A structure by its reference, as it is today."""
    row = await unit.row(_PROGRAMME, unit.today, ref)
    if row is None:
        raise NotFound()
    return row


async def programme_kinds(unit: Unit, programme_id: int) -> list[Row]:
    """What kind a structure has been, the latest first, with why and who."""
    return await unit.fetch(
        "SELECT k.kind, k.starts_on, k.ends_on, k.why, a.name AS author, "
        "coalesce((SELECT h.label FROM housing_kind h WHERE h.territory_id = k.territory_id "
        " AND h.code = k.kind ORDER BY h.starts_on DESC LIMIT 1), k.kind) AS label "
        "FROM programme_kind k LEFT JOIN account a ON a.id = k.by "
        "WHERE k.programme_id = $1 ORDER BY k.starts_on DESC",
        programme_id,
    )


_UNITS = """
SELECT u.*, parent.label AS parent_label,
       EXISTS (SELECT 1 FROM housing_unit part WHERE part.territory_id = u.territory_id
               AND part.parent_id = u.id AND part.closed_on IS NULL) AS divided,
       s.ref AS stay_ref, s.starts_on AS occupied_since, s.protected_kind,
       v.ref AS vacancy_ref, v.state AS vacancy_state, v.free_on
FROM housing_unit u
LEFT JOIN housing_unit parent ON parent.territory_id = u.territory_id AND parent.id = u.parent_id
LEFT JOIN LATERAL (SELECT * FROM placement s WHERE s.territory_id = u.territory_id
  AND s.unit_id = u.id AND s.state = 'present' ORDER BY s.starts_on DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT * FROM vacancy v WHERE v.territory_id = u.territory_id
  AND v.unit_id = u.id AND v.state IN ('declared', 'held', 'frozen') LIMIT 1) v ON true
WHERE u.programme_id = $1
ORDER BY u.closed_on IS NOT NULL, coalesce(parent.label, u.label), u.parent_id IS NOT NULL,
         u.label, u.id
"""


async def units_of(unit: Unit, programme_id: int) -> list[Row]:
    """A structure's places, each part under its dwelling, with who is there and what is free."""
    return await unit.fetch(_UNITS, programme_id)


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


_VACANCIES = f"""
SELECT v.id, v.ref, v.kind, v.state, v.free_on, v.held_until, v.frozen_until, v.note,
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
  AND {_IN_SECTOR % {"n": 4, "area": "u.area_id"}}
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


async def units_to_declare(unit: Unit) -> list[Row]:
    """Places that may be declared free: open, whole, without an open vacancy; who is in them."""
    own = unit.scope("vacancies.declare").over_places
    return await unit.fetch(
        "SELECT u.ref, u.label, p.name AS programme, EXISTS (SELECT 1 FROM placement s "
        " WHERE s.territory_id = u.territory_id AND s.unit_id = u.id AND s.state = 'present') "
        " AS occupied "
        "FROM housing_unit u JOIN programme p ON p.territory_id = u.territory_id "
        "AND p.id = u.programme_id "
        "WHERE u.closed_on IS NULL AND p.closed_on IS NULL "
        "AND ($1::bigint[] IS NULL OR p.organisation_id = ANY($1)) "
        "AND NOT EXISTS (SELECT 1 FROM housing_unit part WHERE part.territory_id = u.territory_id "
        " AND part.parent_id = u.id AND part.closed_on IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM vacancy v WHERE v.territory_id = u.territory_id "
        " AND v.unit_id = u.id AND v.state IN ('declared', 'held', 'frozen')) "
        "ORDER BY p.search_key, p.id, u.label, u.id",
        own,
    )


async def unit_id_of(unit: Unit, ref: str) -> int:
    """The place behind a reference; NotFound for a structure that does not run it."""
    found = await unit.value(
        "SELECT u.id FROM housing_unit u JOIN programme p ON p.territory_id = u.territory_id "
        "AND p.id = u.programme_id WHERE u.ref = $1 "
        "AND ($2::bigint[] IS NULL OR p.organisation_id = ANY($2))",
        ref,
        unit.scope("housing.read").over_places,
    )
    if found is None:
        raise NotFound()
    return int(found)
