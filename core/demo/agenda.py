"""The demonstration's time: stories that go on when their hour comes, one at a time, in order."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.kernel.clock import StillClock
from core.kernel.errors import DomainError

Story = AsyncIterator[datetime]
"""Acts between two waits; each yield says when to go on."""


class Agenda:
    """Runs stories in the order of their hours on a clock that stands still between them."""

    def __init__(self, clock: StillClock, zone: str) -> None:
        self.clock = clock
        self.zone = ZoneInfo(zone)
        self.stopped: list[str] = []
        """Stories that a rule stopped: what they wanted was not possible, as in real life."""
        self._waiting: list[tuple[datetime, int, str, Story]] = []
        self._number = 0

    def begin(self, name: str, story: Story, at: datetime) -> None:
        """Start a story at an hour (now, when that is past)."""
        self._number += 1
        heapq.heappush(self._waiting, (max(at, self.clock.now()), self._number, name, story))

    async def run(self, until: datetime, tick: Callable[[datetime], None]) -> None:
        """Live until that instant; what would come later has not happened."""
        while self._waiting and self._waiting[0][0] < until:
            at, _, name, story = heapq.heappop(self._waiting)
            self.clock.set(at)
            tick(at)
            try:
                following = await anext(story, None)
            except DomainError as error:
                said = "; ".join(getattr(error, "errors", {}).values()) or str(error)
                self.stopped.append(f"{name}: {said}")
                continue
            if following is not None:
                self.begin(name, story, following)
        self.clock.set(until)

    def after(self, rng: Random, least: float, most: float) -> datetime:
        """A working hour some days from now."""
        day = self.clock.now().astimezone(self.zone) + timedelta(days=rng.uniform(least, most))
        while day.weekday() > 4:
            day += timedelta(days=1)
        hour = day.replace(
            hour=rng.randint(9, 16), minute=rng.randrange(0, 60, 5), second=0, microsecond=0
        )
        later = self.clock.now() + timedelta(minutes=15)
        return max(hour.astimezone(later.tzinfo), later)
