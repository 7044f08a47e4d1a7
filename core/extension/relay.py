"""The relay of one territory: asks what is on there, and knows what a failure may cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog

from core.extension.contributions import NavItem, Obstacle, Part
from core.extension.reads import with_settings
from core.extension.troubles import FAILED, FLOOD
from core.kernel.trace import trace
from core.kernel.words import N_, Sentence

if TYPE_CHECKING:
    from core.extension.registry import Registry

log = structlog.get_logger()

MOST = 20
"""Contributions of one plugin to one page: a flood is cut, said in the log and on the page."""

KINDS = {
    "nav_items": NavItem,
    "household_panels": Part,
    "resident_cards": Part,
    "dashboard_tiles": Part,
}
"""What the hooks of a page must give."""

PATIENCE = 3.0
"""Seconds that one plugin may take to say whether something may be: after them it may not."""

UNSURE = N_("Une vérification de « %(plugin)s » n’a pas pu se faire : réessayez, ou prévenez "
            "l’administration du territoire.")  # fmt: skip


@dataclass(frozen=True)
class TerritoryHooks:
    """Asks what is on in one territory. One that fails is logged; its neighbours stand.

    `strict` (tests): what fails on a page raises instead.
    """

    registry: Registry
    enabled: frozenset[str]
    waiting: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    """Plugins that were on: only their lasting parts are shown."""
    _known: dict[tuple[str, frozenset[str]], tuple[Any, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def _impls(self, hook: str, names: frozenset[str]) -> tuple[Any, ...]:
        """Who answers a hook among these: nothing is registered after the start."""
        asked = (hook, names)
        if asked not in self._known:
            every = getattr(self.registry.pm.hook, hook).get_hookimpls()
            self._known[asked] = tuple(impl for impl in every if impl.plugin_name in names)
        return self._known[asked]

    def has(self, hook: str) -> bool:
        """Whether anything that is on implements this hook."""
        return bool(self._impls(hook, self.enabled))

    def gather(self, hook: str, **arguments: Any) -> list[Any]:
        """The contributions of all implementations, sorted by their order.

        What is not of the hook's kind, and what comes after MOST, is left out and logged.
        """
        found: list[Any] = []
        for impl in self._impls(hook, self.enabled | self.former):
            name = impl.plugin_name
            try:
                given = list(impl.function(*(arguments[a] for a in impl.argnames)))
                if not all(isinstance(one, KINDS[hook]) for one in given):
                    raise TypeError(f"{hook} gave something else than {KINDS[hook].__name__}")
                given = [self._settled(one, name) for one in given]
            except Exception as error:
                self._failed(hook, name, arguments, error)
                if self.registry.strict:
                    raise
                continue
            if name not in self.enabled:
                given = [one for one in given if getattr(one, "lasting", False)]
            if len(given) > MOST and name in self.registry.plugins:
                log.error("hook floods", hook=hook, plugin=name, given=len(given), kept=MOST)
                self._note(hook, name, arguments, FLOOD)
                given = given[:MOST]
            found += given
        return sorted(found, key=lambda part: part.order)

    def _settled(self, one: Any, name: str) -> Any:
        """A part whose SQL names settings, with the values of its plugin in it."""
        read = getattr(one, "read", None)
        if read is None or ":setting_" not in read.sql:
            return one
        known = self.registry.plugins.get(name)
        sql = with_settings(read.sql, name, known.settings if known else None)
        return replace(one, read=replace(read, sql=sql))

    async def ask(self, hook: str, **arguments: Any) -> list[Any]:
        """What everybody answers to an async hook, one after the other; a failure raises."""
        found: list[Any] = []
        for impl in self._impls(hook, self.enabled):
            found += await impl.function(*(arguments[a] for a in impl.argnames)) or ()
        return found

    async def tell(self, hook: str, **arguments: Any) -> None:
        """Tell everybody, one after the other; a failure raises."""
        for impl in self._impls(hook, self.enabled):
            await impl.function(*(arguments[a] for a in impl.argnames))

    async def obstacles(self, **arguments: Any) -> list[Obstacle]:
        """What stands between a demande and a place. A failure is an obstacle of its own."""
        found: list[Obstacle] = []
        for impl in self._impls("obstacles", self.enabled):
            try:
                async with arguments["unit"].savepoint(), self._patience(impl):
                    given = await impl.function(*(arguments[a] for a in impl.argnames)) or ()
                    if not all(isinstance(one, Obstacle) for one in given):
                        raise TypeError("obstacles gave something else than Obstacle")
                found += given
            except Exception as error:
                self._failed("obstacles", impl.plugin_name, arguments, error)
                found.append(Obstacle(f"{impl.plugin_name}.failed", self._unsure(impl)))
        return found

    async def deny(self, **arguments: Any) -> Sentence | None:
        """The first reason to refuse, or None. A failure refuses."""
        for impl in self._impls("deny", self.enabled):
            try:
                async with arguments["unit"].savepoint(), self._patience(impl):
                    reason = await impl.function(*(arguments[a] for a in impl.argnames))
                    if reason is not None and not isinstance(reason, str):
                        raise TypeError("deny gave something else than a sentence")
            except Exception as error:
                self._failed("deny", impl.plugin_name, arguments, error)
                return self._unsure(impl)
            if reason is not None:
                return Sentence(reason)
        return None

    def _failed(
        self, hook: str, plugin: str, arguments: Mapping[str, Any], error: Exception
    ) -> None:
        """Logged, and counted for those who look after the territory."""
        log.error("hook failed", hook=hook, plugin=plugin, **trace(error))
        self._note(hook, plugin, arguments, FAILED, type(error).__name__)

    def _note(
        self, hook: str, plugin: str, arguments: Mapping[str, Any], what: str, error: str = ""
    ) -> None:
        ctx = arguments["ctx"]
        if ctx.territory is not None:
            self.registry.troubles.note(
                ctx.territory.id, plugin, hook, what, ctx.clock.now(), error
            )

    def _patience(self, impl: Any) -> asyncio.Timeout:
        return asyncio.timeout(PATIENCE if impl.plugin_name in self.registry.plugins else None)

    def _unsure(self, impl: Any) -> Sentence:
        known = self.registry.plugins.get(impl.plugin_name)
        return Sentence(UNSURE, {"plugin": known.manifest.title if known else impl.plugin_name})

    @cached_property
    def consumers(self) -> tuple[str, ...]:
        """The names that get a delivery for each event here."""
        return tuple(
            sorted(
                impl.plugin_name for impl in self._impls("on_event", self.enabled | self.waiting)
            )
        )
