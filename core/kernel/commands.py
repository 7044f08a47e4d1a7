"""Doing a command once: a double click, a replay or the back button gets the first answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from core.kernel.unit import Unit


async def perform(
    open_unit: Callable[[], Unit], key: UUID, verb: str, work: Callable[[Unit], Awaitable[Any]]
) -> Any:
    """Do the command `key`, or give what its first run answered."""
    async with open_unit() as unit:
        stored = await _claim(unit, key, verb)
        if unit.command_id is None:
            return stored
        result = await work(unit)
        await unit.fetch(
            "UPDATE command SET result = $2 WHERE id = $1",
            unit.command_id,
            msgspec.json.encode(result).decode(),
        )
        return result


async def _claim(unit: Unit, key: UUID, verb: str) -> Any:
    """Begin the command: the Unit's `command_id` is set when it is ours to do.

    When it stays None the command was done already, and this is what its first run answered,
    which may be nothing.
    """
    unit.command_id = await unit.value(
        "INSERT INTO command (key, verb, actor_id) VALUES ($1, $2, $3) "
        "ON CONFLICT (territory_id, actor_id, key) DO NOTHING RETURNING id",
        key,
        verb,
        unit.actor.account_id or 0,
    )
    if unit.command_id is not None:
        return None
    stored = await unit.value(
        "SELECT result FROM command WHERE actor_id = $1 AND key = $2",
        unit.actor.account_id or 0,
        key,
    )
    return msgspec.json.decode(stored) if stored else {}
