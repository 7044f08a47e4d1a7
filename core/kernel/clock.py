"""What time it is, asked in one place so that tests and the demo can live on another day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """The real time. Instants are aware and in UTC; a legal day is a day in a zone."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, zone: str = "Europe/Paris") -> date:
        """The legal day it is in that zone."""
        return self.now().astimezone(ZoneInfo(zone)).date()


def last_moment(day: date, zone: str) -> datetime:
    """The last minute of a legal day there: "until the 27th" holds to 23:59, summer and winter."""
    return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)


class StillClock(Clock):
    """A clock that moves only when told: the demo lives its two years with it."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("an instant needs its zone")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)
