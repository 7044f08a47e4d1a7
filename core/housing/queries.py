"""Reads of housing: organisations, structures, their kind and places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.households.names import search_key
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

Row = Any

IN_SECTOR = """($%(n)s::bigint IS NULL OR EXISTS (
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
    AND {IN_SECTOR % {"n": 4, "area": "NULL"}}
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


async def units_to_declare(unit: Unit, *, urgent: bool = False) -> list[Row]:
    """Places that may be declared free: open, whole, without an open vacancy; who is in them.

    `urgent`: those that may be filled at once, declared free or not.
    """
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
        " AND v.unit_id = u.id AND v.state = ANY($2)) "
        "ORDER BY p.search_key, p.id, u.label, u.id",
        own,
        ["held", "frozen"] if urgent else ["declared", "held", "frozen"],
    )


async def declarable(unit: Unit) -> list[Row]:
    """Every open and whole place of the structures that the actor declares for, with the state of
    its open vacancy (`stands`; NULL, none)."""
    return await unit.fetch(
        "SELECT u.id, u.ref, u.label, p.name AS programme, (SELECT v.state FROM vacancy v "
        " WHERE v.territory_id = u.territory_id AND v.unit_id = u.id "
        " AND v.state IN ('declared', 'held', 'frozen') LIMIT 1) AS stands "
        "FROM housing_unit u JOIN programme p ON p.territory_id = u.territory_id "
        "AND p.id = u.programme_id "
        "WHERE u.closed_on IS NULL AND p.closed_on IS NULL "
        "AND ($1::bigint[] IS NULL OR p.organisation_id = ANY($1)) "
        "AND NOT EXISTS (SELECT 1 FROM housing_unit part WHERE part.territory_id = u.territory_id "
        " AND part.parent_id = u.id AND part.closed_on IS NULL) ORDER BY u.id",
        unit.scope("vacancies.declare").over_places,
    )


async def has_units(unit: Unit) -> bool:
    """Whether any place is open among those this actor may declare, declared free or not."""
    return bool(
        await unit.value(
            "SELECT EXISTS (SELECT 1 FROM housing_unit u JOIN programme p "
            "ON p.territory_id = u.territory_id AND p.id = u.programme_id "
            "WHERE u.closed_on IS NULL AND p.closed_on IS NULL "
            "AND ($1::bigint[] IS NULL OR p.organisation_id = ANY($1)))",
            unit.scope("vacancies.declare").over_places,
        )
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
