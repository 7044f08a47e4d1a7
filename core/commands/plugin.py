"""`seuil plugin`: what is installed, switched on and off, begun, checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from core import own
from core.commands.plugin_new import begin
from core.commands.site import Site, one_line, with_database
from core.extension.context import Ctx
from core.extension.inspection import inspect_plugin
from core.extension.manifest import RegistryError
from core.extension.registry import Registry
from core.kernel.clock import Clock
from core.kernel.errors import SeuilError
from core.kernel.unit import Unit
from core.territories import enabling
from core.territories.holding import hold_behind
from core.territories.queries import load_places


@click.group()
def plugin() -> None:
    """Plugins: list, enable, disable, new, check."""


@plugin.command("list")
@one_line
def list_() -> None:
    """Every installed plugin: name, version, what it is for, what it stands on."""
    registry = Registry.build({"core": own})
    for one in registry.plugins.values():
        about = one.manifest
        on = f", needs {', '.join(about.depends)}" if about.depends else ""
        click.echo(f"{about.name:<20} {about.version:<8} {about.title}: {about.purpose}{on}")
    if not registry.plugins:
        click.echo("No plugin is installed: seuil plugin new NAME begins one.")


def _switching(verb: Any) -> Callable[..., None]:
    """The command that does `verb` in a territory."""

    @click.argument("name")
    @click.argument("territory")
    @click.option("--why", required=True, help="Kept in the territory's history.")
    @one_line
    def switch(name: str, territory: str, why: str) -> None:
        async def work(site: Site) -> None:
            registry, clock = Registry.build({"core": own}), Clock()
            await hold_behind(registry, clock)
            async with Unit(territory_id=None, clock=clock) as unit:
                place = (await load_places(unit)).get(territory)
            if place is None:
                raise SeuilError(f"no territory is named {territory}.")
            if name not in registry.plugins:
                known = ", ".join(registry.plugins) or "none is installed"
                raise SeuilError(f"no plugin is named {name} ({known}).")
            ctx = Ctx(settings=site.settings, registry=registry, clock=clock, territory=place)
            async with ctx.unit() as unit:
                await verb(ctx, unit, name, why)
            state = "on" if verb is enabling.enable else "off"
            click.echo(f"{name} is {state} in {place.name}; running sites see it within seconds.")

        with_database(work)

    return switch


plugin.command("enable", help="Switch a plugin on in a territory.")(_switching(enabling.enable))
plugin.command("disable", help="Switch it off there: its data stays.")(_switching(enabling.disable))


@plugin.command()
@click.argument("name")
@click.option("--title", help="What people call it, in French.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    help="Begin a distribution of its own in this folder, instead of plugins/NAME here.",
)
@one_line
def new(name: str, title: str | None, project: Path | None) -> None:
    """Begin a plugin: a working one, with its tests, to be changed into what you want."""
    for line in begin(name, title, project):
        click.echo(line)


@plugin.command()
@click.argument("names", nargs=-1)
@one_line
def check(names: tuple[str, ...]) -> None:
    """Say what installed plugins still lack; fail when something is wrong."""
    registry = Registry.build({"core": own})
    for name in names:
        if name not in registry.plugins:
            known = ", ".join(registry.plugins) or "none is installed"
            raise RegistryError(f"no plugin is named {name} ({known}).")
    faults = [
        fault
        for name in (names or registry.plugins)
        for fault in inspect_plugin(registry.plugins[name])
    ]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SeuilError(f"{len(faults)} thing(s) to mend.")
    click.echo("Nothing to mend.")


@lru_cache(maxsize=1)
def commands_of_plugins() -> dict[str, click.Group]:
    """The group of each plugin that registers commands, by its name."""
    try:
        registry = Registry.build({"core": own})
    except RegistryError as error:
        # The commands that mend an installation must still run.
        click.echo(f"Plugins' own commands are left out: {error}", err=True)
        return {}
    found = {}
    for impl in registry.pm.hook.register_commands.get_hookimpls():
        group = click.Group(impl.plugin_name, help=registry.manifest(impl.plugin_name).title)
        try:
            impl.function(*(group for _ in impl.argnames))
        except Exception as error:
            # The commands that mend an installation must still run.
            said = f"{impl.plugin_name}: register_commands failed: {error!r}"
            click.echo(f"Its own commands are left out: {said}", err=True)
            continue
        if group.commands:
            found[impl.plugin_name] = group
    return found
