"""Working days and public holidays, for delays that the law or a team counts without them."""

from __future__ import annotations

from datetime import date, timedelta


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * j) // 433
    month = (h + j - 7 * m + 90) // 25
    return date(year, month, (h + j - 7 * m + 33 * month + 19) % 32)


_FIXED = {
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "BE": ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
}
_AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension Day, Whit Monday."""


def public_holidays(year: int, country: str = "FR") -> frozenset[date]:
    """The national holidays of a year; those of one region only are working days elsewhere."""
    fixed = _FIXED.get(country, _FIXED["FR"])
    sunday = easter(year)
    return frozenset(
        [date(year, month, day) for month, day in fixed]
        + [sunday + timedelta(days=n) for n in _AFTER_EASTER]
    )


def is_working(day: date, country: str = "FR") -> bool:
    """Monday to Friday, holidays excepted."""
    return day.weekday() < 5 and day not in public_holidays(day.year, country)


def working_days_before(day: date, count: int, country: str = "FR") -> date:
    """The day from which `count` working days have passed when `day` comes."""
    while count > 0:
        day -= timedelta(days=1)
        count -= is_working(day, country)
    return day
