"""What plugins failed to show here, kept day by day: which part, how often, since when."""

from __future__ import annotations

from typing import Any

import structlog

from core.extension.context import Ctx
from core.extension.troubles import Count, Key
from core.kernel.clock import Clock
from core.kernel.trace import trace
from core.kernel.unit import Unit

log = structlog.get_logger()

DAYS = 30
"""Days that a failure stays to be read."""

_KEEP = """
INSERT INTO part_trouble (plugin, part, what, day, times, first_at, last_at, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (territory_id, day, plugin, part, what) DO UPDATE SET
  times = part_trouble.times + excluded.times, error = excluded.error,
  last_at = greatest(part_trouble.last_at, excluded.last_at)
"""

_READ = """
SELECT plugin, part, what, sum(times) AS times, min(first_at) AS first_at, max(last_at) AS last_at,
  (array_agg(error ORDER BY last_at DESC))[1] AS error
FROM part_trouble WHERE day > $1::date - $2::int AND ($3::text IS NULL OR plugin = $3)
GROUP BY plugin, part, what ORDER BY last_at DESC, plugin, part LIMIT 100
"""


async def keep_troubles(ctx: Ctx) -> None:
    """Write down what was counted. Never raises: it is about a page that has already been sent."""
    by_place: dict[int, list[tuple[Key, Count]]] = {}
    for key, count in ctx.registry.troubles.take().items():
        by_place.setdefault(key[0], []).append((key, count))
    for territory_id, found in by_place.items():
        try:
            await _write(territory_id, found, ctx.clock)
        except Exception as error:
            log.error("troubles were not kept", territory=territory_id, **trace(error))


async def _write(territory_id: int, found: list[tuple[Key, Count]], clock: Clock) -> None:
    async with Unit(territory_id=territory_id, clock=clock) as unit:
        await unit.fetch(
            "DELETE FROM part_trouble WHERE day <= $1::date - $2::int", unit.today, DAYS
        )
        for (_, plugin, part, what), one in sorted(found, key=lambda pair: pair[0]):
            await unit.fetch(
                _KEEP, plugin, part, what, unit.today, one.times, one.first_at, one.last_at,
                one.error,
            )  # fmt: skip


async def troubles_of(unit: Unit, plugin: str | None = None, days: int = DAYS) -> list[Any]:
    """What failed in the last days, the latest first: plugin, part, what, times, first_at,
    last_at, error (its kind)."""
    return await unit.fetch(_READ, unit.today, days, plugin)
