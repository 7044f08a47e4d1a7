"""Switching a plugin on and off in a territory: an act with its author, its effects read before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from litestar import post
from litestar.response import Response

from core.app import CORE, create_app
from core.extension.context import Ctx
from core.extension.registry import Registry, RegistryError
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.territories.enabling import disable, enable, enabling_history
from core.territories.service import change_settings
from core.territories.settings import settings_of
from core.testing import Browser, make_plugin, make_professional, visitor
from core.web.door import Places
from core.web.visit import Visiting
from tests.plugins.switched import (
    Tuned,
    faces,
    held,
    installed,
    two_run,
    with_registry,
)


async def test_switching_is_an_act_with_its_author_in_one_territory_only(
    ctx: Ctx, elsewhere: Ctx
) -> None:
    here = with_registry(ctx, installed())
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Convention signée")
    assert (await held(here)).place.plugins == {"alpha"}
    assert (await held(elsewhere)).place.plugins == frozenset()
    async with here.unit() as unit:
        await disable(here, unit, "alpha", "Fin de l’essai")
        past = await enabling_history(unit, "alpha")
    assert [(p["enabled"], p["why"], p["author"]) for p in past] == [
        (False, "Fin de l’essai", "Camille Roth"),
        (True, "Convention signée", "Camille Roth"),
    ]
    place = (await held(here)).place
    assert (place.plugins, place.former) == (frozenset(), {"alpha"})
    async with elsewhere.unit() as unit:
        assert await enabling_history(unit, "alpha") == []


async def test_what_it_stands_on_comes_first_and_goes_last(ctx: Ctx) -> None:
    here = with_registry(ctx, installed())
    async with here.unit() as unit:
        with pytest.raises(Refused, match="Activez"):
            await enable(here, unit, "beta", "Essai")
        await enable(here, unit, "alpha", "Essai")
        await enable(here, unit, "beta", "Essai")
        with pytest.raises(Refused, match="Désactivez"):
            await disable(here, unit, "alpha", "Essai")
        with pytest.raises(Conflict):
            await enable(here, unit, "alpha", "Encore")
        with pytest.raises(Invalid):
            await disable(here, unit, "beta", " ")
        with pytest.raises(NotFound):
            await enable(here, unit, "gamma", "Essai")


async def test_what_runs_is_read_before_it_is_switched_off(ctx: Ctx) -> None:
    here = with_registry(ctx, installed(obligations=two_run))
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Essai")
        with pytest.raises(Refused, match="engagements"):
            await disable(here, unit, "alpha", "Essai", knowing=1)
        await disable(here, unit, "alpha", "Essai", knowing=2)


async def test_a_failing_on_enablement_undoes_the_switching(ctx: Ctx) -> None:
    async def on_enablement(ctx: Ctx, unit: Unit, enabled: bool) -> None:
        raise ValueError("no room")

    here = with_registry(ctx, installed(on_enablement=on_enablement))
    with pytest.raises(ValueError, match="no room"):
        async with here.unit() as unit:
            await enable(here, unit, "alpha", "Essai")
    assert (await held(here)).place.plugins == frozenset()


async def test_only_those_who_set_the_territory_switch(ctx: Ctx) -> None:
    here = with_registry(ctx, installed())
    here = here.acting(await make_professional(ctx, "social_worker", name="Lou Klein"))
    async with here.unit() as unit:
        with pytest.raises(Denied):
            await enable(here, unit, "alpha", "Essai")


async def test_the_page_says_it_all_and_switches(
    ctx: Ctx, elsewhere: Ctx, settings: Settings, clock: StillClock
) -> None:
    plugins = {
        "alpha": make_plugin(
            "alpha",
            title="Programme alpha",
            purpose="Suivre ce que le territoire a promis.",
            data=(("Date d’entrée au programme", "justice"),),
            seen_by=("coordinator",),
            register_settings=lambda: Tuned,
            obligations=two_run,
        )
    }
    app = create_app(settings, plugins=plugins | faces(), clock=clock)
    app.state.base.registry.strict = True
    async with visitor(app) as client:
        desk = Browser(client)
        await desk.sign_in(ctx, ctx.who, "admin")
        page = "/admin/essai/reglages/extensions"
        assert (await desk.get(page)).status_code == 200
        assert "Programme alpha" in desk.text() and "Désactivée" in desk.text()
        await desk.get(f"{page}/alpha")
        for said in ("Date d’entrée au programme", "Justice", "Jamais activée", "promis"):
            assert said in desk.text()
        assert (await desk.post(f"{page}/alpha/activer", {"why": ""})).status_code == 422
        assert (await desk.post(f"{page}/alpha/activer", {"why": "Accord"})).status_code == 303
        await desk.follow()
        assert "Accord" in desk.text() and "2 mesures" in desk.text()
        off = await desk.post(f"{page}/alpha/desactiver", {"why": "Fin", "knowing": "2"})
        assert off.status_code == 409
        sent = {"why": "Fin", "knowing": "2", "confirmed": "yes"}
        assert (await desk.post(f"{page}/alpha/desactiver", sent)).status_code == 303
        tuned = {"days": "9", "motto": "Ensemble", "starts_on": "2026-04-01", "why": "Accord",
                 "version": "0"}  # fmt: skip
        await desk.get(f"{page}/alpha/regler")
        assert "Devise" in desk.text()
        wrong = await desk.post(f"{page}/alpha/regler", {**tuned, "days": "99", "colour": "red"})
        assert wrong.status_code == 422
        assert (await desk.post(f"{page}/alpha/regler", tuned)).status_code == 303
        await desk.follow()
        assert "À venir" in desk.text() and "9 jours" in desk.text()
        await desk.get("/admin/essai/reglages/comparer?de=alpha&avant=2026-03-12&apres=2026-04-01")
        assert "2 réglages diffèrent" in desk.text() and "7 jours" in desk.text()
    async with elsewhere.unit() as unit:
        assert await settings_of(unit, "alpha", Tuned, unit.today + timedelta(days=90)) == Tuned()


async def test_who_was_writing_when_it_is_switched_off_keeps_their_words(
    ctx: Ctx, settings: Settings, clock: StillClock
) -> None:
    @post("/alpha", opt={"permission": "home.read"})
    async def keep_words(visit: Visiting) -> Response[str]:
        return visit.to("/alpha")

    plugins = {"alpha": make_plugin("alpha", register_routers=lambda face: (
        (keep_words,) if face == "admin" else ()))}  # fmt: skip
    app = create_app(settings, plugins=plugins | faces(), clock=clock)
    app.state.places = Places(fresh=3600)
    there = replace(ctx, registry=app.state.base.registry)
    async with there.unit() as unit:
        await enable(there, unit, "alpha", "Essai")
    async with visitor(app) as client:
        desk = Browser(client)
        await desk.sign_in(ctx, ctx.who, "admin")
        sent = {"words": "Une phrase de dix minutes"}
        assert (await desk.post("/admin/essai/alpha", sent)).status_code == 303
        await desk.get("/admin/essai/reglages/extensions/alpha")
        off = await desk.post("/admin/essai/reglages/extensions/alpha/desactiver", {"why": "Fin"})
        assert off.status_code == 303
        page = await desk.post("/admin/essai/alpha", sent)
        assert page.status_code == 404 and "Une phrase de dix minutes" in page.text
        assert "Rien n’a été envoyé" in page.text


async def test_a_value_takes_force_later_and_in_one_territory(ctx: Ctx, elsewhere: Ctx) -> None:
    known = installed().tunables["alpha"]
    async with ctx.unit() as unit:
        later = unit.today + timedelta(days=10)
        args = {"starts_on": later, "why": "Accord", "plugin": "alpha", "known": known}
        assert await change_settings(unit, {"days": 20}, 0, **args) == 1
        assert (await settings_of(unit, "alpha", Tuned)).days == 7
        assert (await settings_of(unit, "alpha", Tuned, later)).days == 20
        with pytest.raises(Invalid) as refused:
            await change_settings(unit, {"dais": 20}, 0, **args)
        assert refused.value.errors == {"dais": "Ce réglage n’existe pas."}
    async with elsewhere.unit() as unit:
        assert (await settings_of(unit, "alpha", Tuned, later)).days == 7


def test_settings_without_words_refuse_to_start() -> None:
    @dataclass(frozen=True)
    class Bare:
        days: int = 3

    with pytest.raises(RegistryError, match=r"alpha: register_settings: Bare.days has no words"):
        Registry.build(CORE, {"alpha": make_plugin("alpha", register_settings=lambda: Bare)})
