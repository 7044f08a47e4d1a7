"""Register and check what is installed; hold the catalogues; relay per territory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pluggy
import structlog

from core.extension.checks import check_answer, check_hooks, check_imports, check_promises
from core.extension.contributions import EventKind, Face, Permission
from core.extension.discovery import Plugin, discover, plugin_of
from core.extension.hookspecs import PROJECT, SPECS
from core.extension.manifest import Manifest, RegistryError, in_order
from core.kernel.trace import trace

__all__ = ["Registry", "RegistryError", "TerritoryHooks", "discover"]

log = structlog.get_logger()


@dataclass
class Registry:
    """Everything installed, checked at start. The only thing that knows who contributed what."""

    pm: pluggy.PluginManager
    core: frozenset[str] = frozenset()
    plugins: dict[str, Plugin] = field(default_factory=dict)
    """What is installed, each after those it depends on."""
    faces: dict[str, Face] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    event_kinds: dict[str, EventKind] = field(default_factory=dict)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    """(catalogue, key) -> who brought it."""
    held: dict[str, str] = field(default_factory=dict)
    """Plugins whose tables are not of their version, and why: off everywhere until they are."""

    @classmethod
    def build(cls, core: Mapping[str, Any], installed: Mapping[str, Any] | None = None) -> Registry:
        """Register core's own contributions, then what is installed; refuse what does not fit."""
        pm = pluggy.PluginManager(PROJECT)
        for spec in SPECS:
            pm.add_hookspecs(spec)
        others = dict(discover() if installed is None else installed)
        plugins = {
            name: plugin_of(name, module)
            for name, module in others.items()
            if hasattr(module, "MANIFEST") or not hasattr(module, "register_face")
        }
        ordered = in_order({name: plugin.manifest for name, plugin in plugins.items()})
        registry = cls(pm, frozenset(core), {name: plugins[name] for name in ordered})
        faces = [name for name in others if name not in plugins]
        for name in (*core, *faces, *ordered):
            module = core[name] if name in core else others[name]
            check_hooks(name, module)
            pm.register(module, name)
        pm.check_pending()
        check_imports(registry.plugins)
        for plugin in registry.plugins.values():
            check_promises(plugin, registry.plugins)
        registry._collect()
        return registry

    def _collect(self) -> None:
        for name, face in self._ask("register_face"):
            if face is None:
                continue
            if not isinstance(face, Face):
                raise RegistryError(f"{name}: register_face must return a Face or None.")
            if face.name in self.faces:
                raise RegistryError(f"{name}: a face is already named {face.name!r}.")
            self.faces[face.name] = face
        self._fill("register_permissions", Permission, self.permissions, "permission")
        self._fill("register_event_kinds", EventKind, self.event_kinds, "event kind")

    def _fill(
        self, hook: str, kind: type, catalogue: MutableMapping[str, Any], called: str
    ) -> None:
        """A catalogue from a hook: every key once, said with both who bring it."""
        for name, answer in self._ask(hook):
            for one in check_answer(name, hook, answer, kind):
                if one.key in catalogue:
                    first = self.owners[called, one.key]
                    raise RegistryError(
                        f"{name}: the {called} {one.key!r} exists already (of {first}): begin its "
                        f"key with the plugin's name, as in {name}.{one.key.rpartition('.')[2]}."
                    )
                catalogue[one.key] = one
                self.owners[called, one.key] = name

    def brought(self, called: str, name: str) -> list[str]:
        """The keys of a catalogue ("permission", "event kind"…) that one contributor brought."""
        return [
            key for (what, key), owner in self.owners.items() if (what, owner) == (called, name)
        ]

    def manifest(self, name: str) -> Manifest:
        """The manifest of an installed plugin."""
        return self.plugins[name].manifest

    def _ask(self, hook: str, **arguments: Any) -> Iterable[tuple[str, Any]]:
        """Each implementation's answer with the name of who gave it, in registration order."""
        for impl in getattr(self.pm.hook, hook).get_hookimpls():
            try:
                yield impl.plugin_name, impl.function(*(arguments[a] for a in impl.argnames))
            except Exception as error:
                raise RegistryError(f"{impl.plugin_name}: {hook} failed: {error!r}") from error

    def routers(self, face: str) -> list[tuple[str, Any]]:
        """All handlers of a face, each with the name of who brings it."""
        found = []
        for name, handlers in self._ask("register_routers", face=face):
            found += [(name, h) for h in check_answer(name, "register_routers", handlers, object)]
        return found

    def is_on(self, plugin: str, enabled: frozenset[str]) -> bool:
        """Whether a plugin answers where these are switched on."""
        return plugin in enabled and plugin in self.plugins and plugin not in self.held

    def territory_hooks(self, enabled: frozenset[str]) -> TerritoryHooks:
        """The relay of one territory: core, the faces, and the plugins switched on there."""
        plugins = frozenset(name for name in enabled if self.is_on(name, enabled))
        # Events wait for a plugin that is held: it is told when its tables are as they should be.
        waiting = frozenset(self.held) & enabled & frozenset(self.plugins)
        return TerritoryHooks(self, plugins | self.core | frozenset(self.faces), waiting)


@dataclass(frozen=True)
class TerritoryHooks:
    """Asks what is on in one territory. One that fails is logged; its neighbours stand."""

    registry: Registry
    enabled: frozenset[str]
    waiting: frozenset[str] = frozenset()

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
                if impl.plugin_name in self.enabled | self.waiting
            )
        )
