"""A zoo of plugins that go wrong while people work: each costs what its hook may cost, and no more.

Those that are refused before anything answers are in core/extension/tests/test_refusals.py, those
that write where they may not in test_own_schema.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import click
import pytest
from litestar import Litestar

from core.app import CORE, create_app
from core.commands import plugin as plugin_commands
from core.demo.plugins import fill_plugins
from core.extension import relay
from core.extension.checks import HOOKS
from core.extension.context import Ctx
from core.extension.contributions import EventKind, Obligation, Tag
from core.extension.duties import erase_of, export_of
from core.extension.registry import Registry, RegistryError
from core.households.queries import household_id_of
from core.kernel import events
from core.kernel.clock import StillClock
from core.kernel.errors import Denied, Refused
from core.kernel.events import deliver_one
from core.kernel.settings import Settings
from core.making import make_demande, make_free_place, make_household
from core.territories.enabling import disable, enable, obligations
from core.testing import Browser, make_plugin, turn_on, visitor
from tests.plugins.switched import faces, held, with_registry


class Broken(Exception):
    """What the plugins of the zoo raise."""


def broken(hook: str) -> Any:
    """An implementation of that hook that raises, of its colour and with its arguments."""
    if asyncio.iscoroutinefunction(HOOKS[hook]):

        async def raises_later(ctx: Ctx) -> Any:
            raise Broken

        return raises_later

    def raises() -> Any:
        raise Broken

    return raises


AT_START = [name for name in HOOKS if name.startswith("register_") and name != "register_commands"]
ON_A_PAGE = ["nav_items", "household_panels", "resident_cards", "dashboard_tiles"]
ASKED = ["on_event", "obstacles", "deny", "obligations", "on_enablement", "demo_data"]
OWED = ["export_personal_data", "erase_personal_data"]


def test_every_hook_is_in_the_zoo() -> None:
    assert sorted([*AT_START, "register_commands", *ON_A_PAGE, *ASKED, *OWED]) == sorted(HOOKS)


@pytest.mark.parametrize("hook", AT_START)
def test_broken_at_start_it_refuses_to_start(hook: str, settings: Settings) -> None:
    alpha = make_plugin("alpha", **{hook: broken(hook)})
    with pytest.raises(RegistryError, match=f"alpha: {hook} failed: Broken"):
        create_app(settings, plugins={**faces(), "alpha": alpha})


def test_broken_commands_leave_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def register_commands(cli: click.Group) -> None:
        cli.add_command(click.Command("good"))

    plugins = {
        "alpha": make_plugin("alpha", register_commands=broken("register_commands")),
        "beta": make_plugin("beta", register_commands=register_commands),
    }
    built = Registry.build(CORE, plugins)
    monkeypatch.setattr(plugin_commands.Registry, "build", lambda core: built)
    found = plugin_commands.commands_of_plugins.__wrapped__()
    assert list(found) == ["beta"]
    assert "alpha: register_commands failed: Broken" in capsys.readouterr().err


async def site(
    ctx: Ctx, settings: Settings, clock: StillClock, **hooks: Any
) -> tuple[Litestar, Ctx]:
    """An application, as strict as in production, where `alpha` has these hooks and is on."""
    app = create_app(
        settings, clock=clock, plugins={**faces(), "alpha": make_plugin("alpha", **hooks)}
    )
    await turn_on(app, ctx.place.slug, "alpha")
    return app, with_registry(ctx, app.state.base.registry, "alpha")


@pytest.mark.parametrize("hook", ON_A_PAGE)
@pytest.mark.parametrize("how", ["raises", "gives something else", "gives nothing"])
async def test_broken_on_a_page_the_page_stands(
    ctx: Ctx, settings: Settings, clock: StillClock, hook: str, how: str
) -> None:
    answers: dict[str, Any] = {
        "raises": broken(hook),
        "gives something else": lambda: ("<b>HTML</b>",),
        "gives nothing": lambda: None,
    }
    app, _ = await site(ctx, settings, clock, **{hook: answers[how]})
    async with ctx.unit() as unit:
        made = await make_household(unit)
    async with visitor(app) as client:
        browser = Browser(client)
        await browser.sign_in(ctx, ctx.who, "admin")
        for path in ("/", f"/menages/{made.ref}", "/reglages/extensions/alpha"):
            page = await browser.get(f"/admin/essai{path}")
            assert page.status_code == 200 and "<b>HTML</b>" not in page.text, path


def hanging() -> Callable[..., Any]:
    async def hangs(ctx: Ctx) -> Any:
        await asyncio.sleep(60)

    return hangs


def wrong() -> Callable[..., Any]:
    async def answers(ctx: Ctx) -> Any:
        return [3]

    return answers


TROUBLES: dict[str, Callable[[str], Any]] = {
    "raises": broken,
    "hangs": lambda hook: hanging(),
    "gives something else": lambda hook: wrong(),
}


@pytest.mark.parametrize("how", TROUBLES)
async def test_what_guards_fails_closed(
    ctx: Ctx, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PATIENCE", 0.05)
    alpha = make_plugin(
        "alpha", title="Alpha", **{hook: TROUBLES[how](hook) for hook in ("deny", "obstacles")}
    )
    here = with_registry(ctx, Registry.build(CORE, {"alpha": alpha}), "alpha")
    async with ctx.unit() as unit:
        demande, free = await make_demande(unit), await make_free_place(unit)
    async with here.unit() as unit:
        with pytest.raises(Denied, match="« Alpha » n’a pas pu se faire"):
            await household_id_of(unit, demande.household.ref)
        told = await unit.obstacles(demande.id, free.id)
        (found,) = [one for one in told if one.key == "alpha.failed"]
        assert "Alpha" in str(found.text)
        assert await unit.value("SELECT 1") == 1, "the Unit goes on"


@pytest.mark.parametrize("how", ["raises", "hangs"])
async def test_a_broken_consumer_is_told_again_and_the_fact_stands(
    ctx: Ctx, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "PATIENCE", 0.05)
    alpha = make_plugin("alpha", on_event=TROUBLES[how]("on_event"))
    here = with_registry(ctx, Registry.build(CORE, {"alpha": alpha}), "alpha")
    async with here.unit() as unit:
        made = await make_household(unit)

    async def consumer(unit: Any, event: Any) -> None:
        await here.hooks.tell("on_event", ctx=here, unit=unit, event=event)

    async with here.unit() as unit:
        assert await deliver_one(unit, "alpha", consumer)
        row = await unit.row(
            "SELECT state, tries, error, next_at > $1 AS later FROM delivery "
            "WHERE consumer = 'alpha' ORDER BY event_id LIMIT 1",
            unit.now,
        )
        assert tuple(row) == ("waiting", 1, "Broken" if how == "raises" else "TimeoutError", True)
        assert await unit.value("SELECT ref FROM household WHERE id = $1", made.id) == made.ref


@pytest.mark.parametrize("how", TROUBLES)
async def test_one_that_cannot_say_what_it_carries_is_switched_off_by_who_knows(
    ctx: Ctx, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.territories.enabling.PATIENCE", 0.05)
    alpha = make_plugin("alpha", obligations=TROUBLES[how]("obligations"))
    here = with_registry(ctx, Registry.build(CORE, {"alpha": alpha}))
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Essai")
    on = await held(here)
    async with on.unit() as unit:
        (one,) = await obligations(on, unit, "alpha")
        assert isinstance(one, Obligation) and "n’a pas pu les lire" in one.label
        with pytest.raises(Refused):
            await disable(on, unit, "alpha", "Panne")
        await disable(on, unit, "alpha", "Panne", knowing=1)
    assert (await held(here)).place.plugins == frozenset()


async def test_a_broken_demonstration_names_its_plugin(ctx: Ctx) -> None:
    alpha = make_plugin("alpha", demo_data=broken("demo_data"))
    here = with_registry(ctx, Registry.build(CORE, {"alpha": alpha}))
    today = here.clock.today()
    with pytest.raises(RegistryError, match="alpha: demo_data failed in essai: Broken"):
        await fill_plugins(here, "1", today, today)
    assert (await held(here)).place.plugins == frozenset()


async def test_what_is_owed_to_a_person_is_whole_or_is_not(ctx: Ctx) -> None:
    """A copy that lacks a part says so, by name; an erasure is of everything or of nothing."""
    plugins = {"alpha": make_plugin("alpha", **{hook: broken(hook) for hook in OWED})}
    here = with_registry(ctx, Registry.build(CORE, plugins))
    async with here.unit() as unit:
        made = await make_household(unit)
        assert (await export_of(here, unit, made.person_id)).missing == ["alpha"]
        with pytest.raises(Refused) as refused:
            await erase_of(here, unit, made.person_id)
        assert refused.value.params == {"plugin": here.registry.manifest("alpha").title}


async def test_switched_off_while_somebody_works_their_form_does_nothing(
    ctx: Ctx, app: Litestar, browser: Browser
) -> None:
    """The page was open; the act that comes after is not found, and nothing is written."""
    await browser.sign_in(ctx, ctx.who, "admin")
    await turn_on(app, ctx.place.slug, "programmes")
    assert (await browser.get("/admin/essai/programmes/nouveau")).status_code == 200
    await turn_on(app, ctx.place.slug)
    card = {"name": "AMI", "kind": "ami", "public_name": "AMI", "brings": "x"}
    assert (await browser.post("/admin/essai/programmes/nouveau", card)).status_code == 404
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM plugin_programmes.programme") == 0
    await turn_on(app, ctx.place.slug, "programmes")
    assert (await browser.get("/admin/essai/programmes")).status_code == 200


def test_two_plugins_with_one_tag() -> None:
    plugins = {
        name: make_plugin(name, register_tags=lambda: (Tag("late", "En retard"),))
        for name in ("alpha", "beta")
    }
    with pytest.raises(
        RegistryError, match=r"beta: the tag 'late' exists already \(of alpha\).*beta\.late"
    ):
        Registry.build(CORE, plugins)


def test_plugins_in_a_circle_do_not_start() -> None:
    plugins = {
        "alpha": make_plugin("alpha", depends=("beta",)),
        "beta": make_plugin("beta", depends=("alpha",)),
    }
    with pytest.raises(RegistryError, match="alpha: plugins depend on each other in a circle"):
        Registry.build(CORE, plugins)


@pytest.mark.parametrize("name", ["core", "admin", "portal"])
def test_a_plugin_cannot_take_the_templates_of_another(name: str) -> None:
    """Templates are named NAME/…: two plugins have none in common, and nobody takes core's."""
    with pytest.raises(RegistryError, match=f"the name '{name}' cannot be used"):
        Registry.build(CORE, {name: make_plugin(name)})


def test_one_plugin_with_a_kind_of_event_twice() -> None:
    twice = (EventKind("alpha.done", "Fait"), EventKind("alpha.done", "Fait encore"))
    with pytest.raises(RegistryError, match=r"alpha: the event kind 'alpha\.done' exists already"):
        Registry.build(CORE, {"alpha": make_plugin("alpha", register_event_kinds=lambda: twice)})
