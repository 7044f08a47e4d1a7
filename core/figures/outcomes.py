"""What referrals came to: admitted, or ended by whom and why; by structure, kind and month.

A referral counts in the month it was proposed. Rates are over those that came to an end; what
still runs is counted apart. Sources of the two ratios: IGAS 2020-106R (admissions over referrals,
admissions over places declared vacant).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from core.figures.rules import OUTCOMES
from core.kernel.unit import Unit


class Cell(msgspec.Struct, frozen=True):
    """Referrals alike. `reason`: the code of the refusal, '' for none. `state`: the last one."""

    month: date
    organisation: int
    kind: str
    state: str
    reason: str
    referrals: int
    persons: int

    @property
    def outcome(self) -> str | None:
        """Admitted, or who ended it; None while it runs."""
        return OUTCOMES.get(self.state)


class Tally(msgspec.Struct):
    """A sum of cells. `by`: how many came to each outcome; `reasons`: by author, then by code."""

    ended: int = 0
    running: int = 0
    persons: int = 0
    by: dict[str, int] = msgspec.field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)

    def of(self, outcome: str) -> int:
        return self.by.get(outcome, 0)


_CELLS = """
SELECT date_trunc('month', r.proposed_at AT TIME ZONE $3)::date AS month,
  p.organisation_id AS organisation, v.kind, r.state, coalesce(w.code, '') AS reason,
  count(*)::int AS referrals, coalesce(sum(f.persons), 0)::int AS persons
FROM referral r
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN request_facts f ON f.territory_id = r.territory_id AND f.request_id = r.request_id
LEFT JOIN LATERAL (
  SELECT c.code FROM referral_state s
  JOIN refusal_reason c ON c.territory_id = s.territory_id AND c.id = s.reason_id
  WHERE s.territory_id = r.territory_id AND s.referral_id = r.id AND s.state = r.state
  ORDER BY s.id DESC LIMIT 1) w ON true
WHERE r.proposed_at >= ($1::date::timestamp AT TIME ZONE $3)
  AND r.proposed_at < ($2::date::timestamp AT TIME ZONE $3)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""


async def count_outcomes(unit: Unit, start: date, end: date) -> list[Cell]:
    """Every referral proposed from `start` up to, and without, `end`, counted now."""
    return [Cell(**dict(r)) for r in await unit.fetch(_CELLS, start, end, unit.zone)]


def tally(cells: Iterable[Cell]) -> Tally:
    """The sum of some cells."""
    ended = running = persons = 0
    by: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for cell in cells:
        persons += cell.persons
        outcome = cell.outcome
        if outcome is None:
            running += cell.referrals
            continue
        ended += cell.referrals
        by[outcome] += cell.referrals
        if cell.reason:
            reasons.setdefault(outcome, Counter())[cell.reason] += cell.referrals
    return Tally(ended, running, persons, dict(by), {a: dict(c) for a, c in reasons.items()})


def tallies(cells: Iterable[Cell], key: Any) -> dict[Any, Tally]:
    """One sum per value of `key(cell)`, in the order they come."""
    grouped: dict[Any, list[Cell]] = {}
    for cell in cells:
        grouped.setdefault(key(cell), []).append(cell)
    return {value: tally(some) for value, some in grouped.items()}
