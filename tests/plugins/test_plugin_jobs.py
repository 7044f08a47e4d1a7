"""Jobs of plugins: due where it is on, kept, undone and tried again when they fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.extension.contributions import (
    Job,
    Ran,
)
from core.kernel.clock import StillClock
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import Sentence
from core.territories.jobs import run_due, run_job, standings
from tests.plugins.switched import (
    installed,
    with_registry,
)


def job(run: Callable[[Ctx, Unit], Awaitable[Any]]) -> Any:
    return lambda: (Job("alpha.work", "Travail", run, every=timedelta(hours=1), seconds=1),)


async def test_a_job_runs_when_due_where_it_is_on_and_is_kept(
    ctx: Ctx, elsewhere: Ctx, clock: StillClock
) -> None:
    async def work(ctx: Ctx, unit: Unit) -> Ran:
        return Ran(Sentence("%(n)s faits.", {"n": 3}))

    registry = installed(register_jobs=job(work))
    here = with_registry(ctx, registry, "alpha").acting(None)  # type: ignore[arg-type]
    await run_due(here)
    await run_due(here)
    async with here.unit() as unit:
        runs = await unit.fetch("SELECT said, error FROM job_run WHERE job = 'alpha.work'")
        stands = {one.key: one for one in await standings(here, unit)}
        assert stands["alpha.work"].due_at == unit.now + timedelta(hours=1)
    assert [tuple(r) for r in runs] == [("%(n)s faits.", "")]
    clock.advance(timedelta(minutes=61))
    await run_due(here)
    async with here.unit() as unit:
        assert await unit.value("SELECT count(*) FROM job_run WHERE job = 'alpha.work'") == 2
    with pytest.raises(NotFound):
        await run_job(with_registry(elsewhere, registry), "alpha.work", asked=True)


@pytest.mark.parametrize("way", ["raises", "hangs", "sleeps in SQL", "wrong type"])
async def test_a_job_that_fails_is_undone_kept_and_tried_again(
    ctx: Ctx, clock: StillClock, way: str
) -> None:
    import asyncio

    async def work(ctx: Ctx, unit: Unit) -> Any:
        unit.record("territory.sector_opened")
        await unit.fetch("INSERT INTO area (name) VALUES ('Jamais')")
        if way == "raises":
            raise ValueError("a name that must not be kept")
        if way == "hangs":
            await asyncio.sleep(30)
        if way == "sleeps in SQL":
            await unit.fetch("SELECT pg_sleep(30)")
        return "done"

    here = with_registry(ctx, installed(register_jobs=job(work)), "alpha")
    assert await run_job(here, "alpha.work") is None
    async with here.unit() as unit:
        assert await unit.value("SELECT count(*) FROM area WHERE name = 'Jamais'") == 0
        one = next(s for s in await standings(here, unit) if s.key == "alpha.work")
        assert (one.failures, one.due_at) == (1, unit.now + timedelta(minutes=5))
        assert one.last is not None and "name" not in one.last["error"] and one.last["error"]
