"""Two territories in one process: what refuses, what is owed on or off, what answers where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.app import create_app
from core.extension.context import Ctx
from core.extension.contributions import (
    Obstacle,
)
from core.extension.duties import erase_of, export_of
from core.kernel.clock import StillClock
from core.kernel.errors import Denied
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.requests.tests.making import listed
from core.testing import Browser, make_plugin, turn_on, visitor
from tests.plugins.switched import (
    faces,
    installed,
    nav,
    with_registry,
)


async def test_deny_and_obstacles_restrict_and_fail_closed(ctx: Ctx) -> None:
    from core.households.queries import household_id_of
    from core.requests.queries import request_id_of

    async def deny(ctx: Ctx, unit: Unit, permission: str, household_id: int) -> str | None:
        return "Ce dossier est celui d’un proche." if permission == "households.read" else None

    async def broken(ctx: Ctx, unit: Unit, request_id: int) -> Sequence[Obstacle]:
        await unit.fetch("SELECT nothing FROM nowhere")
        return ()

    here = with_registry(ctx, installed(deny=deny, obstacles=broken), "alpha")
    off = with_registry(ctx, here.registry)
    async with off.unit() as unit:
        request_id = await listed(unit)
        row = await unit.row(
            "SELECT h.ref, r.ref AS request FROM household h JOIN housing_request r "
            "ON r.household_id = h.id WHERE r.id = $1",
            request_id,
        )
        assert row is not None
        assert await household_id_of(unit, row["ref"])
        assert not await unit.obstacles(request_id, 1)
    async with here.unit() as unit:
        with pytest.raises(Denied, match="proche"):
            await household_id_of(unit, row["ref"])
        assert await request_id_of(unit, row["request"]) == request_id
        found = await unit.obstacles(request_id, 1)
        assert [o.key for o in found] == ["alpha.failed"]
        assert "Alpha" in str(found[0].text)
        # the Unit goes on after the failure
        assert await unit.value("SELECT 1") == 1


async def test_duties_are_asked_of_every_plugin_on_or_off(ctx: Ctx) -> None:
    erased: list[int] = []

    async def export_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> dict[str, Any]:
        return {"person": person_id}

    async def erase_personal_data(unit: Unit, person_id: int) -> None:
        erased.append(person_id)

    here = with_registry(
        ctx,
        installed(
            export_personal_data=export_personal_data, erase_personal_data=erase_personal_data
        ),
    )
    async with here.unit() as unit:
        assert (await export_of(here, unit, 7)).held == {"alpha": {"person": 7}}
        await erase_of(here, unit, 7)
    assert erased == [7]


async def test_a_plugin_off_here_answers_there(
    ctx: Ctx, elsewhere: Ctx, settings: Settings, clock: StillClock
) -> None:
    """Side by side in one process: the same home, with and without."""
    app = create_app(
        settings,
        plugins={"alpha": make_plugin("alpha", nav_items=nav)} | faces(),
        clock=clock,
    )
    await turn_on(app, "ailleurs", "alpha")
    async with visitor(app) as client, visitor(app) as other:
        desk, there = Browser(client), Browser(other)
        await desk.sign_in(ctx, ctx.who, "admin")
        await there.sign_in(elsewhere, elsewhere.who, "admin")
        await desk.get("/admin/essai")
        assert "Rubrique alpha" not in desk.text()
        await there.get("/admin/ailleurs")
        assert "Rubrique alpha" in there.text()
