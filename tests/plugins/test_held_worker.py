"""The worker tells nothing to a plugin that is held out: its events wait until it is put right."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.extension.context import Ctx
from core.extension.contributions import Criterion
from core.kernel.clock import Clock
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.territories.enabling import enable
from core.worker import round_trip, run
from tests.plugins.switched import installed, with_registry


def refused() -> Sequence[Criterion]:
    """A criterion that the start accepts and PostgreSQL does not."""
    return (
        Criterion(
            "alpha.odd",
            "Essai",
            "r.persons = 'beaucoup'",
            no="Non",
            unknown="?",
            plain_no="Non",
            plain_unknown="?",
        ),
    )


async def test_events_wait_for_a_plugin_that_is_held(ctx: Ctx) -> None:
    told: list[int] = []

    async def on_event(unit: Unit, event: Event) -> None:
        told.append(event.id)

    here = with_registry(ctx, installed(register_criteria=refused, on_event=on_event), "alpha")
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Essai")
        unit.record("household.changed")
    base = replace(here, territory=None, actor=None)
    days: list[Ctx] = []

    async def each_day(base: Ctx) -> None:
        days.append(base)
        if len(days) == 2:
            raise asyncio.CancelledError

    # A day later it begins again: one whole round lies between, and then it ends.
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await run(replace(base, clock=Tomorrow(here.clock)), rest=0.01, each_day=each_day)
    assert set(here.registry.held) == {"alpha", "beta"} and told == []
    before = await waiting(ctx, "alpha")
    assert before, "its events wait, untried"
    # put right, it is told of all that happened meanwhile
    here.registry.held.clear()
    await round_trip(base)
    assert len(told) == len(before) and await waiting(ctx, "alpha") == []


class Tomorrow(Clock):
    """A day passes each time the worker asks what day it is."""

    def __init__(self, clock: Clock) -> None:
        self.at = clock.now()

    def now(self) -> datetime:
        self.at += timedelta(hours=1)
        return self.at


async def waiting(ctx: Ctx, consumer: str) -> list[int]:
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT event_id FROM delivery WHERE consumer = $1 AND state = 'waiting' AND tries = 0",
            consumer,
        )
    return [row["event_id"] for row in rows]
