"""Pure rules of figures: sizes, windows, who answered for what, when figures may be published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from core.kernel.dates import add_months
from core.kernel.words import N_

SIZES: Mapping[str, tuple[int, int]] = {"1": (1, 1), "2": (2, 2), "3-4": (3, 4), "5+": (5, 99)}
"""Classes of size in people: of a household by who is in it, of a place by the most it takes."""

SIZE_LABELS: Mapping[str, str] = {
    "1": N_("1 personne"),
    "2": N_("2 personnes"),
    "3-4": N_("3 ou 4 personnes"),
    "5+": N_("5 personnes et plus"),
}

EVERY = ""
"""The size that stands for all sizes together."""

FREED_MONTHS = 12
"""Over how long freed places are counted, as it is told to everybody."""

OUTCOMES: Mapping[str, str] = {
    "admitted": "admitted",
    "refused_by_structure": "structure",
    "declined": "household",
    "refused_by_household": "household",
    "withdrawn": "siao",
    "unreachable": "nobody",
    "no_show": "nobody",
    "expired": "nobody",
}
"""What a referral came to, by its last state: admitted, or who ended it. Others still run."""

OUTCOME_LABELS: Mapping[str, str] = {
    "admitted": N_("Admission"),
    "structure": N_("Refus de la structure"),
    "household": N_("Refus du ménage"),
    "siao": N_("Annulation par le SIAO"),
    "nobody": N_("Sans suite (injoignable, absence, délai passé)"),
}

APART = timedelta(days=28)
"""Two rounds of publication closer than this could be subtracted from one another."""


def size_of(persons: int | None) -> str | None:
    """The class of a number of people; None when it is not known."""
    if not persons:
        return None
    return next(size for size, (low, high) in SIZES.items() if low <= min(persons, 99) <= high)


def size_sql(column: str) -> str:
    """The same in SQL, over a column of ours; NULL when it is not known."""
    cases = " ".join(
        f"WHEN least({column}, 99) BETWEEN {low} AND {high} THEN '{size}'"
        for size, (low, high) in SIZES.items()
    )
    return f"(CASE {cases} END)"


def window(today: date, months: int) -> tuple[date, date]:
    """The period that figures look at: up to and with today."""
    return add_months(today, -months), today + timedelta(days=1)


def quarter_of(day: date) -> date:
    """The first day of a day's quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def may_open(ends_on: date, today: date, last: date | None) -> bool:
    """Whether a round of publication may look back from that day: it is past, and far enough from
    the last one that nothing small is found by subtracting one from the other."""
    return ends_on <= today and (last is None or abs(ends_on - last) >= APART)


def publishable(comment_until: date, today: date) -> bool:
    """Whether figures may be read by others: the last day to comment is over."""
    return today > comment_until
