"""Calendar arithmetic on legal dates (`date` in the territory's zone)."""

from __future__ import annotations

import calendar
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def years_between(earlier: date, later: date) -> int:
    """Whole years from one date to the next; 29 February counts from 1 March in other years."""
    before_anniversary = (later.month, later.day) < (earlier.month, earlier.day)
    return later.year - earlier.year - before_anniversary
