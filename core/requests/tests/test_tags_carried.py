"""What is said of a demande's people goes along when a life event gives them another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.app import CORE
from core.extension.context import Ctx
from core.extension.contributions import Tag
from core.extension.manifest import RegistryError
from core.extension.registry import Registry
from core.households.changes import LifeEvent
from core.households.living import facts_of
from core.kernel.unit import Unit
from core.requests.life import live_event
from core.requests.tags import tag, tags_of, untag
from core.requests.tests.making import listed
from core.testing import make_plugin
from core.worker import visit

BEFORE = date(2026, 2, 1)
TAGS = (
    Tag("alpha.daho", "Reconnu DAHO"),
    Tag("alpha.release", "Sortie de détention", field_class="justice"),
    Tag("alpha.scheme", "Dans un programme", follows="household"),
)


def there(ctx: Ctx) -> Ctx:
    return replace(
        ctx,
        registry=Registry.build(CORE, {"alpha": make_plugin("alpha", register_tags=lambda: TAGS)}),
    )


async def said(ctx: Ctx, unit: Unit, request_id: int) -> dict[str, Any]:
    rows = await tags_of(unit, request_id, ctx.registry.tags, frozenset({"social", "justice"}))
    return {r["key"]: r for r in rows if r["ends_on"] is None or r["ends_on"] > unit.today}


async def request_of(unit: Unit, person_id: int) -> int:
    return int(
        await unit.value(
            "SELECT r.id FROM housing_request r JOIN membership m ON m.household_id = r.household_id "
            "WHERE m.person_id = $1 AND m.ends_on IS NULL "
            "AND r.state NOT IN ('closed', 'cancelled', 'refused') ORDER BY r.id DESC",
            person_id,
        )
    )


async def test_a_separation_carries_what_is_true_of_the_people(ctx: Ctx) -> None:
    here = there(ctx)
    async with here.unit() as unit:
        request_id = await listed(unit, couple=True)
        home = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request_id
        )
        rows = await unit.fetch(
            "SELECT person_id FROM membership WHERE household_id = $1 ORDER BY role", home
        )
        stays, leaves = (r["person_id"] for r in rows)
        await tag(
            unit, request_id, "alpha.daho", starts_on=BEFORE, reason="Décision du 1er février"
        )
        await tag(unit, request_id, "alpha.scheme", starts_on=BEFORE)
        await tag(unit, request_id, "alpha.release", starts_on=BEFORE, person_id=leaves)
        event = LifeEvent("separation", unit.today, person_id=leaves)
        await live_event(unit, home, event)
    await visit(replace(here, actor=None))
    await visit(replace(here, actor=None))
    async with here.unit() as unit:
        assert set(await said(here, unit, request_id)) == {"alpha.daho", "alpha.scheme"}
        theirs = await said(here, unit, await request_of(unit, leaves))
        assert set(theirs) == {"alpha.daho", "alpha.release"}
        daho = theirs["alpha.daho"]
        assert (daho["starts_on"], daho["author"]) == (BEFORE, "Camille Roth")
        assert daho["reason"] == "Suite à : séparation. Décision du 1er février"
        facts = await unit.value(
            "SELECT tags FROM request_facts WHERE request_id = $1", await request_of(unit, leaves)
        )
        assert facts == ["alpha.daho", "alpha.release"]
        assert await request_of(unit, stays) == request_id


async def test_a_couple_brings_what_held_of_each(ctx: Ctx) -> None:
    here = there(ctx)
    async with here.unit() as unit:
        first, second = await listed(unit, family="Un"), await listed(unit, family="Deux")
        homes = [
            await unit.value("SELECT household_id FROM housing_request WHERE id = $1", r)
            for r in (first, second)
        ]
        await tag(unit, second, "alpha.daho", starts_on=BEFORE)
        await tag(unit, second, "alpha.scheme", starts_on=BEFORE)
        await tag(unit, second, "alpha.release", starts_on=BEFORE)
        await untag(unit, second, "alpha.release", reason="Finie")
        event = LifeEvent("couple_formed", unit.today, joining=await facts_of(unit, homes[1]))
        await live_event(unit, homes[0], event)
    await visit(replace(here, actor=None))
    async with here.unit() as unit:
        assert set(await said(here, unit, first)) == {"alpha.daho"}


def test_a_tag_follows_a_known_thing() -> None:
    wrong = make_plugin("alpha", register_tags=lambda: (Tag("alpha.x", "X", follows="dog"),))
    with pytest.raises(RegistryError, match="write adult or household"):
        Registry.build(CORE, {"alpha": wrong})
