"""Register and check what is installed; hold the catalogues; relay per territory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

import pluggy

from core.extension.checks import check_answer, check_hooks, check_imports, check_promises
from core.extension.contributions import Criterion, EventKind, Face, Job, Permission, Tag
from core.extension.criteria import AT_MOST, check_criterion, check_tag
from core.extension.discovery import Plugin, discover, plugin_of
from core.extension.hookspecs import PROJECT, SPECS
from core.extension.manifest import Manifest, RegistryError, in_order
from core.extension.relay import TerritoryHooks
from core.extension.troubles import Troubles
from core.extension.tunables import Tunable, tunables_of

__all__ = ["Registry", "RegistryError", "TerritoryHooks", "discover"]


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
    tags: dict[str, Tag] = field(default_factory=dict)
    criteria: dict[str, Criterion] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    tunables: dict[str, Mapping[str, Tunable]] = field(default_factory=dict)
    """What each contributor lets a territory tune, by name."""
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    """(catalogue, key) -> who brought it."""
    strict: bool = False
    """Tests: what fails on a page raises instead of leaving its place empty."""
    troubles: Troubles = field(default_factory=Troubles)
    """What plugins failed to show since it was last written down."""
    held: dict[str, str] = field(default_factory=dict)
    """Plugins whose tables are not of their version, and why: off everywhere until they are."""
    _relays: dict[tuple[frozenset[str], ...], TerritoryHooks] = field(
        default_factory=dict, repr=False, compare=False
    )
    """Asked several times a page, the relay of what is on somewhere is made once."""

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
        self._fill("register_tags", Tag, self.tags, "tag")
        self._fill("register_jobs", Job, self.jobs, "job")
        self._fill_settings()
        self._fill("register_criteria", Criterion, self.criteria, "criterion")
        for key, criterion in self.criteria.items():
            owner = self.owners["criterion", key]
            check_criterion(owner, criterion, self.tags, self.tunables.get(owner, {}))
        if len(self.criteria) > AT_MOST:
            raise RegistryError(f"{len(self.criteria)} criteria are installed: {AT_MOST} at most.")
        for key, tag in self.tags.items():
            check_tag(self.owners["tag", key], tag)

    def _fill_settings(self) -> None:
        for name, kind in self._ask("register_settings"):
            if kind is None:
                continue
            try:
                self.tunables[name] = tunables_of(kind)
            except TypeError as error:
                raise RegistryError(f"{name}: register_settings: {error}.") from error
            if name in self.plugins:
                self.plugins[name] = replace(self.plugins[name], settings=kind)

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

    def territory_hooks(
        self, enabled: frozenset[str], former: frozenset[str] = frozenset()
    ) -> TerritoryHooks:
        """The relay of one territory: core, the faces, and the plugins switched on there.

        `former` were on once: what the law wants shown of them still is.
        """
        asked = (enabled, former, frozenset(self.held))
        if asked not in self._relays:
            self._relays[asked] = self._relay(*asked)
        return self._relays[asked]

    def _relay(
        self, enabled: frozenset[str], former: frozenset[str], held: frozenset[str]
    ) -> TerritoryHooks:
        plugins = frozenset(name for name in enabled if self.is_on(name, enabled))
        # Events wait for a plugin that is held: it is told when its tables are as they should be.
        waiting = held & enabled & frozenset(self.plugins)
        past = frozenset(self.plugins) & former - plugins - held
        return TerritoryHooks(self, plugins | self.core | frozenset(self.faces), waiting, past)
