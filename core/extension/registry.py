"""Discover, register and check what is installed; hold the catalogues; relay per territory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

import pluggy
import structlog

from core.extension.contributions import EventKind, Face, Permission
from core.extension.hookspecs import PROJECT, SPECS
from core.kernel.errors import SeuilError
from core.kernel.trace import trace

log = structlog.get_logger()

GROUPS = ("seuil.faces", "seuil.plugins")


class RegistryError(SeuilError):
    """Something installed cannot be used: named, with what to do. The site does not start."""


def discover(groups: Sequence[str] = GROUPS) -> dict[str, ModuleType]:
    """What is installed, by entry point: name -> module, faces first, each group by name."""
    found: dict[str, ModuleType] = {}
    for group in groups:
        for entry in sorted(entry_points(group=group), key=lambda e: e.name):
            if entry.name in found:
                raise RegistryError(f"two extensions are named {entry.name!r}: uninstall one.")
            try:
                found[entry.name] = entry.load()
            except Exception as error:
                raise RegistryError(f"{entry.name} cannot be loaded: {error}") from error
    return found


@dataclass
class Registry:
    """Everything installed, checked at start. The only thing that knows who contributed what."""

    pm: pluggy.PluginManager
    core: frozenset[str] = frozenset()
    faces: dict[str, Face] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    event_kinds: dict[str, EventKind] = field(default_factory=dict)

    @classmethod
    def build(cls, core: Mapping[str, Any], installed: Mapping[str, Any] | None = None) -> Registry:
        """Register core's own contributions, then what is installed; refuse what does not fit."""
        pm = pluggy.PluginManager(PROJECT)
        for spec in SPECS:
            pm.add_hookspecs(spec)
        everything = {**core, **(discover() if installed is None else installed)}
        for name, module in everything.items():
            pm.register(module, name)
        try:
            pm.check_pending()
        except pluggy.PluginValidationError as error:
            raise RegistryError(f"a hook that does not exist: {error}") from error
        registry = cls(pm, frozenset(core))
        registry._collect()
        return registry

    def _collect(self) -> None:
        for name, face in self._ask("register_face"):
            if face is None:
                continue
            if face.name in self.faces:
                raise RegistryError(f"{name}: a face is already named {face.name!r}.")
            self.faces[face.name] = face
        for name, permissions in self._ask("register_permissions"):
            for permission in permissions:
                if permission.key in self.permissions:
                    raise RegistryError(f"{name}: permission {permission.key!r} exists already.")
                self.permissions[permission.key] = permission
        for name, kinds in self._ask("register_event_kinds"):
            for kind in kinds:
                if kind.key in self.event_kinds:
                    raise RegistryError(f"{name}: event kind {kind.key!r} exists already.")
                self.event_kinds[kind.key] = kind

    def _ask(self, hook: str, **arguments: Any) -> Iterable[tuple[str, Any]]:
        """Each implementation's answer with the name of who gave it, in registration order."""
        for impl in getattr(self.pm.hook, hook).get_hookimpls():
            try:
                yield impl.plugin_name, impl.function(*(arguments[a] for a in impl.argnames))
            except Exception as error:
                raise RegistryError(f"{impl.plugin_name}: {hook} failed: {error!r}") from error

    def routers(self, face: str) -> list[Any]:
        """All handlers of a face."""
        return [h for _, handlers in self._ask("register_routers", face=face) for h in handlers]

    def territory_hooks(self, enabled: frozenset[str]) -> TerritoryHooks:
        """The relay of one territory: core, the faces, and the plugins switched on there."""
        return TerritoryHooks(self, enabled | self.core | frozenset(self.faces))


@dataclass(frozen=True)
class TerritoryHooks:
    """Asks what is on in one territory. One that fails is logged; its neighbours stand."""

    registry: Registry
    enabled: frozenset[str]

    def gather(self, hook: str, **arguments: Any) -> list[Any]:
        """The contributions of all implementations, sorted by their order."""
        found: list[Any] = []
        for impl in getattr(self.registry.pm.hook, hook).get_hookimpls():
            if impl.plugin_name not in self.enabled:
                continue
            try:
                found += impl.function(*(arguments[a] for a in impl.argnames))
            except Exception as error:
                log.error("hook failed", hook=hook, plugin=impl.plugin_name, **trace(error))
        return sorted(found, key=lambda part: part.order)

    @property
    def consumers(self) -> tuple[str, ...]:
        """The names that get a delivery for each event here."""
        return tuple(
            sorted(
                impl.plugin_name
                for impl in self.registry.pm.hook.on_event.get_hookimpls()
                if impl.plugin_name in self.enabled
            )
        )
