"""All hooks, in the order of a process's life.

The name tells time and colour. `register_*`: once at start, every installed plugin, sync and
pure. Nouns: asked for one territory. `on_*`: told after commit, async.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler

    from core.extension.context import Ctx
    from core.extension.contributions import EventKind, Face, NavItem, Part, Permission
    from core.kernel.events import Event
    from core.kernel.unit import Unit

PROJECT = "seuil"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Installed:
    """Asked once at start, of everything installed."""

    @hookspec
    def register_face(self) -> Face | None:
        """A face of the site, or None. An error refuses to start."""

    @hookspec
    def register_routers(self, face: str) -> Sequence[ControllerRouterHandler]:
        """The handlers this adds to that face. Each names its permission in `opt`."""
        return ()

    @hookspec
    def register_permissions(self) -> Sequence[Permission]:
        """The permissions this brings, with the roles that have them by default."""
        return ()

    @hookspec
    def register_event_kinds(self) -> Sequence[EventKind]:
        """The kinds of event this records, with their sentences."""
        return ()

    @hookspec
    def register_commands(self, cli: click.Group) -> None:
        """Add commands to `cli`, the group `seuil NAME` of this plugin. Asked when somebody types
        `seuil`, and never by the site."""


class Territory:
    """Asked for one territory, of what is switched on there."""

    @hookspec
    def nav_items(self, ctx: Ctx, face: str) -> Sequence[NavItem]:
        """Lines of the navigation of that face. An error leaves the others standing."""
        return ()

    @hookspec
    def household_panels(self, ctx: Ctx) -> Sequence[Part]:
        """Panels on a household's file (back-office)."""
        return ()

    @hookspec
    def resident_cards(self, ctx: Ctx) -> Sequence[Part]:
        """Cards on a resident's "Ma situation"."""
        return ()

    @hookspec
    def dashboard_tiles(self, ctx: Ctx) -> Sequence[Part]:
        """Tiles of the back-office's home."""
        return ()

    @hookspec
    async def on_event(self, ctx: Ctx, unit: Unit, event: Event) -> Any:
        """Told of each event after its commit, at least once, in order per household.

        `ctx` is the territory's, with nobody signed in; `unit` is open. An error leaves the event
        waiting: it is told again later, and the fact itself stands.
        """


SPECS = (Installed, Territory)
