"""Change what a territory tunes, of core and of each plugin alike: dated, with its author."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from core.extension.tunables import Tunable, known_tunable
from core.kernel.edits import meanwhile
from core.kernel.errors import Conflict
from core.kernel.unit import Unit
from core.territories.queries import settings_on, settings_version
from core.territories.settings import TUNABLES


async def change_setting(
    unit: Unit,
    name: str,
    value: Any,
    *,
    starts_on: date,
    why: str = "",
    plugin: str = "core",
    known: Mapping[str, Tunable] = TUNABLES,
) -> None:
    """A setting takes a value from a day on, with its author; what was before stays readable.

    `known` are the plugin's settings (`tunables_of` its type). An unknown name, a wrong type or a
    value out of its bounds is refused.
    """
    value = known_tunable(known, name).check(value)
    await keep_value(unit, plugin, name, value, starts_on=starts_on, why=why)


async def keep_value(
    unit: Unit, plugin: str, name: str, value: Any, *, starts_on: date, why: str = ""
) -> None:
    """Write a value as it is: `change_setting` has judged it, or nobody tunes it."""
    await unit.fetch(
        "INSERT INTO setting (plugin, name, value, starts_on, by, why, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        plugin,
        name,
        msgspec.json.encode(value).decode(),
        starts_on,
        unit.actor.account_id,
        why,
        unit.now,
    )
    unit.record("territory.setting_changed", setting=f"{plugin}.{name}")


async def change_settings(
    unit: Unit,
    wanted: Mapping[str, Any],
    version: int,
    *,
    starts_on: date,
    why: str,
    plugin: str = "core",
    known: Mapping[str, Tunable] = TUNABLES,
) -> int:
    """Set those that differ from what holds on a day; how many were changed.

    `version` is the `settings_version` that the form was filled from. Raises Conflict with what
    stands when somebody else set one of these since.
    """
    # one at a time: the second of two at once reads what the first has set
    await unit.fetch("SELECT 1 FROM territory WHERE id = $1 FOR NO KEY UPDATE", unit.territory_id)
    for name in wanted:
        known_tunable(known, name)
    defaults = {n: t.default for n, t in known.items()}
    before = defaults | await settings_on(unit, starts_on, plugin)
    changed = [name for name, value in wanted.items() if before[name] != value]
    since = await unit.fetch(
        "SELECT DISTINCT name, by FROM setting WHERE plugin = $2 AND id > $1", version, plugin
    )
    if both := {r["name"] for r in since} & set(changed):
        now = await settings_version(unit, plugin)
        read = defaults | await settings_on(unit, starts_on, plugin, upto=version)
        raise Conflict(
            **meanwhile(unit, {r["by"] for r in since if r["name"] in both}),
            theirs={**{n: before[n] for n in wanted}, "version": now},
            untouched=(n for n in changed if wanted[n] == read[n]),
        )
    for name in changed:
        await change_setting(
            unit, name, wanted[name], starts_on=starts_on, why=why, plugin=plugin, known=known
        )
    return len(changed)
