"""Plugins that are kept out because their tables are not of their version: the site stands."""

from __future__ import annotations

import structlog

from core.extension.registry import Registry
from core.kernel.clock import Clock
from core.kernel.unit import Unit
from core.kernel.upgrades import carried

log = structlog.get_logger()


async def hold_behind(registry: Registry, clock: Clock) -> None:
    """Note which installed plugins' migrations have not all run, or ran for a newer version."""
    apps = {name: plugin.app for name, plugin in registry.plugins.items() if plugin.app}
    if not apps:
        return

    async with Unit(territory_id=None, clock=clock) as unit:
        rows = await unit.fetch(
            "SELECT app_name, name FROM migration WHERE app_name = ANY($1)", list(apps)
        )
    registry.held.clear()
    for name, app in apps.items():
        ran = {row["name"] for row in rows if row["app_name"] == name}
        if missing := carried(app) - ran:
            registry.held[name] = f"{len(missing)} migration(s) to run: seuil migrate"
        elif ran - carried(app):
            registry.held[name] = "its tables were made by a newer version: install that one"
    for name in _standing_on(registry):
        registry.held[name] = "a plugin it depends on is held"
    for name, why in registry.held.items():
        log.error("plugin held", plugin=name, why=why)


def _standing_on(registry: Registry) -> list[str]:
    """Those that depend on a held one, in an order that follows the dependencies."""
    found: list[str] = []
    for name, plugin in registry.plugins.items():
        out = set(registry.held) | set(found)
        if name not in out and out & set(plugin.manifest.depends):
            found.append(name)
    return found
