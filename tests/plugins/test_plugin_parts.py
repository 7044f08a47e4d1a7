"""Panels, cards and tiles of plugins: one statement, and a bad one costs only itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.app import CORE
from core.extension.context import Ctx
from core.extension.contributions import (
    Part,
    Read,
)
from core.extension.reads import with_settings
from core.extension.registry import Registry
from core.extension.tunables import words
from core.households.service import NewPerson, create_household
from core.kernel.actor import Helping
from core.kernel.unit import Actor, Unit
from core.territories.service import keep_value
from core.testing import counting, make_plugin
from core.web.parts import PATIENCE, read_beside, read_parts
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
    plugins = {
        f"p{n}": make_plugin(f"p{n}", dashboard_tiles=lambda ctx: (tile(1), tile(2)))
        for n in range(count)
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    async with here.unit() as unit:
        with counting() as sent:
            shown = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
    assert (len(sent), len(shown)) == (min(count, 1), 2 * count)


PAGE = "SELECT id, ref, $2::text AS word FROM household WHERE id = $1"


@pytest.mark.parametrize("count", [0, 1, 6])
async def test_a_page_reads_its_own_row_and_the_parts_in_one_statement(
    ctx: Ctx, count: int
) -> None:
    about = "SELECT json_build_array(:household, :person, :today)"
    plugins = {
        f"p{n}": make_plugin(f"p{n}", dashboard_tiles=lambda ctx: (tile(1, about),))
        for n in range(count)
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    async with here.unit() as unit:
        household_id = await household_of(unit)
        tiles = here.hooks.gather("dashboard_tiles", ctx=here)
        beside = {"household": "id", "person": "id"}
        with counting() as sent:
            row, shown = await read_beside(here, unit, tiles, PAGE, household_id, "x", **beside)
        assert (row["id"], row["word"], len(sent)) == (household_id, "x", 1)
        told = [household_id, household_id, "2026-03-12"]
        assert [s.data for s in shown] == [{"value": told}] * count
        assert await read_beside(here, unit, tiles, PAGE, 0, "x", **beside) == (None, [])


@pytest.mark.parametrize("sql", ["SELECT to_json(1/0)", "SELECT to_json(pg_sleep(20)::text)"])
async def test_the_page_stands_when_a_part_beside_it_fails(ctx: Ctx, sql: str) -> None:
    registry = installed(dashboard_tiles=lambda ctx: (tile(1), tile(2, sql), tile(3)))
    here = with_registry(ctx, registry, "alpha")
    async with ctx.unit() as unit:
        household_id = await household_of(unit)
    async with here.unit() as unit:
        tiles = here.hooks.gather("dashboard_tiles", ctx=here)
        row, shown = await read_beside(
            here, unit, tiles, PAGE, household_id, "x", household="id", person="id"
        )
        assert row["id"] == household_id
        assert [s.failed for s in shown] == [False, True, False]
        assert await unit.value("SELECT current_setting('seuil.territory')") == str(ctx.place.id)


async def test_ten_hanging_parts_hold_the_page_no_longer_than_two(ctx: Ctx) -> None:
    hang = "SELECT to_json(pg_sleep(20)::text)"
    tiles = [tile(n, hang) for n in range(10)]
    here = with_registry(ctx, installed(dashboard_tiles=lambda ctx: tiles), "alpha")
    began = time.monotonic()
    async with here.unit() as unit:
        shown = await read_parts(here, unit, tiles)
    assert [s.failed for s in shown] == [True] * 10
    assert time.monotonic() - began < 3 * PATIENCE / 1000


async def test_a_unit_that_wrote_is_not_begun_again(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        unit.record("household.created")
        with pytest.raises(RuntimeError, match="wrote"):
            await unit.again()
        unit._happened.clear()


async def test_a_read_names_the_settings_of_its_plugin(ctx: Ctx) -> None:
    sql = "SELECT json_build_array(:setting_days, :setting_motto)"
    here = with_registry(ctx, installed(dashboard_tiles=lambda ctx: (tile(1, sql),)), "alpha")

    async def read() -> Any:
        async with here.unit() as unit:
            tiles = here.hooks.gather("dashboard_tiles", ctx=here)
            return [s.data["value"] for s in await read_parts(here, unit, tiles)]

    assert await read() == [[7, ""]]
    async with here.unit() as unit:
        for name, value in (("days", 12), ("motto", "l’été : :today")):
            await keep_value(unit, "alpha", name, value, starts_on=unit.today)
        await keep_value(unit, "beta", "days", 3, starts_on=unit.today)
    assert await read() == [[12, "l’été : :today"]]
    async with here.unit() as unit:
        await keep_value(unit, "alpha", "days", 9999, starts_on=unit.today)
    assert await read() == [[7, "l’été : :today"]], "what its bounds refuse counts as none"


def test_a_read_that_names_no_setting_of_its_plugin_says_so(ctx: Ctx) -> None:
    sql = "SELECT to_json(:setting_dais)"
    registry = installed(dashboard_tiles=lambda ctx: (tile(1, sql),))
    here = with_registry(ctx, registry, "alpha")
    assert here.hooks.gather("dashboard_tiles", ctx=here) == []
    registry.strict = True
    with pytest.raises(LookupError, match=r"alpha: :setting_dais is no setting.*days, motto"):
        here.hooks.gather("dashboard_tiles", ctx=here)


def test_a_default_is_a_constant_whatever_is_in_it() -> None:
    @dataclass(frozen=True)
    class Odd:
        said: str = words("l'eau \\ :today", "Mot")

    assert with_settings("SELECT :setting_said", "odd", Odd).count(":today") == 1


@pytest.mark.parametrize(
    ("scope", "over", "seen"),
    [({"read"}, False, [1]), ({"write"}, False, []), ({"read"}, True, [])],
)
async def test_who_acts_for_a_resident_sees_what_the_scope_opens(
    ctx: Ctx, scope: set[str], over: bool, seen: list[int]
) -> None:
    parts = (tile(1, helper="read"), tile(2))
    helping = Helping("Awa Diallo", frozenset(scope), None, over)
    here = ctx.acting(Actor("helper", account_id=1, person_id=1, helping=helping))
    async with ctx.unit() as unit:
        shown = await read_parts(here, unit, parts)
    assert [s.part.key for s in shown] == [f"alpha.{n}" for n in seen]


async def household_of(unit: Unit) -> int:
    return await create_household(unit, [NewPerson("Diallo", "Awa")])


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
