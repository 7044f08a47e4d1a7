"""Panels, cards and tiles of plugins: one statement, and a bad one costs only itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.app import CORE
from core.extension.context import Ctx
from core.extension.contributions import (
    Part,
    Read,
)
from core.extension.registry import Registry
from core.testing import make_plugin
from core.web.parts import read_parts
from tests.plugins.switched import (
    installed,
    with_registry,
)


def tile(n: int, sql: str = "SELECT to_json(1)", **more: Any) -> Part:
    key = f"alpha.{n}"
    return Part(key, "core/x.html", "home.read", Read(key, sql), **more)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (lambda: tile(2, "SELECT to_json(1/0)"), "raises in SQL"),
        (lambda: tile(2, "SELECT to_json(pg_sleep(20)::text)"), "hangs"),
        (lambda: tile(2, shape=lambda value: value["x"]), "cannot be shaped"),
        (lambda: tile(2, shape=lambda value: 3), "shapes something else"),
    ],
)
async def test_a_bad_part_costs_only_itself(ctx: Ctx, bad: Any, why: str) -> None:
    registry = installed(dashboard_tiles=lambda ctx: (tile(1), bad(), tile(3)))
    here = with_registry(ctx, registry, "alpha")
    async with here.unit() as unit:
        shown = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
        assert [(s.part.key, s.failed) for s in shown] == [
            ("alpha.1", False),
            ("alpha.2", True),
            ("alpha.3", False),
        ]
        assert await unit.value("SHOW statement_timeout") in ("0", "30s")


async def test_a_flood_and_a_wrong_type_leave_the_neighbours(ctx: Ctx) -> None:
    plugins = {
        "alpha": make_plugin("alpha", dashboard_tiles=lambda ctx: [tile(n) for n in range(500)]),
        "beta": make_plugin("beta", dashboard_tiles=lambda ctx: ("<b>tile</b>",)),
        "gamma": make_plugin("gamma", dashboard_tiles=lambda ctx: (tile(1),)),
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    assert len(here.hooks.gather("dashboard_tiles", ctx=here)) == 21
    here.registry.strict = True
    with pytest.raises(TypeError, match="something else than Part"):
        here.hooks.gather("dashboard_tiles", ctx=here)


@pytest.mark.parametrize("count", [0, 1, 6])
async def test_the_parts_of_all_plugins_are_one_statement(ctx: Ctx, count: int) -> None:
    from core.testing import counting

    plugins = {
        f"p{n}": make_plugin(f"p{n}", dashboard_tiles=lambda ctx: (tile(1), tile(2)))
        for n in range(count)
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    async with here.unit() as unit:
        with counting() as sent:
            shown = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
    assert (len(sent), len(shown)) == (min(count, 1), 2 * count)


async def test_what_the_law_wants_shown_stays_where_it_was_on(ctx: Ctx) -> None:
    parts = (tile(1, lasting=True), tile(2), tile(3, "SELECT NULL::json", lasting=True))
    registry = installed(dashboard_tiles=lambda ctx: parts)

    async def seen(**place: frozenset[str]) -> list[str]:
        here = replace(ctx, registry=registry, territory=replace(ctx.place, **place))
        async with here.unit() as unit:
            found = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
        return [s.part.key for s in found]

    assert await seen(plugins=frozenset({"alpha"})) == ["alpha.1", "alpha.2"]
    assert await seen(former=frozenset({"alpha"})) == ["alpha.1"]
    assert await seen() == []
