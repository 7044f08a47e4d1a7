"""Cards, panels and tiles that others contribute: one statement reads for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
import msgspec
import structlog

from core.extension.context import Ctx
from core.extension.contributions import Part
from core.extension.troubles import FAILED
from core.kernel.trace import trace
from core.kernel.unit import Unit

log = structlog.get_logger()

PATIENCE = 1500
"""Milliseconds that all parts of a page may take together, and then each alone: a page that waits
longer for what stands beside its subject would be a page that does not come."""

_PLACE = re.compile(r"(?<!:):(household|person|today)\b")
_NUMBER = {"household": "$1::bigint", "person": "$2::bigint", "today": "$3::date"}


@dataclass(frozen=True)
class Shown:
    """A part ready for its template; `failed` shows a placeholder, the page stands."""

    part: Part
    data: Mapping[str, Any]
    failed: bool = False


async def read_parts(
    ctx: Ctx,
    unit: Unit,
    parts: Sequence[Part],
    *,
    household_id: int | None = None,
    person_id: int | None = None,
) -> list[Shown]:
    """Read and shape what these parts show, leaving out those the actor may not see.

    All reads are one statement; when it fails its parts run again one by one, each in a
    savepoint, so that one bad part costs only itself.
    """
    mine = [p for p in parts if ctx.can(p.permission)]
    reading = [p for p in mine if p.read is not None]
    bound = (household_id, person_id, unit.today)
    values: dict[int, Any] = {}
    failed: set[int] = set()
    try:
        values = await _read(unit, reading, bound)
    except asyncpg.PostgresError as error:
        if ctx.registry.strict:
            raise
        log.error("parts failed together", parts=[p.key for p in reading], **trace(error))
        for part in reading:
            try:
                values |= await _read(unit, [part], bound)
            except asyncpg.PostgresError as error:
                part_failed(ctx, part, "part failed", error)
                failed.add(id(part))
    shown = [_shape(ctx, p, values.get(id(p)), id(p) in failed) for p in mine]
    # What the law wants shown of a plugin that is off says nothing when there is nothing to say.
    return [s for s in shown if not (s.part.lasting and not s.failed and not _told(s, values))]


def part_failed(ctx: Ctx, part: Part, event: str, error: Exception) -> None:
    """Logged, and counted for those who look after the territory. A part's key begins with the
    name of its plugin."""
    log.error(event, part=part.key, **trace(error))
    plugin = part.key.partition(".")[0]
    if plugin in ctx.registry.plugins and ctx.territory is not None:
        at, kind = ctx.clock.now(), type(error).__name__
        ctx.registry.troubles.note(ctx.territory.id, plugin, part.key, FAILED, at, kind)


def _told(shown: Shown, values: Mapping[int, Any]) -> bool:
    return shown.part.read is None or values.get(id(shown.part)) is not None


def _shape(ctx: Ctx, part: Part, value: Any, failed: bool) -> Shown:
    if failed:
        return Shown(part, {}, True)
    if part.lasting and part.read is not None and value is None:
        return Shown(part, {})
    try:
        data = part.shape(value)
        if not isinstance(data, Mapping):
            raise TypeError(f"the shape of {part.key} gave a {type(data).__name__}")
        return Shown(part, data)
    except Exception as error:
        if ctx.registry.strict:
            raise
        part_failed(ctx, part, "part cannot be shaped", error)
        return Shown(part, {}, True)


async def _read(
    unit: Unit, parts: Sequence[Part], bound: tuple[int | None, int | None, Any]
) -> dict[int, Any]:
    """The values of these parts by the identity of each, in one statement."""
    if not parts:
        return {}
    statement = _together(tuple(part.read.sql for part in parts if part.read is not None))
    async with unit.savepoint(PATIENCE):
        found = await unit.fetch(statement, *bound)
    return {
        id(parts[r["n"]]): None if r["value"] is None else msgspec.json.decode(r["value"])
        for r in found
    }


@lru_cache(maxsize=256)
def _together(reads: tuple[str, ...]) -> str:
    """The one statement of these reads: `n` is which, `value` what it gave."""
    selects = [
        f"SELECT {n} AS n, ({_PLACE.sub(lambda m: _NUMBER[m.group(1)], sql)})::jsonb AS value"
        for n, sql in enumerate(reads)
    ]
    return "WITH given AS (SELECT $1::bigint, $2::bigint, $3::date) " + " UNION ALL ".join(selects)
