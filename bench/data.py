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
), facts AS (
  INSERT INTO request_facts (request_id, household_id, composition, persons, adults, kinds)
  SELECT id, household_id, (ARRAY[10, 20, 40, 100])[1 + id % 4], 1 + id % 5, 1 + id % 2,
         ARRAY['chrs'] FROM made
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
