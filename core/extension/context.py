"""Ctx: who acts, where, when, and what is on there. Handed to services' callers and to hooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core.extension.contributions import Obstacle
from core.extension.permissions import Verdict, decide, scope_of
from core.extension.registry import Registry
from core.extension.relay import TerritoryHooks
from core.kernel.clock import Clock
from core.kernel.commands import perform
from core.kernel.errors import Denied
from core.kernel.scope import Scope
from core.kernel.settings import Settings
from core.kernel.unit import SYSTEM, Actor, Unit
from core.kernel.words import Sentence


@dataclass(frozen=True)
class Place:
    """The territory as every page needs it: kept in memory, reloaded when it changes."""

    id: int
    slug: str
    name: str
    zone: str
    country: str
    langs: tuple[str, ...]
    vocabulary: str
    emergency_phone: str
    team_name: str
    team_phone: str
    plugins: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    """Plugins that were on once and are off now: what the law wants shown of them still is."""


@dataclass(frozen=True)
class Ctx:
    """The context of one act: an actor in a territory at a time.

    `actor` is None when nobody is signed in. `lang` is the language of the page. `permission` is
    the one that the page's route asks: nothing is reached further than it goes.
    """

    settings: Settings
    registry: Registry
    clock: Clock
    territory: Place | None = None
    actor: Actor | None = None
    face: str | None = None
    lang: str = "fr"
    permission: str = "signed_in"
    read_only: bool = False
    """A page that is read: its Units write nothing and hold no row (the door says so of a GET)."""

    @property
    def place(self) -> Place:
        """The territory, where the address names one."""
        if self.territory is None:
            raise LookupError("this address names no territory")
        return self.territory

    @property
    def who(self) -> Actor:
        """The signed-in actor; a guard has made sure there is one."""
        if self.actor is None:
            raise LookupError("nobody is signed in")
        return self.actor

    @property
    def hooks(self) -> TerritoryHooks:
        """What is switched on in this territory."""
        return self.registry.territory_hooks(self.place.plugins, self.place.former)

    def unit(self) -> Unit:
        """A Unit bound to this territory and actor (global tables only without a territory)."""
        hooks = self.hooks if self.territory else None
        return Unit(
            territory_id=self.territory.id if self.territory else None,
            actor=self.actor or SYSTEM,
            clock=self.clock,
            zone=self.territory.zone if self.territory else "Europe/Paris",
            consumers=hooks.consumers if hooks else (),
            permits=(lambda p: bool(self.can(p))) if self.actor else None,
            scopes=self.scope if self.actor else None,
            denies=self._denied if hooks and self.actor and hooks.has("deny") else None,
            read_only=self.read_only,
            obstructs=self._obstructed if hooks and hooks.has("obstacles") else None,
            context=self,
        )

    async def _denied(self, unit: Unit, permission: str, household_id: int) -> Sentence | None:
        asked = {"permission": permission, "household_id": household_id}
        return await self.hooks.deny(ctx=self, unit=unit, **asked)

    async def _obstructed(self, unit: Unit, request_id: int, vacancy_id: int) -> Sequence[Obstacle]:
        asked = {"request_id": request_id, "vacancy_id": vacancy_id}
        return await self.hooks.obstacles(ctx=self, unit=unit, **asked)

    async def once(self, key: UUID, verb: str, work: Callable[[Unit], Awaitable[Any]]) -> Any:
        """Do a command once by its form's key; a replay gets the first answer."""
        return await perform(self.unit, key, verb, work)

    def can(self, permission: str) -> Verdict:
        """Whether the actor may, with the reason."""
        return decide(self.registry.permissions, self.actor, permission)

    def require(self, permission: str) -> None:
        """Raise Denied unless the actor may."""
        if not self.can(permission):
            raise Denied()

    def scope(self, permission: str) -> Scope:
        """How far the actor may use a permission here, within what the page's route opens."""
        held = self.registry.permissions
        return scope_of(held, self.actor, permission) & scope_of(held, self.actor, self.permission)

    def acting(self, actor: Actor) -> Ctx:
        """The same context for another actor (the demo and the tests)."""
        return replace(self, actor=actor)


def ctx_of(unit: Unit) -> Ctx:
    """The context that opened a Unit: what is on there, and what its actor may read."""
    if not isinstance(unit.context, Ctx):
        raise LookupError("this Unit was opened without a context")
    return unit.context
