"""Rows for the bench, made by the database itself: believable in shape, invented, fast."""

from __future__ import annotations

from datetime import UTC, datetime

from core.extension.context import Place
from core.kernel.unit import Unit
from core.territories.service import create_territory

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)

_REF = "upper(lpad(to_hex(({} * 668265263) & 1099511627775), 10, '0'))"
"""A ref of ten signs from a number: an odd factor modulo 2^40 gives no two the same."""

_HOUSEHOLDS = f"""
WITH made AS (
  INSERT INTO household (ref, created_at)
  SELECT {_REF.format("n")}, $3
  FROM generate_series($2::bigint + 1, $2::bigint + $1::bigint) n
  RETURNING id
), numbered AS (
  SELECT id, row_number() OVER (ORDER BY id) AS n FROM made
), people AS (
  INSERT INTO person (ref, family_name, given_name, search_key, birth, created_at)
  SELECT {_REF.format("(n + $2::bigint)")},
         'Nom' || (n % 5000), 'Prénom' || (n % 700),
         'nom' || (n % 5000) || ' prenom' || (n % 700),
         date '1950-01-01' + (n * 7919 % 20000)::int, $3
  FROM numbered ORDER BY n
  RETURNING id
), paired AS (
  SELECT id AS person_id, row_number() OVER (ORDER BY id) AS n FROM people
)
INSERT INTO membership (household_id, person_id, role, starts_on)
SELECT numbered.id, paired.person_id, 'main', date '2024-01-01'
FROM numbered JOIN paired USING (n)
"""

_REQUESTS = f"""
WITH made AS (
  INSERT INTO housing_request (ref, household_id, state, first_sent_on, last_sent_on,
                               seniority_on, refresh_due, created_at)
  SELECT {_REF.format("h.id")}, h.id, 'waiting',
         $1::date - (h.id * 7919 % 700)::int, $1::date - (h.id % 150)::int,
         $1::date - (h.id * 7919 % 700)::int, $1::date + (h.id % 90)::int, $2
  FROM household h
  RETURNING id, household_id, seniority_on
), drawn AS (
  SELECT id, household_id, (id * 2654435761 % 4294967296)::bigint AS h, 1 + id % 5 AS n,
    (SELECT coalesce(min(a.id), 1) FROM area a) AS area FROM made
), facts AS (
  INSERT INTO request_facts (request_id, household_id, composition, persons, persons_soon, couple,
    adults, youngest_birth, eldest_birth, main_birth, rooms_from, lawful_stay, social_housing_no,
    resources_cents, kinds, areas_wanted, areas_refused, accessible_needed, animals, support)
  SELECT id, household_id, (ARRAY[10, 20, 40, 100])[1 + id % 4], n,
    CASE WHEN h % 7 > 0 THEN n END, id % 4 = 3, 1 + id % 2,
    date '2000-01-01' + (h % 9000)::int, date '1960-01-01' + (h % 14000)::int,
    CASE WHEN h % 50 > 0 THEN date '1960-01-01' + (h % 16000)::int END,
    CASE WHEN h % 11 > 0 THEN array_fill(date '1900-01-01', ARRAY[(n + 1)::int / 2]) END,
    CASE WHEN h % 3 = 0 THEN h % 2 = 0 END, CASE WHEN h % 4 = 0 THEN h % 3 = 0 END,
    CASE WHEN h % 10 > 0 THEN 20000 + h % 150000 END,
    CASE WHEN h % 40 > 0 THEN CASE WHEN h % 13 > 0 THEN ARRAY['chrs', 'alt'] ELSE ARRAY['alt'] END
    END,
    CASE WHEN h % 3 > 0 THEN ARRAY[area + h % 20, area + h % 17] END,
    CASE WHEN h % 4 = 0 THEN ARRAY[area + h % 20] WHEN h % 4 > 1 THEN '{{}}'::bigint[] END,
    CASE WHEN h % 6 > 0 THEN h % 23 = 0 END, CASE WHEN h % 5 > 0 THEN h % 9 = 0 END,
    CASE WHEN h % 8 > 0 THEN h % 5 END
  FROM drawn
)
INSERT INTO waiting_entry (request_id, kind, state, seniority_on, priority, entered_at)
SELECT id, 'chrs', 'active', seniority_on, 5, $2 FROM made
"""


async def fill_waiting(place: Place, households: int, batch: int = 50_000) -> None:
    """`households` demandes on the list of CHRS in that territory, two people at most each."""
    done = 0
    while done < households:
        part = min(batch, households - done)
        async with Unit(territory_id=place.id) as unit:
            await unit.fetch(_HOUSEHOLDS, part, done, NOW)
        done += part
    async with Unit(territory_id=place.id) as unit:
        await unit.connection.execute("SET LOCAL statement_timeout = 0")
        await unit.connection.fetch(_REQUESTS, NOW.date(), NOW, timeout=600)


async def new_place(slug: str) -> Place:
    """An empty territory of the bench."""
    async with Unit(territory_id=None) as unit:
        territory_id = await create_territory(unit, slug=slug, name=slug.title())
    return Place(
        id=territory_id,
        slug=slug,
        name=slug.title(),
        zone="Europe/Paris",
        country="FR",
        langs=("fr", "en"),
        vocabulary="fr",
        emergency_phone="115",
        team_name="",
        team_phone="",
    )


async def analyse(admin_url: str) -> None:
    """Tell the planner what is there."""
    import asyncpg

    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()
