"""What those who were passed over may read: by month for the household, with words for the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.extension.registry import Registry
from core.kernel.unit import Unit
from core.matching.verdicts import OPEN_CLASSES
from core.placements.passing import passing_reason
from core.requests.refresh import BATCH

MONTHS = 12
"""How far back a household reads."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reason as the household reads it, and how many times in the month. `missing`: what is to
    be known, each a plain sentence. No day, no place, nobody else."""

    code: str
    plain: str
    times: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day; `open`: it is not over."""

    first: date
    times: int
    said: tuple[Said, ...]
    open: bool


_BY_MONTH = """
SELECT date_trunc('month', f.proposed_at AT TIME ZONE $3)::date AS month, o.reason,
  o.judged->'verdicts' AS verdicts, count(*)::int AS times
FROM passed_over o
JOIN referral f ON f.territory_id = o.territory_id AND f.id = o.referral_id
JOIN housing_request q ON q.territory_id = o.territory_id AND q.id = o.request_id
WHERE q.household_id = $1 AND f.proposed_at >= $2
GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2
"""


async def passed_by_month(unit: Unit, household_id: int, registry: Registry) -> list[Month]:
    """The last twelve months of a household, the latest first; months without any are left out."""
    this = unit.today.replace(day=1)
    since = datetime.combine(_back(this, MONTHS - 1), datetime.min.time(), ZoneInfo(unit.zone))
    rows = await unit.fetch(_BY_MONTH, household_id, since, unit.zone)
    found: dict[date, dict[str, list[Any]]] = {}
    for row in rows:
        found.setdefault(row["month"], {}).setdefault(row["reason"], []).append(row)
    return [
        Month(
            first,
            sum(r["times"] for rs in reasons.values() for r in rs),
            tuple(_said(code, rs, registry) for code, rs in reasons.items()),
            first >= this,
        )
        for first, reasons in found.items()
    ]


def _said(code: str, rows: list[Any], registry: Registry) -> Said:
    missing: dict[str, None] = {}
    if code == "to_check":
        for row in rows:
            verdicts = msgspec.json.decode(row["verdicts"]) if row["verdicts"] else {}
            for key, answer in verdicts.items():
                one = registry.criteria.get(key)
                if one and one.hard and answer is None and one.field_class in OPEN_CLASSES:
                    missing[one.plain_unknown] = None
    return Said(code, passing_reason(code).plain, sum(r["times"] for r in rows), tuple(missing))


def _back(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


async def passed_of_request(unit: Unit, request_id: int, limit: int = 50) -> list[Any]:
    """Each time a demande was passed over, for who follows it: day, place, reason, words, rank."""
    return await unit.fetch(
        "SELECT f.ref AS referral_ref, f.proposed_at, o.rank, o.reason, o.words, p.name AS "
        "programme, u.label, v.kind FROM passed_over o "
        "JOIN referral f ON f.territory_id = o.territory_id AND f.id = o.referral_id "
        "JOIN vacancy v ON v.territory_id = f.territory_id AND v.id = f.vacancy_id "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE o.request_id = $1 ORDER BY o.id DESC LIMIT $2",
        request_id,
        limit,
    )


# -- the summary, which one may switch off --------------------------------------------------------

_WANTS = """coalesce((SELECT c.wanted FROM passing_choice c
  WHERE c.territory_id = m.territory_id AND c.person_id = m.person_id
  ORDER BY c.id DESC LIMIT 1), true)"""


async def wants_summary(unit: Unit, person_id: int) -> bool:
    """Whether a person wants to read it; yes until they say otherwise."""
    found = await unit.value(
        "SELECT wanted FROM passing_choice WHERE person_id = $1 ORDER BY id DESC LIMIT 1", person_id
    )
    return found is not False


async def choose_summary(unit: Unit, person_id: int, wanted: bool) -> None:
    """A person's own choice, dated; saying the same again writes nothing."""
    if await wants_summary(unit, person_id) == wanted:
        return
    await unit.fetch(
        "INSERT INTO passing_choice (person_id, wanted, at, by) VALUES ($1, $2, $3, $4)",
        person_id,
        wanted,
        unit.now,
        unit.actor.account_id,
    )


_DUE = f"""
WITH due AS (
  SELECT DISTINCT q.household_id FROM passed_over o
  JOIN referral f ON f.territory_id = o.territory_id AND f.id = o.referral_id
  JOIN housing_request q ON q.territory_id = o.territory_id AND q.id = o.request_id
  WHERE f.proposed_at >= $1 AND f.proposed_at < $2)
SELECT m.household_id, m.person_id FROM due
JOIN membership m ON m.household_id = due.household_id AND m.starts_on <= $3
  AND (m.ends_on IS NULL OR m.ends_on > $3) AND m.role <> 'child'
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  AND (p.birth IS NULL OR p.birth <= $3::date - interval '18 years')
WHERE {_WANTS} AND NOT EXISTS (
  SELECT 1 FROM event e WHERE e.territory_id = m.territory_id AND e.household_id = m.household_id
    AND e.person_id = m.person_id AND e.kind = 'referral.passed_summary' AND e.occurred_at >= $2)
ORDER BY m.household_id, m.person_id LIMIT $4
"""  # noqa: S608 made of constants


async def tell_months(unit: Unit, batch: int = BATCH) -> int:
    """Say to each adult concerned that the month that ended has its summary, once; how many."""
    this = unit.today.replace(day=1)
    zone = ZoneInfo(unit.zone)
    last = (this - timedelta(days=1)).replace(day=1)
    starts, ends = (datetime.combine(day, datetime.min.time(), zone) for day in (last, this))
    rows = await unit.fetch(_DUE, starts, ends, unit.today, batch)
    for row in rows:
        unit.record(
            "referral.passed_summary",
            household_id=row["household_id"],
            person_id=row["person_id"],
            month=last.isoformat(),
        )
    return len(rows)
