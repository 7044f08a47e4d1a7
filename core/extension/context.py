"""Ctx: who acts, where, when, and what is on there. Handed to services' callers and to hooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core.extension.permissions import FIELD_CLASSES, TEAM, Verdict, decide
from core.extension.registry import Registry, TerritoryHooks
from core.kernel.clock import Clock
from core.kernel.errors import Denied
from core.kernel.settings import Settings
from core.kernel.unit import SYSTEM, Actor, Unit, perform


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


@dataclass(frozen=True)
class Ctx:
    """The context of one act: an actor in a territory at a time.

    `actor` is None when nobody is signed in. `lang` is the language of the page.
    """

    settings: Settings
    registry: Registry
    clock: Clock
    territory: Place | None = None
    actor: Actor | None = None
    face: str | None = None
    lang: str = "fr"

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
        return self.registry.territory_hooks(self.place.plugins)

    def unit(self) -> Unit:
        """A Unit bound to this territory and actor (global tables only without a territory)."""
        return Unit(
            territory_id=self.territory.id if self.territory else None,
            actor=self.actor or SYSTEM,
            clock=self.clock,
            zone=self.territory.zone if self.territory else "Europe/Paris",
            consumers=self.hooks.consumers if self.territory else (),
        )

    async def once(
        self, key: UUID, verb: str, work: Callable[[Unit], Awaitable[Any]]
    ) -> Any:
        """Do a command once by its form's key; a replay gets the first answer."""
        return await perform(self.unit, key, verb, work)

    def can(self, permission: str) -> Verdict:
        """Whether the actor may, with the reason."""
        return decide(self.registry.permissions, self.actor, permission)

    def may_read(self, field_class: str) -> bool:
        """Whether the actor may read fields of that class."""
        return bool(self.can(FIELD_CLASSES[field_class]))

    def require(self, permission: str) -> None:
        """Raise Denied unless the actor may."""
        if not self.can(permission):
            raise Denied()

    @property
    def sees_all_households(self) -> bool:
        """Team members see every file here; others only those of their organisation."""
        return self.actor is not None and bool(self.actor.roles & (TEAM | {"administrator"}))

    def scope(self) -> Sequence[int] | None:
        """The organisations whose files this actor sees, or None for every file here."""
        return None if self.sees_all_households else sorted(self.who.organisation_ids)

    def acting(self, actor: Actor) -> Ctx:
        """The same context for another actor (the demo and the tests)."""
        return replace(self, actor=actor)
