"""Promise 1: one place, one household, one period, by a constraint that no race gets around."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from uuid import uuid4

import asyncpg

from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict
from core.kernel.unit import Unit
from core.testing import NOW, Databases, make_place
from tests.drill.sizes import sizes

WORKERS, PLACES, HOUSEHOLDS = 16, 40, 60
FIRST = date(2026, 1, 1)

_GROUND = """
WITH o AS (INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Exemple') RETURNING id),
p AS (INSERT INTO programme (ref, organisation_id, name, opened_on)
      SELECT 'PROGRAMME1', id, 'Exemple', date '2020-01-01' FROM o RETURNING id)
INSERT INTO housing_unit (ref, programme_id, label, typology, min_persons, max_persons, opened_on)
SELECT upper(substr(md5('u' || n), 1, 10)), p.id, 'Logement ' || n, 'T2', 1, 6, date '2020-01-01'
FROM p, generate_series(1, $1::int) n RETURNING id
"""

_HOUSEHOLDS = """
INSERT INTO household (ref) SELECT upper(substr(md5('h' || n), 1, 10))
FROM generate_series(1, $1::int) n RETURNING id
"""

_TRY = """
INSERT INTO placement (ref, unit_id, household_id, state, kind, starts_on, ends_on, created_at)
VALUES ($1, $2, $3, 'present', 'chrs', $4, $5, $6)
"""

_OVERLAPS = """
SELECT count(*) FROM placement a JOIN placement b
  ON a.territory_id = b.territory_id AND a.id < b.id
 AND (a.unit_id = b.unit_id OR a.household_id = b.household_id)
 AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)
"""


@sizes(3_000, 120_000)
async def test_concurrent_tries_never_overlap(databases: Databases, size: int) -> None:
    admin_url, app_url = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    # Two constraints may make two tries wait for each other; the server need not think long.
    await admin.execute("ALTER ROLE seuil_app SET deadlock_timeout = '20ms'")
    await admin.close()
    await ENGINE.open(app_url, WORKERS)
    tally = {"in": 0, "out": 0}
    try:
        place = await make_place(StillClock(NOW))
        async with Unit(territory_id=place.id) as unit:
            units = [r["id"] for r in await unit.fetch(_GROUND, PLACES)]
            homes = [r["id"] for r in await unit.fetch(_HOUSEHOLDS, HOUSEHOLDS)]

        async def worker(number: int, tries: int) -> None:
            chance = random.Random(number)
            for _ in range(tries):
                start = FIRST + timedelta(days=chance.randrange(400))
                end = start + timedelta(days=chance.randrange(1, 60))
                args = (chance.choice(units), chance.choice(homes), start, end)
                try:
                    async with Unit(territory_id=place.id) as unit:
                        await unit.fetch(_TRY, uuid4().hex[:10].upper(), *args, unit.now)
                except (Conflict, asyncpg.DeadlockDetectedError):
                    tally["out"] += 1
                else:
                    tally["in"] += 1

        await asyncio.gather(*(worker(n, size // WORKERS) for n in range(WORKERS)))
    finally:
        await ENGINE.close()
    admin = await asyncpg.connect(admin_url)
    try:
        assert await admin.fetchval("SELECT count(*) FROM placement") == tally["in"] > PLACES
        assert tally["out"] > tally["in"], "the tries did get in each other's way"
        assert await admin.fetchval(_OVERLAPS) == 0
        # The question would see an overlap if there were one.
        await admin.execute(
            "ALTER TABLE placement DROP CONSTRAINT sl_placement_one_household, "
            "DROP CONSTRAINT sl_placement_one_stay; "
            "INSERT INTO placement (territory_id, ref, unit_id, household_id, state, kind, "
            "starts_on, ends_on, created_at) SELECT territory_id, 'AAAAAAAAAA', unit_id, "
            "household_id, state, kind, starts_on, ends_on, created_at FROM placement LIMIT 1"
        )
        assert await admin.fetchval(_OVERLAPS) >= 1
    finally:
        await admin.close()
        await databases.drop(admin_url)
