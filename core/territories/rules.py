"""Pure decisions about a territory's jobs: when each is due next."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.extension.contributions import Job

FIRST_TRY = timedelta(minutes=5)
LAST_TRY = timedelta(days=1)


def due_at(
    job: Job, now: datetime, zone: str, ended_at: datetime | None, failures: int = 0
) -> datetime:
    """When a job is to run next. `ended_at`: of its last run; `failures`: in a row, up to now.

    Never run: now, or at its hour today. Failed: after five minutes, then twice as long each time
    and a day at most, but never later than it would have run anyway.
    """
    if ended_at is None:
        return now if job.at is None else _at(job, now, zone)
    usual = ended_at + job.every if job.at is None else _after(job, ended_at, zone)
    if not failures:
        return usual
    return min(usual, ended_at + min(FIRST_TRY * 2 ** min(failures - 1, 20), LAST_TRY))


def _at(job: Job, day: datetime, zone: str) -> datetime:
    """Its hour on that day, in the territory's zone."""
    assert job.at is not None
    local = day.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), job.at, ZoneInfo(zone)).astimezone(day.tzinfo)


def _after(job: Job, then: datetime, zone: str) -> datetime:
    """Its next hour after an instant."""
    at = _at(job, then, zone)
    return at if at > then else _at(job, then + timedelta(days=1), zone)
