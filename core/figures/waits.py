"""Honest waits: for a list and a size, how long it took those who were admitted and those who wait.

An entry is watched over the last months (`figures_months`), from its seniority: it ends by an
admission to a place of that list's kind; whoever still waits, left the list or was admitted
elsewhere was seen waiting until that day, and no longer.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from core.figures.estimates import Spell, survival
from core.figures.rules import EVERY, FREED_MONTHS, SIZES, size_sql, window
from core.kernel.dates import add_months
from core.kernel.unit import Unit


class Wait(msgspec.Struct, frozen=True):
    """What is known of one list and one size (EVERY: all of them). Days; None: not reached yet.

    `admissions` is over the same months as the estimate, `freed` over the last twelve. A quarter of
    the households waited `quarter` days or less, half of them `median`, three quarters `three`.
    """

    kind: str
    size: str
    households: int = 0
    persons: int = 0
    freed: int = 0
    admissions: int = 0
    quarter: int | None = None
    median: int | None = None
    three: int | None = None
    longest: int = 0

    def enough(self, least: int) -> bool:
        """Whether the range may be told."""
        return self.admissions >= least and self.quarter is not None


_SPELLS = f"""
WITH admitted AS (
  SELECT r.request_id, v.kind, max(s.at) AS at
  FROM referral r
  JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
  JOIN referral_state s ON s.territory_id = r.territory_id AND s.referral_id = r.id
    AND s.verb = 'admit'
  WHERE r.state = 'admitted' GROUP BY 1, 2
), ended AS (
  SELECT entry_id, max(at) AS at FROM waiting_state
  WHERE state IN ('lapsed', 'placed', 'withdrawn') GROUP BY 1
), watched AS (
  SELECT e.kind, {size_sql("f.persons")} AS size, e.seniority_on,
    a.at IS NOT NULL AS event,
    CASE WHEN e.state IN ('lapsed', 'placed', 'withdrawn')
      THEN (coalesce(a.at, x.at, e.ended_at) AT TIME ZONE $3)::date ELSE $2::date END AS until
  FROM waiting_entry e
  LEFT JOIN request_facts f ON f.territory_id = e.territory_id AND f.request_id = e.request_id
  LEFT JOIN ended x ON x.entry_id = e.id
  LEFT JOIN admitted a ON a.request_id = e.request_id AND a.kind = e.kind AND e.state = 'placed'
)
SELECT kind, size, greatest(0, $1::date - seniority_on) AS entered,
  greatest(0, until - seniority_on) AS "left", event, count(*) AS n
FROM watched WHERE until >= $1::date GROUP BY 1, 2, 3, 4, 5
"""

_WAITING = f"""
SELECT e.kind, {size_sql("f.persons")} AS size, count(*) AS households,
  coalesce(sum(f.persons), 0)::int AS persons
FROM waiting_entry e
LEFT JOIN request_facts f ON f.territory_id = e.territory_id AND f.request_id = e.request_id
WHERE e.state = 'active' GROUP BY 1, 2
"""

_FREED = f"""
SELECT v.kind, {size_sql("u.max_persons")} AS size, count(*) AS places
FROM vacancy v JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
WHERE v.free_on > $1::date AND v.free_on <= $2::date AND v.state <> 'given_back' GROUP BY 1, 2
"""

Cell = tuple[str, str]


async def count_waits(unit: Unit, months: int) -> list[Wait]:
    """Every list with all sizes together, then each size, counted now. Three statements."""
    start, _ = window(unit.today, months)
    spells: dict[Cell, list[Spell]] = defaultdict(list)
    for row in await unit.fetch(_SPELLS, start, unit.today, unit.zone):
        spell = Spell(row["entered"], row["left"], row["event"], row["n"])
        for cell in _cells(row["kind"], row["size"]):
            spells[cell].append(spell)
    waiting: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for row in await unit.fetch(_WAITING):
        for cell in _cells(row["kind"], row["size"]):
            waiting[cell][0] += row["households"]
            waiting[cell][1] += row["persons"]
    freed: dict[Cell, int] = defaultdict(int)
    for row in await unit.fetch(_FREED, add_months(unit.today, -FREED_MONTHS), unit.today):
        for cell in _cells(row["kind"], row["size"]):
            freed[cell] += row["places"]
    kinds = sorted({kind for kind, _ in (*spells, *waiting, *freed)})
    return [
        _wait(kind, size, spells[kind, size], waiting[kind, size], freed[kind, size])
        for kind in kinds
        for size in (EVERY, *SIZES)
    ]


def _cells(kind: str, size: str | None) -> tuple[Cell, ...]:
    """Where a row counts: in all sizes, and in its own when it is known."""
    return ((kind, EVERY), (kind, size)) if size else ((kind, EVERY),)


def _wait(
    kind: str, size: str, spells: Sequence[Spell], waiting: Sequence[int], freed: int
) -> Wait:
    curve = survival(spells)
    return Wait(
        kind=kind,
        size=size,
        households=waiting[0],
        persons=waiting[1],
        freed=freed,
        admissions=curve.events,
        quarter=curve.quantile(0.25),
        median=curve.quantile(0.5),
        three=curve.quantile(0.75),
        longest=curve.last,
    )
