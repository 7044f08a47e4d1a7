"""Dates as people and spreadsheets write them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from core.imports.keys import fold
from core.imports.problems import Problem

Order = Literal["dmy", "mdy"]
Parsed = tuple[date | None, Problem | None]

_NUMERIC = re.compile(r"(\d{1,2})[\s./\-]{1,3}(\d{1,2})[\s./\-]{1,3}(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[\s./\-](\d{1,2})[\s./\-](\d{1,2})")
_TIME = re.compile(r"[T ]\s*\d{1,2}[:h]\d{2}.*$")
_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january", "fevrier fevr fev feb february", "mars mar march",
            "avril avr apr april", "mai may", "juin jun june", "juillet juil jul july",
            "aout aou aug august", "septembre sept sep september", "octobre oct october",
            "novembre nov november", "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_UNKNOWN = {
    "nc", "nr", "inconnu", "inconnue", "non renseigne", "non renseignee", "nsp", "ne sait pas",
    "n a", "na", "non communique", "unknown", "none", "null", "vide",
}  # fmt: skip
_EXCEL_ZERO = date(1899, 12, 30)  # spreadsheets count days from here, their false 29/02/1900 paid
_OLDEST = 1900


def parse_date(text: str, *, today: date, order: Order = "dmy") -> Parsed:
    """A date written in any usual way, and what to say about it.

    Knows `25/03/2000`, `25-3-00`, `2000-03-25T00:00`, `20000325`, `25 mars 2000`, Excel serial
    numbers. `order` says how an all-numeric day and month follow each other in this column.
    Returns `(value, problem)`: either may be None; both are given when the value is to check.
    """
    text = text.strip(" \t\r\n\xa0\u202f'")
    if not text:
        return None, None
    text = _TIME.sub("", text).strip()
    if match := _NUMERIC.fullmatch(text):
        first, second, year = (int(part) for part in match.groups())
        if not first and not second:
            return None, Problem("date_unknown") if not year else _year_only(year)
        day, month = (first, second) if order == "dmy" else (second, first)
        return _made(year, month, day, len(match[3]) == 2, today)
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _made(year, month, day, False, today)
    if text.isascii() and (text.isdigit() or re.fullmatch(r"\d{5}\.\d+", text)):
        return _digits(text.partition(".")[0], today)
    return _words(text, today)


def parse_birth(text: str, *, today: date, order: Order = "dmy") -> Parsed:
    """A birth date: never in the future, never over 120 years; a year alone is not a date."""
    value, problem = parse_date(text, today=today, order=order)
    if problem is not None:
        code = {
            "date_impossible": "birth_impossible",
            "date_too_old": "birth_too_old",
            "date_year_only": "birth_approximate",
            "date_unreadable": "birth_unreadable",
        }.get(problem.code, problem.code)
        problem = Problem(code, problem.params)
    if value is not None:
        if value > today:
            return None, Problem("birth_future")
        if value.year < today.year - 120:
            return None, Problem("birth_too_old")
    return value, problem


def parse_past(text: str, *, today: date, order: Order = "dmy") -> Parsed:
    """A date something happened on: the future is refused, and so is the time before SIAOs."""
    value, problem = parse_date(text, today=today, order=order)
    if value is not None and value > today:
        return None, Problem("date_future")
    if value is not None and value.year < 1990:
        return None, Problem("date_too_old")
    return value, problem


def order_of(samples: list[str]) -> Order:
    """Whether a column puts the month first: only days over 12 tell, and they must agree."""
    day_first = month_first = 0
    for text in samples:
        if match := _NUMERIC.match(text.strip()):
            first, second = int(match[1]), int(match[2])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    return "mdy" if month_first >= 3 and month_first > 9 * day_first else "dmy"


def _made(year: int, month: int, day: int, short: bool, today: date) -> Parsed:
    if short:
        # nobody asks for housing before being born: the nearest year that is not ahead
        year += 2000 if year + 2000 <= today.year else 1900
    try:
        value = date(year, month, day)
    except ValueError:
        return None, Problem("date_impossible")
    if year < _OLDEST:
        return None, Problem("date_too_old")
    if year > today.year + 100:
        return None, Problem("date_impossible")
    return value, Problem("two_digit_year", {"year": year}) if short else None


def _year_only(year: int) -> Problem:
    return Problem("date_year_only", {"year": year})


def _digits(text: str, today: date) -> Parsed:
    number = int(text) if len(text) <= 8 else -1
    if number == 0:
        return None, Problem("date_unknown")
    if len(text) == 4 and _OLDEST <= number <= today.year + 1:
        return None, _year_only(number)
    if len(text) == 5 and 3_654 <= number <= 80_000:
        return _EXCEL_ZERO + timedelta(days=number), None
    if len(text) == 8:
        if _OLDEST <= number // 10_000 <= today.year + 100 and number // 100 % 100 <= 12:
            return _made(number // 10_000, number // 100 % 100, number % 100, False, today)
        return _made(number % 10_000, number // 10_000 % 100, number // 1_000_000, False, today)
    return None, Problem("date_unreadable")


def _words(text: str, today: date) -> Parsed:
    words = fold(text[:80])
    if words in _UNKNOWN or not words:
        return None, Problem("date_unknown")
    parts = words.split()
    month = next((_MONTHS[part] for part in parts if part in _MONTHS), None)
    numbers = [re.sub(r"(er|st|nd|rd|th)$", "", part) for part in parts if part[0].isdigit()]
    if month and len(numbers) == 2 and all(part.isascii() and part.isdigit() for part in numbers):
        day, year = sorted(numbers, key=len) if len(numbers[0]) == 4 else numbers
        if len(day) <= 2 and len(year) in (2, 4):
            return _made(int(year), month, int(day), len(year) == 2, today)
    if match := _YEAR.search(words):
        return None, _year_only(int(match[1]))
    return None, Problem("date_unreadable")
