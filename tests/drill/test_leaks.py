"""Promise 8: whatever breaks in a Unit, however often, the pool gets its connections back."""

from __future__ import annotations

import asyncio
import random

import asyncpg

from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.unit import Unit
from core.testing import NOW, Databases, make_place
from tests.drill.sizes import sizes

POOL, TOGETHER = 8, 24
"""More tasks than connections: waiting for one is also interrupted."""

KINDS = ("body", "commit", "cancelled", "python", "fine")


@sizes(400, 10_000)
async def test_no_connection_is_lost_to_errors(databases: Databases, size: int) -> None:
    admin_url, app_url = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    await admin.execute(
        "CREATE TABLE late (territory_id int, id int UNIQUE DEFERRABLE INITIALLY DEFERRED); "
        "GRANT ALL ON late TO seuil_app"
    )
    await ENGINE.open(app_url, POOL)
    chance = random.Random(8)
    try:
        place = await make_place(StillClock(NOW))

        async def one(kind: str) -> None:
            async with Unit(territory_id=place.id) as unit:
                if kind == "body":
                    await unit.fetch("SELECT nothing FROM nowhere")
                elif kind == "commit":
                    await unit.fetch("INSERT INTO late VALUES ($1, 1), ($1, 1)", place.id)
                elif kind == "killed":
                    pid = await unit.value("SELECT pg_backend_pid()")
                    await admin.execute(f"SELECT pg_terminate_backend({pid})")
                    await unit.fetch("SELECT 1")
                elif kind == "cancelled":
                    await unit.fetch("SELECT pg_sleep(30)")
                elif kind == "python":
                    raise RuntimeError("a fault of ours")
                else:
                    await unit.fetch("SELECT 1")

        async def cut(kind: str, after: float) -> None:
            task = asyncio.create_task(one(kind))
            if kind == "cancelled":
                await asyncio.sleep(after)
                task.cancel()
            outcome = (await asyncio.gather(task, return_exceptions=True))[0]
            assert (outcome is None) == (kind == "fine"), (kind, outcome)

        done = 0
        while done < size:
            draws = [(chance.choice(KINDS), chance.random() * 0.004) for _ in range(TOGETHER)]
            await asyncio.gather(*(cut(*draw) for draw in draws))
            # A server process that dies is slow to replace: one a round.
            await cut("killed", 0)
            done += TOGETHER + 1

        assert ENGINE.pool is not None
        assert ENGINE.pool.get_idle_size() == ENGINE.pool.get_size() <= POOL
        # And each of them is clean: all may be held at once, none stands in a transaction.
        assert (
            await admin.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'seuil_app' "
                "AND datname = current_database() AND state LIKE 'idle in transaction%'"
            )
            == 0
        )
        await asyncio.gather(*(one("fine") for _ in range(POOL * 2)))
    finally:
        await admin.close()
        await ENGINE.close()
        await databases.drop(admin_url)
