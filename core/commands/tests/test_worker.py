"""The worker does what dates ask for once a day, and again after a failure."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import DatabaseUnavailable
from core.worker import run


async def test_each_day_is_done_once_and_tried_again_when_it_fails(
    ctx: Ctx, clock: StillClock
) -> None:
    days: list[str] = []

    async def each_day(base: Ctx) -> None:
        days.append(base.clock.now().date().isoformat())
        if len(days) == 1:
            raise DatabaseUnavailable("away")

    task = asyncio.create_task(run(ctx, rest=0.01, each_day=each_day))
    try:
        await _until(lambda: len(days) == 2)
        await asyncio.sleep(0.1)
        clock.advance(timedelta(days=1))
        await _until(lambda: len(days) == 3)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert days == ["2026-03-12", "2026-03-12", "2026-03-13"]


async def _until(true: object) -> None:
    for _ in range(300):
        if true():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")
