"""Switch a plugin on or off in a territory: who, when, why; what it stands on; what it carries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import structlog

from core.extension.context import Ctx
from core.extension.contributions import Obligation
from core.extension.registry import Registry
from core.extension.relay import PATIENCE, TerritoryHooks
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.trace import trace
from core.kernel.unit import Unit
from core.kernel.words import N_

log = structlog.get_logger()

MAY = "territory.settings"
CHANGED = N_("Cette extension vient d’être changée par quelqu’un d’autre.")


async def enable(ctx: Ctx, unit: Unit, name: str, why: str) -> None:
    """Switch it on here, with its author and reason; what it kept from before is there again.

    Raises NotFound for what is not installed, Invalid without a reason, Refused when a plugin it
    depends on is off or its tables are not of its version, Conflict when it is on already.
    """
    registry, on = ctx.registry, await _on(unit)
    _look(unit, registry, name, why)
    if name in on:
        raise Conflict(CHANGED)
    if name in registry.held:
        raise Refused(N_("Cette extension attend une mise à jour de sa base : prévenez "
                         "la personne qui administre le serveur."))  # fmt: skip
    for other in registry.manifest(name).depends:
        if other not in on:
            title = registry.manifest(other).title
            raise Refused(N_("Activez d’abord « %(other)s », dont elle dépend."), other=title)
    await _write(unit, name, True, why)
    unit.record("territory.plugin_on", plugin=name)
    await _tell(ctx, unit, name, True)


async def disable(ctx: Ctx, unit: Unit, name: str, why: str, *, knowing: int = 0) -> None:
    """Switch it off here: its pages and parts go, its rows and history stay.

    `knowing` is how many obligations the one who switches has read: Conflict when there are more
    by now. Refused while another plugin that is on depends on it.
    """
    registry, on = ctx.registry, await _on(unit)
    _look(unit, registry, name, why)
    if name not in on:
        raise Conflict(CHANGED)
    for other in sorted(on & set(registry.plugins)):
        if name in registry.manifest(other).depends:
            title = registry.manifest(other).title
            raise Refused(N_("Désactivez d’abord « %(other)s », qui en dépend."), other=title)
    if sum(o.count for o in await obligations(ctx, unit, name)) > knowing:
        raise Refused(N_("Des engagements en cours sont portés par cette extension : "
                         "lisez-les ci-dessous, puis confirmez."))  # fmt: skip
    await _write(unit, name, False, why)
    unit.record("territory.plugin_off", plugin=name)
    await _tell(ctx, unit, name, False)


def _look(unit: Unit, registry: Registry, name: str, why: str) -> None:
    unit.require(MAY)
    if name not in registry.plugins:
        raise NotFound()
    if not why.strip():
        raise Invalid({"why": N_("Dites en quelques mots pourquoi.")})


async def _on(unit: Unit) -> frozenset[str]:
    """What is on, the territory's row locked: two who switch at once take turns."""
    return frozenset(
        await unit.value(
            "SELECT plugins FROM territory WHERE id = $1 FOR UPDATE", unit.territory_id
        )
        or ()
    )


UNREAD = N_("Engagements en cours : l’extension n’a pas pu les lire. Vérifiez avant de désactiver.")

_WRITE = """
INSERT INTO plugin_enablement (plugin, enabled, at, by, why) VALUES ($1, $2, $3, $4, $5)
"""
_KEEP = """
UPDATE territory SET plugins = n.is_on, former_plugins = n.was_on FROM (
  SELECT coalesce(array_agg(plugin ORDER BY plugin) FILTER (WHERE enabled), '{}') AS is_on,
    coalesce(array_agg(plugin ORDER BY plugin) FILTER (WHERE NOT enabled), '{}') AS was_on
  FROM (SELECT DISTINCT ON (plugin) plugin, enabled FROM plugin_enablement
        ORDER BY plugin, id DESC) AS latest) AS n
WHERE id = $1
"""


async def _write(unit: Unit, name: str, enabled: bool, why: str) -> None:
    await unit.fetch(_WRITE, name, enabled, unit.now, unit.actor.account_id, why.strip())
    await unit.fetch(_KEEP, unit.territory_id)


async def _tell(ctx: Ctx, unit: Unit, name: str, enabled: bool) -> None:
    """The plugin's own `on_enablement`, in the transaction: its failure undoes the switching."""
    hooks = preview_hooks(ctx, name)
    await hooks.tell("on_enablement", ctx=ctx, unit=unit, enabled=enabled)


def preview_hooks(ctx: Ctx, name: str) -> TerritoryHooks:
    """The relay of one plugin alone, on or off here: what it would show and what it carries."""
    return replace(ctx.registry.territory_hooks(frozenset({name})), enabled=frozenset({name}))


async def obligations(ctx: Ctx, unit: Unit, name: str) -> list[Obligation]:
    """What this plugin carries here that must go on; those of count 0 left out.

    A plugin that cannot say is taken to carry something: it can still be switched off, by who
    confirms to know that.
    """
    try:
        async with unit.savepoint(), asyncio.timeout(PATIENCE):
            found = await preview_hooks(ctx, name).ask("obligations", ctx=ctx, unit=unit)
            if not all(isinstance(one, Obligation) for one in found):
                raise TypeError("obligations gave something else than Obligation")
    except Exception as error:
        log.error("hook failed", hook="obligations", plugin=name, **trace(error))
        return [Obligation(UNREAD, 1)]
    return [one for one in found if one.count]


async def enabling_history(unit: Unit, name: str) -> list[Any]:
    """Each switching of a plugin here, the newest first: enabled, at, why, author."""
    return await unit.fetch(
        "SELECT e.enabled, e.at, e.why, a.name AS author FROM plugin_enablement e "
        "LEFT JOIN account a ON a.id = e.by WHERE e.plugin = $1 ORDER BY e.id DESC LIMIT 100",
        name,
    )


async def enabling_since(unit: Unit) -> dict[str, Any]:
    """The last switching of each plugin ever switched here: enabled, at."""
    rows = await unit.fetch(
        "SELECT DISTINCT ON (plugin) plugin, enabled, at FROM plugin_enablement "
        "ORDER BY plugin, id DESC"
    )
    return {row["plugin"]: row for row in rows}
