"""The demonstration's past, as a plugin writes it: rows, events and what tells nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from core.app import CORE
from core.demo.plugins import fill_plugins
from core.extension.context import Ctx
from core.extension.contributions import EventKind
from core.extension.registry import Registry
from core.extension.timeline import TimeLine
from core.kernel.unit import Unit
from core.making import make_household
from core.territories.enabling import enabling_history
from core.testing import make_plugin
from tests.plugins.switched import with_registry


async def test_a_plugin_lives_its_history_day_by_day(ctx: Ctx) -> None:
    ago = timedelta(days=1)
    days: dict[str, Any] = {}

    async def on_event(ctx: Ctx, unit: Unit, event: Any) -> None:
        raise AssertionError("only deliveries are counted here")

    async def demo_data(ctx: Ctx, unit: Unit, rng: Random, line: TimeLine) -> bool:
        days.update(start=line.start, end=line.end)
        for n, what in ((200, "old"), (3, "new")):
            async with line.on(line.end - n * ago) as then:
                made = await make_household(then, given=what)
                then.record("alpha.met", household_id=made.id)
                days[what] = (then.today, unit.now.date())
        with pytest.raises(ValueError, match="is not between"):
            async with line.on(line.end + ago):
                pass
        days["after"] = unit.today
        return True

    alpha = make_plugin(
        "alpha",
        demo_data=demo_data,
        on_event=on_event,
        register_event_kinds=lambda: (EventKind("alpha.met", "Rencontre"),),
    )
    here = with_registry(ctx, Registry.build(CORE, {"alpha": alpha}), "alpha")
    today = here.clock.today()
    start = today - timedelta(days=400)
    assert await fill_plugins(here, "1", start, today - timedelta(days=21)) == ["alpha"]
    old, new = today - 200 * ago, today - 3 * ago
    assert days == {
        "start": start,
        "end": today,
        "old": (old, old),
        "new": (new, new),
        "after": today,
    }
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT e.occurred_at::date AS day, EXISTS (SELECT 1 FROM delivery d "
            "WHERE d.event_id = e.id AND d.consumer = 'alpha') AS told "
            "FROM event e WHERE e.kind = 'alpha.met' ORDER BY e.occurred_at"
        )
        assert [tuple(r) for r in rows] == [(old, False), (new, True)]
        known = await unit.fetch("SELECT created_at::date AS day FROM household ORDER BY id")
        assert [r["day"] for r in known] == [old, new]
        history = await enabling_history(unit, "alpha")
    assert [one["at"].date() for one in history] == [start]


async def test_what_fails_in_the_past_leaves_the_present(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        before: Mapping[str, Any] = {"now": unit.now, "consumers": unit.consumers}
        unit.record("household.created")
        line = TimeLine(unit, unit.today - timedelta(days=9), unit.today, unit.today)
        with pytest.raises(RuntimeError):
            async with line.on(line.start) as then:
                then.record("household.created")
                raise RuntimeError
        assert {"now": unit.now, "consumers": unit.consumers} == before
        assert len(unit._happened) == 1
        unit._happened.clear()
