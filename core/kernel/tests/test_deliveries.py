"""Events reach their consumers at least once, in order per household, and never undo the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.events import MAX_TRIES, Event, deliver_one
from core.kernel.unit import Unit
from core.testing import counting


def told(ctx: Ctx) -> Unit:
    """A Unit whose events go to one consumer named `listener`."""
    return replace(ctx.unit(), consumers=("listener",))


async def test_each_event_is_delivered_once_and_in_order(ctx: Ctx) -> None:
    async with told(ctx) as unit:
        unit.record("first.thing", subject=("thing", 1), day="2026-03-12")
        unit.record("second.thing", subject=("thing", 2))
    heard: list[Event] = []

    async def listen(unit: Unit, event: Event) -> None:
        heard.append(event)

    for _ in range(4):
        async with ctx.unit() as unit:
            await deliver_one(unit, "listener", listen)
    assert [e.kind for e in heard] == ["first.thing", "second.thing"]
    assert heard[0].payload == {"day": "2026-03-12"}
    assert heard[0].subject_id == 1


async def test_events_and_deliveries_are_one_statement(ctx: Ctx) -> None:
    async with told(ctx) as unit:
        with counting() as seen:
            for n in range(30):
                unit.record("many.things", subject=("thing", n))
            unit.connection  # noqa: B018
        assert seen == []
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM delivery WHERE consumer = 'listener'") == 30


async def test_a_consumer_that_fails_is_asked_again_later(ctx: Ctx, clock: StillClock) -> None:
    async with told(ctx) as unit:
        unit.record("hard.thing")
    tries = 0

    async def stumble(unit: Unit, event: Event) -> None:
        nonlocal tries
        tries += 1
        await unit.fetch("UPDATE territory SET name = 'changed'")
        if tries < 3:
            raise RuntimeError("not yet")

    for _ in range(3):
        async with ctx.unit() as unit:
            assert await deliver_one(unit, "listener", stumble)
        async with ctx.unit() as unit:
            assert not await deliver_one(unit, "listener", stumble) or tries == 3
            changed = await unit.value("SELECT count(*) FROM territory WHERE name = 'changed'")
            assert changed == (1 if tries == 3 else 0), "a failed try leaves nothing behind"
        clock.advance(timedelta(hours=1))
    assert tries == 3
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM delivery WHERE consumer = 'listener'") == "done"


async def test_one_that_never_works_is_stuck_and_shown(ctx: Ctx, clock: StillClock) -> None:
    async with told(ctx) as unit:
        unit.record("hopeless.thing")

    async def fail(unit: Unit, event: Event) -> None:
        raise ValueError("never")

    for _ in range(MAX_TRIES + 2):
        async with ctx.unit() as unit:
            await deliver_one(unit, "listener", fail)
        clock.advance(timedelta(days=2))
    async with ctx.unit() as unit:
        row = await unit.row("SELECT state, tries, error FROM delivery WHERE consumer = 'listener'")
    assert (row["state"], row["tries"], row["error"]) == ("stuck", MAX_TRIES, "ValueError")


async def test_an_act_that_fails_records_nothing(ctx: Ctx) -> None:
    try:
        async with told(ctx) as unit:
            unit.record("never.happened")
            await unit.fetch("SELECT nothing FROM nowhere")
    except asyncpg.PostgresError:
        pass
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM event WHERE kind = 'never.happened'") == 0
