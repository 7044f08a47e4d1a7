"""Pure statistics: a survival curve with those still waiting, and the interval of a rate.

Kaplan–Meier: Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958) 457–481, with delayed entry, and the
interval of Brookmeyer and Crowley, Biometrics 38 (1982) 29–41, on the logarithm of the curve.
Wilson: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, sqrt

Z95 = 1.959964
"""The normal quantile of a 95 % interval."""

_CLOSE = 1e-9
"""Below this, two shares are the same: a product of fractions is not exact."""


@dataclass(frozen=True, slots=True)
class Spell:
    """`count` waits alike, in days: watched from `entered` on (0: from the start) until `left`,
    which is the event when `event`, else the last day on which they were seen waiting."""

    entered: int
    left: int
    event: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """The curve from a day on: the share still waiting, with its interval."""

    day: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival estimate. `events`: how many of the spells ended by the event; `last`: the longest
    wait that was seen."""

    steps: tuple[Step, ...]
    events: int
    last: int

    def quantile(self, part: float) -> int | None:
        """The day by which this part of those who wait has been reached; None while fewer were."""
        return next((s.day for s in self.steps if s.share <= 1 - part + _CLOSE), None)

    def bounds(self, part: float) -> tuple[int | None, int | None]:
        """The 95 % interval of `quantile(part)`; None for an end that the data do not give."""
        low = next((s.day for s in self.steps if s.low <= 1 - part + _CLOSE), None)
        high = next((s.day for s in self.steps if s.high <= 1 - part + _CLOSE), None)
        return low, high


def survival(spells: Iterable[Spell]) -> Curve:
    """The Kaplan–Meier estimate. At a day, those at risk entered before it and had not left.

    The interval is Greenwood's on the logarithm of the share, cut at 1.
    """
    entering: dict[int, int] = defaultdict(int)
    leaving: dict[int, int] = defaultdict(int)
    events: dict[int, int] = defaultdict(int)
    for spell in spells:
        if spell.entered >= spell.left > 0:
            continue  # watched for no day at all
        # Who came on the first day is at risk from that day on, so that a wait of 0 days counts.
        entering[spell.entered if spell.entered > 0 else -1] += spell.count
        leaving[spell.left] += spell.count
        if spell.event:
            events[spell.left] += spell.count
    days = sorted({*entering, *leaving})
    share, greenwood, inside = 1.0, 0.0, 0
    steps: list[Step] = []
    for day in days:
        if events[day]:
            left = inside - events[day]
            share *= left / inside
            greenwood = greenwood + events[day] / (inside * left) if left else float("inf")
            steps.append(_step(day, share, greenwood, steps[-1].high if steps else 1.0))
        inside += entering[day] - leaving[day]
    return Curve(tuple(steps), sum(events.values()), max(leaving, default=0))


def _step(day: int, share: float, greenwood: float, before: float) -> Step:
    if share <= 0:
        return Step(day, 0.0, 0.0, before)  # nobody is left to say how sure that is
    spread = exp(Z95 * sqrt(greenwood))
    return Step(day, share, share / spread, min(1.0, share * spread))


def wilson(part: float, whole: int) -> tuple[float, float]:
    """The 95 % interval of `part` of `whole`, as shares of 1; (0, 1) of nothing."""
    if whole == 0:
        return 0.0, 1.0
    share, z2 = part / whole, Z95 * Z95
    middle = share + z2 / (2 * whole)
    spread = Z95 * sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return (
        max(0.0, (middle - spread) / (1 + z2 / whole)),
        min(1.0, (middle + spread) / (1 + z2 / whole)),
    )
