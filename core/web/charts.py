"""Charts as values: what to draw, placed in parts of a width that the page does not know.

A chart is drawn by `ui.chart` as one SVG, its places in percent and its letters in the page's own
size, so that it reads at 360 px as on a desk; its table stands under it and says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

LONG = 36
"""Letters that fit on one line of a narrow screen, beside one another."""

LABELS = 8
"""Words under columns: more would run into each other on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row or column: its name, what is written of it, a value, the two ends around it.

    None: not known; then only the words stand. `apart`: to be looked at; a sign says so too.
    """

    label: str
    said: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A value of the axis, where it stands (percent) and its words."""

    at: float
    label: str

    @property
    def anchor(self) -> str:
        return "start" if self.at < 5 else "end" if self.at > 95 else "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """What `ui.chart` draws. `shape`: ranges (rows) or columns (over time)."""

    key: str
    title: str
    text: str
    shape: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    top: float
    reference: tuple[float, str] | None = None

    @property
    def tall(self) -> bool:
        """Whether a row needs a line of its own for what is written of it."""
        return any(len(m.label) + len(m.said) > LONG for m in self.marks)

    @property
    def every(self) -> int:
        """One column in so many has its word."""
        return max(1, ceil(len(self.marks) / LABELS))

    def at(self, value: float) -> float:
        """Where a value stands, in percent of the width or height."""
        return round(100 * min(max(value, 0), self.top) / self.top, 1)


def round_top(value: float) -> float:
    """The end of an axis: 1, 2, 4, 5 or 8 times a power of ten, at or above."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value - 1e-9)


def chart(
    key: str,
    title: str,
    text: str,
    marks: Sequence[Mark],
    *,
    shape: str = "ranges",
    unit: str = "",
    top: float | None = None,
    reference: tuple[float, str] | None = None,
) -> Chart | None:
    """A chart of these marks, or None where none of them has a value. `unit` follows the numbers of
    the axis; `reference`: a value for comparison, with its words."""
    known = [v for m in marks for v in (m.value, m.low, m.high) if v is not None]
    if not known:
        return None
    end = top or round_top(max(*known, reference[0] if reference else 0, 0))
    ticks = tuple(Tick(25.0 * n, _number(end * n / 4) + unit) for n in range(5))
    return Chart(key, title, text, shape, tuple(marks), ticks, end, reference)


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
