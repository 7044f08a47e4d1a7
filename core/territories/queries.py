"""Reads of territories, their settings and code lists."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec

from core.extension.context import Place
from core.kernel.unit import Unit


async def load_places(unit: Unit) -> dict[str, Place]:
    """Every territory by its slug, with the plugins that are on there (global Unit)."""
    rows = await unit.fetch("SELECT * FROM territory ORDER BY name")
    return {
        r["slug"]: Place(
            id=r["id"],
            slug=r["slug"],
            name=r["name"],
            zone=r["zone"],
            country=r["country"],
            langs=tuple(r["langs"]) or ("fr",),
            vocabulary=r["vocabulary"],
            emergency_phone=r["emergency_phone"],
            team_name=r["team_name"],
            team_phone=r["team_phone"],
            plugins=frozenset(r["plugins"]),
            former=frozenset(r["former_plugins"]),
        )
        for r in rows
    }


_SETTINGS = """
SELECT DISTINCT ON (name) name, value FROM setting
WHERE plugin = $1 AND starts_on <= $2 AND ($3::bigint IS NULL OR id <= $3)
ORDER BY name, starts_on DESC, id DESC
"""


async def settings_on(
    unit: Unit, on: date, plugin: str = "core", *, upto: int | None = None
) -> dict[str, Any]:
    """The values in force on a day, by name; with `upto`, as they stood at a `settings_version`."""
    rows = await unit.fetch(_SETTINGS, plugin, on, upto)
    return {r["name"]: msgspec.json.decode(r["value"]) for r in rows}


async def settings_of_several(
    unit: Unit, on: date, plugins: Collection[str]
) -> dict[str, dict[str, Any]]:
    """The same of several contributors at once, by contributor: those that set something."""
    rows = await unit.fetch(
        "SELECT DISTINCT ON (plugin, name) plugin, name, value FROM setting "
        "WHERE plugin = ANY($1) AND starts_on <= $2 ORDER BY plugin, name, starts_on DESC, id DESC",
        list(plugins),
        on,
    )
    found: dict[str, dict[str, Any]] = {}
    for r in rows:
        found.setdefault(r["plugin"], {})[r["name"]] = msgspec.json.decode(r["value"])
    return found


async def settings_version(unit: Unit, plugin: str = "core") -> int:
    """The number of the last setting that was written; 0 before the first."""
    return int(
        await unit.value("SELECT coalesce(max(id), 0) FROM setting WHERE plugin = $1", plugin)
    )


async def setting_history(unit: Unit, plugin: str = "core") -> list[Any]:
    """Every value ever set, the newest first, with who and why."""
    return await unit.fetch(
        "SELECT s.name, s.value, s.starts_on, s.at, s.why, a.name AS author "
        "FROM setting s LEFT JOIN account a ON a.id = s.by "
        "WHERE s.plugin = $1 ORDER BY s.id DESC LIMIT 200",
        plugin,
    )


async def coming_settings(unit: Unit, plugin: str = "core") -> list[Any]:
    """Values that take force later, the last word on each day."""
    return await unit.fetch(
        "SELECT DISTINCT ON (name, starts_on) name, value, starts_on FROM setting "
        "WHERE plugin = $2 AND starts_on > $1 ORDER BY name, starts_on, id DESC",
        unit.today,
        plugin,
    )


async def setting_days(unit: Unit, plugin: str = "core") -> list[date]:
    """The days on which a value changed or will, the latest last; at most a hundred."""
    rows = await unit.fetch(
        "SELECT DISTINCT starts_on FROM setting WHERE plugin = $1 "
        "ORDER BY starts_on DESC LIMIT 100",
        plugin,
    )
    return [r["starts_on"] for r in reversed(rows)]
