"""What fails or floods is seen by those who look after a territory: which part, how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.app import create_app
from core.commands.doctor import _territory
from core.extension.context import Ctx
from core.extension.contributions import Part, Read
from core.kernel.clock import StillClock
from core.kernel.settings import Settings
from core.territories.troubles import troubles_of
from core.testing import Browser, make_plugin, turn_on, visitor
from tests.plugins.switched import faces


def broken(ctx: Ctx) -> Any:
    return (
        Part("alpha.late", "core/x.html", "home.read", Read("alpha.late", "SELECT to_json(1/0)")),
    )


def flood(ctx: Ctx) -> Any:
    return [Part(f"alpha.{n}", "core/x.html", "households.read") for n in range(50)]


async def test_a_part_that_fails_is_told_where_the_plugin_is_set(
    ctx: Ctx, elsewhere: Ctx, settings: Settings, clock: StillClock
) -> None:
    plugins = {
        "alpha": make_plugin(
            "alpha", title="Alpha", dashboard_tiles=broken, resident_cards=flood, nav_items=flood
        )
    }
    app = create_app(settings, plugins=plugins | faces(), clock=clock)
    await turn_on(app, ctx.place.slug, "alpha")
    await turn_on(app, "ailleurs", "alpha")
    await turn_on(app, ctx.place.slug, "alpha")
    async with visitor(app) as client:
        desk = Browser(client)
        await desk.sign_in(ctx, ctx.who, "admin")
        for _ in range(3):
            assert (await desk.get("/admin/essai")).status_code == 200
        clock.advance(timedelta(minutes=2))
        await desk.get("/admin/essai")
        await desk.get("/admin/essai/reglages/extensions")
        assert "en panne par endroits" in desk.text()
        await desk.get("/admin/essai/reglages/extensions/alpha")
        assert "alpha.late : en panne 4 fois" in desk.text()
        assert "Ses lignes du menu" in desk.text() and "DivisionByZeroError" in desk.text()
    async with ctx.unit() as unit:
        # The page that says so tried to show it once more.
        told = [str(f) async for f in _territory(unit, ctx.place)]
        assert any("alpha.late of alpha failed (DivisionByZeroError) 5 time(s)" in t for t in told)
        clock.advance(timedelta(days=40))
    async with ctx.unit() as unit:
        assert await troubles_of(unit, "alpha") == []
    async with elsewhere.unit() as unit:
        assert await troubles_of(unit) == []
