"""Cards, panels and tiles that others contribute: one statement reads for all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
"""Milliseconds that all parts of a page may take together, and then again one by one: a page that
waits longer for what stands beside its subject would be a page that does not come."""

ALONE = PATIENCE // 3
"""Milliseconds that one part may take where they are read one by one."""

FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError)
"""What the statement of a part may raise; nothing else is a part's own fault."""

_PLACE = re.compile(r"(?<!:):(household|person|today)\b")

PARTS = "parts_of_page"
"""The column in which the values of the parts come."""


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

    All reads are one statement and one round trip. When it fails, the Unit, which must have
    written nothing, begins again and the parts run one by one, each in a savepoint: one bad part
    costs only itself, and a page without one pays nothing for that.
    """
    mine = [p for p in parts if _shown_to(ctx, p)]
    reading = [p for p in mine if p.read is not None]
    bound = (household_id, person_id, unit.today)
    try:
        values, failed = await _read(unit, reading, bound, PATIENCE), set[int]()
    except FAILURES as error:
        await _begin_again(ctx, unit, reading, error)
        values, failed = await _one_by_one(ctx, unit, reading, bound)
    return _shown(ctx, mine, values, failed)


async def read_beside(
    ctx: Ctx,
    unit: Unit,
    parts: Sequence[Part],
    sql: str,
    *args: Any,
    household: str,
    person: str,
) -> tuple[Any, list[Shown]]:
    """The row of the page's own statement, or None, and the parts about it, in one round trip.

    `household` and `person` are the columns of that row which the parts are asked about. When it
    fails the page's own statement runs alone, then the parts as in `read_parts`.
    """
    mine = [p for p in parts if _shown_to(ctx, p)]
    reading = [p for p in mine if p.read is not None]
    if not reading:
        row = await unit.row(sql, *args)
        return row, [] if row is None else _shown(ctx, mine, {}, set())
    whole = _beside(sql, _reads(reading), household, person, len(args) + 1)
    failed: set[int] = set()
    try:
        found = await unit.fetch(whole, *args, unit.today, within=PATIENCE / 1000)
        row = found[0] if found else None
        values = _by_part(reading, row[PARTS]) if row else {}
    except FAILURES as error:
        await _begin_again(ctx, unit, reading, error)
        row = await unit.row(sql, *args)
        if row is not None:
            bound = (row[household], row[person], unit.today)
            values, failed = await _one_by_one(ctx, unit, reading, bound)
    return row, [] if row is None else _shown(ctx, mine, values, failed)


async def _begin_again(ctx: Ctx, unit: Unit, parts: Sequence[Part], error: BaseException) -> None:
    if ctx.registry.strict:
        raise error
    log.error("parts failed together", parts=[p.key for p in parts], **trace(error))
    await unit.again()


def _shown(
    ctx: Ctx, mine: Sequence[Part], values: Mapping[int, Any], failed: set[int]
) -> list[Shown]:
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


def _shown_to(ctx: Ctx, part: Part) -> bool:
    """Who acts for a resident sees what their authorisation's scope opens."""
    if ctx.actor is not None and ctx.actor.kind == "helper":
        return ctx.actor.helps_with(part.helper)
    return bool(ctx.can(part.permission))


Bound = tuple[int | None, int | None, date]


async def _one_by_one(
    ctx: Ctx, unit: Unit, parts: Sequence[Part], bound: Bound
) -> tuple[dict[int, Any], set[int]]:
    """(values, those that failed), each part in a savepoint of its own, and all within PATIENCE:
    what no time is left for has failed too."""
    values: dict[int, Any] = {}
    failed: set[int] = set()
    until = time.monotonic() + PATIENCE / 1000
    for part in parts:
        left = int((until - time.monotonic()) * 1000)
        try:
            if left <= 0:
                raise TimeoutError("no time is left")
            async with unit.savepoint(min(ALONE, left)):
                values |= await _read(unit, [part], bound)
        except FAILURES as error:
            part_failed(ctx, part, "part failed", error)
            failed.add(id(part))
    return values, failed


async def _read(
    unit: Unit, parts: Sequence[Part], bound: Bound, milliseconds: int | None = None
) -> dict[int, Any]:
    """The values of these parts by the identity of each, in one statement."""
    if not parts:
        return {}
    within = milliseconds / 1000 if milliseconds else None
    found = await unit.fetch(_together(_reads(parts)), *bound, within=within)
    return _by_part(parts, found[0][PARTS])


def _reads(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(part.read.sql for part in parts if part.read is not None)


def _by_part(parts: Sequence[Part], values: str) -> dict[int, Any]:
    return dict(zip(map(id, parts), msgspec.json.decode(values), strict=True))


@lru_cache(maxsize=256)
def _together(reads: tuple[str, ...]) -> str:
    """The one statement of these reads: a list of what each gave."""
    places = {"household": "$1::bigint", "person": "$2::bigint", "today": "$3::date"}
    given = "WITH given AS (SELECT $1::bigint, $2::bigint, $3::date)"
    return f"{given} SELECT {_array(reads, places)}"


@lru_cache(maxsize=256)
def _beside(sql: str, reads: tuple[str, ...], household: str, person: str, today: int) -> str:
    """A page's own statement with these reads about its row: the same columns and PARTS."""
    places = {
        "household": f"(SELECT {household} FROM page_row)::bigint",  # noqa: S608
        "person": f"(SELECT {person} FROM page_row)::bigint",  # noqa: S608
        "today": f"${today}::date",
    }
    return (
        f"WITH page_row AS MATERIALIZED ({sql}), given AS (SELECT ${today}::date) "  # noqa: S608
        f"SELECT page_row.*, {_array(reads, places)} FROM page_row"
    )


def _array(reads: tuple[str, ...], places: Mapping[str, str]) -> str:
    each = (f"({_PLACE.sub(lambda m: places[m.group(1)], sql)})::json" for sql in reads)
    return f"to_json(ARRAY[{', '.join(each)}]) AS {PARTS}"
