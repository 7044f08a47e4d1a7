"""The worker: visits one territory after the other and hands each event to those who follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from core.extension.context import Ctx, Place
from core.extension.registry import Registry
from core.imports.jobs import Launch
from core.imports.resuming import take_up
from core.kernel.errors import DatabaseUnavailable
from core.kernel.events import Consumer, Event, deliver_one
from core.kernel.trace import trace
from core.kernel.unit import Unit
from core.notifications.sending import carriers_of, send_one
from core.simulation.service import carry_on
from core.territories.holding import hold_behind
from core.territories.jobs import run_due
from core.territories.queries import load_places
from core.voice import voice_of

log = structlog.get_logger()

BATCH = 20
"""Events handed over in one transaction: each has its own savepoint."""

REST = 2.0
"""Seconds between two rounds when nothing waits."""


def consumers(registry: Registry, ctx: Ctx) -> dict[str, Consumer]:
    """Who follows events in this territory: name -> what to call."""
    wanted = ctx.hooks.enabled

    async def call(impl: Any, unit: Unit, event: Event) -> None:
        given = {"ctx": ctx, "unit": unit, "event": event}
        await impl.function(*(given[name] for name in impl.argnames))

    return {
        impl.plugin_name: partial(call, impl)
        for impl in registry.pm.hook.on_event.get_hookimpls()
        if impl.plugin_name in wanted
    }


async def visit(ctx: Ctx, at_most: int | None = None) -> int:
    """Hand over what waits in the territory of `ctx`; returns how many events were handed."""
    done = 0
    for name, consumer in consumers(ctx.registry, ctx).items():
        more = True
        while more and (at_most is None or done < at_most):
            async with ctx.unit() as unit:
                for _ in range(BATCH):
                    more = await deliver_one(unit, name, consumer)
                    if not more:
                        break
                    done += 1
    return done


async def send(ctx: Ctx, at_most: int = BATCH) -> int:
    """Let what is due leave the territory of `ctx`, each message in a Unit of its own; how many."""
    carriers, voice = carriers_of(ctx.settings), voice_of(ctx)
    if not carriers:
        return 0
    done = 0
    while done < at_most:
        async with ctx.unit() as unit:
            if not await send_one(unit, carriers, voice):
                break
        done += 1
    return done


async def places(base: Ctx) -> list[Place]:
    """Every territory of this deployment."""
    async with Unit(territory_id=None, clock=base.clock) as unit:
        return list((await load_places(unit)).values())


class Hours:
    """When to look at each territory's jobs again: not at every round."""

    MOST = timedelta(seconds=30)

    def __init__(self, launch: Launch | None = None) -> None:
        self._next: dict[tuple[int, frozenset[str]], datetime] = {}
        self._launch = launch
        """How imports that stopped are gone on with; None: not by this worker."""

    async def look(self, ctx: Ctx) -> None:
        """Run what is due, unless nothing can be."""
        now, here = ctx.clock.now(), (ctx.place.id, ctx.place.plugins)
        if self._next.get(here, now) > now:
            return
        # Somebody may have run one by hand meanwhile, or a plugin may have come.
        self._next[here] = now + self.MOST
        following = await run_due(ctx)
        if self._launch is not None:
            await take_up(ctx, self._launch)
        if following is not None:
            self._next[here] = max(now, min(following, now + self.MOST))


async def round_trip(base: Ctx, at_most: int | None = None, hours: Hours | None = None) -> int:
    """One visit to each territory, in turn; one that fails does not stop the others.

    Returns how many events were handed over, and pieces of replays carried on. Jobs are done when
    they are due.
    """
    done = 0
    hours = hours or Hours()
    for place in await places(base):
        try:
            ctx = replace(base, territory=place, actor=None)
            done += await visit(ctx, at_most) + await send(ctx) + await carry_on(ctx)
            await hours.look(ctx)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            log.error("worker: a visit failed", territory=place.slug, **trace(error))
    return done


async def run(
    base: Ctx,
    rest: float = REST,
    each_day: Callable[[Ctx], Awaitable[Any]] | None = None,
    launch: Launch | None = None,
) -> None:
    """Go round until cancelled. While the database is away it waits, longer each time.

    `each_day` is done at the start and then at the first round of every day (UTC), after looking
    at which plugins' tables are of their version: events and jobs wait for the others. `launch`
    sends a process to go on with an import that stopped.
    """
    away, day, hours = rest, None, Hours(launch)
    while True:
        try:
            if day != base.clock.now().date():
                await hold_behind(base.registry, base.clock)
                if each_day is not None:
                    await each_day(base)
                day = base.clock.now().date()
            # A long backlog is shared out: no territory waits for another's two years of history.
            done = await round_trip(base, at_most=500, hours=hours)
            away = rest
        except DatabaseUnavailable:
            done, away = 0, min(away * 2, 60.0)
        except Exception as error:
            log.error("worker: a round failed", **trace(error))
            done = 0
        if not done:
            await asyncio.sleep(away)
