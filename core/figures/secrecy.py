"""Pure rules of small numbers: what is too small is neither shown nor to be found by subtraction.

The threshold of eleven is the one French health and social statistics use for a cell of a table.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.figures.estimates import wilson

LEAST = 11
"""Nothing is said of fewer people, households or acts; a territory may only ask for more."""

K = TypeVar("K", bound=Hashable)


def withheld(counts: Mapping[K, int], least: int = LEAST) -> frozenset[K]:
    """The parts of a known total that are not shown one by one.

    Every part under `least`, none included; then, while what is left out would sum to less than
    `least`, and so could be found from the total, the smallest of the others too.
    """
    hidden = {key for key, count in counts.items() if count < least}
    shown = sorted((k for k in counts if k not in hidden), key=lambda k: counts[k])
    while hidden and sum(counts[k] for k in hidden) < least and shown:
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def known(count: int, least: int = LEAST) -> int | None:
    """A count that may be shown alone; None for one that is too small."""
    return count if count >= least else None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share as it may be shown, in whole percent, with its 95 % interval.

    `base`: of how many. `rounded`: one of its two sides is a small number, so the share is rounded
    to five points, between 5 and 95, and the base down to ten; the interval is that of the rounded
    values and says no more than they do. Nothing then gives the small number back.
    """

    share: int
    low: int
    high: int
    base: int
    rounded: bool = False

    def apart(self, other: Rate | None) -> bool:
        """Whether the interval leaves out what `other` says: a difference to look at."""
        return other is not None and not self.low <= other.share <= self.high


def rate(part: int, whole: int, least: int = LEAST, *, coarse: bool = False) -> Rate | None:
    """What may be shown of `part` in `whole`; None where the whole itself is too small.

    `coarse`: rounded whatever its size, for a part that is withheld with smaller ones.
    """
    if whole < least:
        return None
    if least <= part <= whole - least and not coarse:
        low, high = wilson(part, whole)
        return Rate(round(100 * part / whole), int(100 * low), _up(100 * high), whole)
    share, base = min(95, max(5, 5 * round(20 * part / whole))), whole // 10 * 10
    low, high = wilson(share * base / 100, base)
    return Rate(share, 5 * int(20 * low), 5 * _up(20 * high), base, rounded=True)


def _up(value: float) -> int:
    """The whole number at or above: a bound never comes closer by rounding."""
    return -int(-value // 1)
