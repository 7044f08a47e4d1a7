"""Settings: typed, bounded, dated; sectors and the lists a territory opens with."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.opening import furnish, open_territory
from core.territories.queries import setting_history
from core.territories.service import add_area, change_setting, end_sector, open_sector
from core.territories.settings import TUNABLES, CoreSettings, read_settings, tunable


def test_every_setting_has_words_and_a_default_within_its_bounds() -> None:
    assert [f.name for f in fields(CoreSettings)] == list(TUNABLES)
    for one in TUNABLES.values():
        assert one.label and one.help and one.group
        assert one.check(one.default) == one.default


def test_what_is_typed_is_read_or_refused() -> None:
    months = tunable("refresh_months")
    assert months.read(" 3 ") == 3
    for wrong in ("", "trois", "0", "25", "-3", "3.5"):
        with pytest.raises(Invalid):
            months.read(wrong)
    assert tunable("court_relevant").read("yes") is True
    assert tunable("court_relevant").read("") is False
    with pytest.raises(Invalid):
        tunable("colour_of_the_walls")


async def test_a_value_holds_from_its_day_on(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        soon = unit.today + timedelta(days=10)
        assert (await read_settings(unit)).refresh_months == 6
        await change_setting(unit, "refresh_months", 3, starts_on=soon, why="essai")
        assert (await read_settings(unit)).refresh_months == 6
        assert (await read_settings(unit, soon)).refresh_months == 3
        await change_setting(unit, "refresh_months", 4, starts_on=soon, why="plutôt quatre")
        assert (await read_settings(unit, soon)).refresh_months == 4
        history = await setting_history(unit)
    assert [h["value"] for h in history] == ["4", "3"]
    assert history[0]["author"] == "Camille Roth"


@pytest.mark.parametrize(
    ("name", "value"), [("nothing", 1), ("refresh_months", 0), ("court_relevant", 1)]
)
async def test_a_wrong_setting_is_never_written(ctx: Ctx, name: str, value: object) -> None:
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await change_setting(unit, name, value, starts_on=unit.today)
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM setting") == 0


async def test_sectors_overlap_and_end_in_time(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        wide = await open_sector(unit, code="67", name="Bas-Rhin", authority="DDETS")
        inner = await open_sector(unit, code="ems", name="Eurométropole", authority="EMS")
        area = await add_area(unit, name="Schiltigheim", postcode="67300", sector_ids=[wide, inner])
        again = await add_area(unit, name="SCHILTIGHEIM", postcode="67300", sector_ids=[wide])
        assert area == again
        assert await unit.value("SELECT count(*) FROM sector_area") == 2
        await end_sector(unit, inner)
        assert await unit.value("SELECT ended_on FROM sector WHERE id = $1", inner) == unit.today
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await open_sector(unit, code="67", name="Un autre")


async def test_a_territory_opens_ready_to_work(ctx: Ctx, clock: StillClock) -> None:
    made = await open_territory(slug="nouveau", name="Nouveau", clock=clock)
    async with Unit(territory_id=made, clock=clock) as unit:
        kinds = await unit.value("SELECT count(*) FROM housing_kind")
        assert kinds > 10
        assert await unit.value("SELECT count(*) FROM ranking_rule") == kinds
        assert await unit.value("SELECT count(*) FROM refusal_reason") > 20
        assert await unit.value("SELECT label FROM code WHERE list = 'composition' AND code = 10")
        await furnish(unit)
        assert await unit.value("SELECT count(*) FROM ranking_rule") == kinds


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "Majuscule"}, "slug"),
        ({"slug": "admin"}, "slug"),
        ({"name": " "}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"country": "France"}, "country"),
        ({"langs": ("french",)}, "langs"),
        ({"langs": ()}, "langs"),
    ],
)
async def test_a_wrong_territory_is_refused_in_words(
    ctx: Ctx, clock: StillClock, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await open_territory(**{"slug": "ailleurs", "name": "Ailleurs", "clock": clock, **wrong})  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]
