"""All hooks, in the order of a process's life.

The name tells time and colour. `register_*`: once at start, every installed plugin, sync and
pure. Nouns: asked for one territory. `on_*`: told after commit, async.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler

    from core.extension.context import Ctx
    from core.extension.contributions import (
        Criterion,
        EventKind,
        Face,
        Job,
        NavItem,
        Obligation,
        Obstacle,
        Part,
        Permission,
        Tag,
    )
    from core.extension.timeline import TimeLine
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
    def register_settings(self) -> type | None:
        """What a territory may tune: a frozen dataclass whose fields are made with `number`,
        `yes_no`, `choice` and `words` of core.extension.tunables."""

    @hookspec
    def register_tags(self) -> Sequence[Tag]:
        """What this may say of a demande, through core.requests.tags."""
        return ()

    @hookspec
    def register_criteria(self) -> Sequence[Criterion]:
        """Conditions between a demande and a free place: looked at on the shortlist."""
        return ()

    @hookspec
    def register_jobs(self) -> Sequence[Job]:
        """Work that time asks for, done by the worker where this is on."""
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

    @hookspec
    async def obstacles(
        self, ctx: Ctx, unit: Unit, request_id: int, vacancy_id: int
    ) -> Sequence[Obstacle]:
        """Why this demande may not be proposed this place: asked for one pair, when it is shown
        and again when it is done. Fails closed: an error is an obstacle."""
        return ()

    @hookspec
    async def deny(self, ctx: Ctx, unit: Unit, permission: str, household_id: int) -> str | None:
        """Why somebody whom the roles allow may not, for this household; None when they may.

        Asked whenever a household's file is opened, before anything is read of it. It may only
        restrict, and fails closed: an error refuses.
        """

    @hookspec
    async def obligations(self, ctx: Ctx, unit: Unit) -> Sequence[Obligation]:
        """What runs here and must go on: shown before the plugin is switched off."""
        return ()

    @hookspec
    async def on_enablement(self, ctx: Ctx, unit: Unit, enabled: bool) -> None:
        """Told to the plugin that was just switched on or off here, in the same transaction: an
        error undoes the switching."""

    @hookspec
    async def demo_data(self, ctx: Ctx, unit: Unit, rng: Random, line: TimeLine) -> bool:
        """Told when the demonstration is made, after core's households and places, of every
        installed plugin. True: it has drawn something, and is on here; False: it stays off, and
        what it wrote is undone. Only `rng` may draw: the same seed gives the same data.
        `async with line.on(day):` writes as that day did, from `line.start` to `line.end`."""
        return False


class Duties:
    """Asked of every installed plugin, on or off here: what one person may ask of the law."""

    @hookspec
    async def export_personal_data(self, ctx: Ctx, unit: Unit, person_id: int) -> Mapping[str, Any]:
        """What is held of this person here, ready for JSON; never another adult's confidences.

        Keys are what the person reads, in French (`N_`); days are ISO 8601. Given to the person on
        the portal, and to who hands them a copy, where that one may read every class of the
        manifest's `data`. An error: the copy says that this share is missing.
        """
        return {}

    @hookspec
    async def erase_personal_data(self, ctx: Ctx, unit: Unit, person_id: int) -> None:
        """Erase what is held of this person here, or make it nobody's; core does its own after.

        Asked of each person who goes (a parent alone, with their children), once more when it is
        rehearsed for the preview, which is undone. An error undoes it all: nothing is half erased.
        """


SPECS = (Installed, Territory, Duties)
