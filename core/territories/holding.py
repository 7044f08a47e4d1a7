"""Plugins that are kept out because their tables are not of their version: the site stands."""

from __future__ import annotations

import asyncpg
import structlog

from core.extension.criteria import FACTS, OFFERED, predicate
from core.extension.registry import Registry
from core.kernel.clock import Clock
from core.kernel.unit import Unit
from core.kernel.upgrades import carried

log = structlog.get_logger()


async def hold_behind(registry: Registry, clock: Clock) -> None:
    """Note which installed plugins' migrations have not all run, or ran for a newer version."""
    apps = {name: plugin.app for name, plugin in registry.plugins.items() if plugin.app}
    async with Unit(territory_id=None, clock=clock) as unit:
        rows = await unit.fetch(
            "SELECT app_name, name FROM migration WHERE app_name = ANY($1)", list(apps)
        )
        refused = await refused_criteria(registry, unit)
    registry.held.clear()
    registry.held |= refused
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


async def refused_criteria(registry: Registry, unit: Unit) -> dict[str, str]:
    """Plugins of which PostgreSQL refuses a criterion, prepared as matching runs it, and why."""
    facts = ", ".join(f"NULL::{kind} AS {name}" for name, kind in FACTS.items())
    offered = ", ".join(f"NULL::{kind} AS {name}" for name, kind in OFFERED.items())
    found: dict[str, str] = {}
    for key, criterion in registry.criteria.items():
        owner = registry.owners["criterion", key]
        values = {n: one.default for n, one in registry.tunables.get(owner, {}).items()}
        sql = predicate(criterion, lambda kind, value: f"NULL::{kind}", values, "NULL::date")
        try:
            async with unit.savepoint():
                await unit.fetch(
                    f"SELECT {sql} IS TRUE FROM "  # noqa: S608 -- checked at registration
                    f"(SELECT {facts}, NULL::text[] AS tags, "
                    f"NULL::int AS territory_id, NULL::bigint AS request_id) r, "
                    f"(SELECT {offered}) v"
                )
        except asyncpg.PostgresError as error:
            found[owner] = f"PostgreSQL refuses its criterion {key}: {error}"
    return found
