"""Sixty-four people propose one place at once: one wins, the others get a clear answer."""

from __future__ import annotations

import asyncio
from collections import Counter

from core.extension.context import Ctx
from core.extension.registry import Registry
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, DatabaseUnavailable
from core.kernel.settings import Settings
from core.placements.passing import same_for_all
from core.placements.service import propose
from core.placements.tests.making import place, structure
from core.requests.tests.making import listed
from core.testing import NOW, Databases, make_place, make_professional


async def test_sixty_four_proposals_to_one_place_have_one_winner(
    databases: Databases, registry: Registry, settings: Settings
) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 16)
    try:
        clock = StillClock(NOW)
        here = await make_place(clock)
        base = Ctx(settings=settings, registry=registry, clock=clock, territory=here)
        ctx = base.acting(await make_professional(base, "coordinator"))
        async with ctx.unit() as unit:
            _, programme_id = await structure(unit)
            vacancy_id = await place(unit, programme_id)
        requests = []
        for n in range(64):
            async with ctx.unit() as unit:
                requests.append(await listed(unit, family=f"Nom {n}"))

        async def one(request_id: int) -> str:
            while True:
                try:
                    async with ctx.unit() as unit:
                        await propose(
                            unit, vacancy_id, request_id, why=same_for_all("household_wish")
                        )
                except Conflict as lost:
                    return str(lost)
                except DatabaseUnavailable:
                    continue  # a slow machine: as a person would, once more
                return "won"

        answers = Counter(await asyncio.gather(*(one(r) for r in requests)))
        assert answers == {"won": 1, "Cette place est déjà proposée à un autre ménage.": 63}
        async with ctx.unit() as unit:
            assert await unit.value("SELECT count(*) FROM referral") == 1
            states = await unit.fetch(
                "SELECT state, count(*) FROM housing_request GROUP BY state ORDER BY state"
            )
            assert [tuple(r) for r in states] == [("referred", 1), ("waiting", 63)]
            assert await unit.value("SELECT state FROM vacancy") == "held"
            told = await unit.value("SELECT count(*) FROM event WHERE kind = 'referral.proposed'")
            assert told == 1
        assert ENGINE.pool is not None
        async with asyncio.timeout(10):  # all come back; one that leaked never would
            while ENGINE.pool.get_idle_size() < ENGINE.pool.get_size():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)
