"""The demonstration's time, given to a plugin's `demo_data`: acts of days that are past."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from core.kernel.clock import StillClock
from core.kernel.unit import Unit


@dataclass(frozen=True)
class TimeLine:
    """From `start`, when the territory opened, to `end`, the demonstration's today.

    `telling_from`: what happens on an earlier day has long been read, and tells nobody.
    """

    unit: Unit
    start: date
    end: date
    telling_from: date

    @contextlib.asynccontextmanager
    async def on(self, day: date, hour: int = 10) -> AsyncIterator[Unit]:
        """The Unit as it would be that day: `unit.today` and `unit.now` are then, and so is what
        the services and the database write. Blocks do not nest. ValueError for a day outside."""
        if not self.start <= day <= self.end:
            raise ValueError(f"{day} is not between {self.start} and {self.end}")
        unit = self.unit
        then = datetime.combine(day, time(hour), ZoneInfo(unit.zone)).astimezone(UTC)
        async with unit.living_at(StillClock(min(then, unit.now)), day >= self.telling_from):
            yield unit
