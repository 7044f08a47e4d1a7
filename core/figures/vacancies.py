"""How long places stood empty, by structure, and how many of those declared led to an admission."""

from __future__ import annotations

from datetime import date

import msgspec

from core.kernel.unit import Unit


class Empty(msgspec.Struct, frozen=True):
    """A structure's places over a period.

    `declared`: places free from a day of the period on; `admitted`: those that led to an admission;
    `days`: days during which places stood empty and usable, works left out; `open`: places that
    stand empty now.
    """

    organisation: int
    programme: int
    name: str
    kind: str
    declared: int
    admitted: int
    days: int
    open: int


# The days are those of `housing.rules.vacancy_days`: from the day a place is free, up to and
# without the day it is taken, without the days between a freeze and what followed it.
_EMPTY = """
WITH steps AS (
  SELECT vacancy_id, verb, (at AT TIME ZONE $4)::date AS day,
    lead((at AT TIME ZONE $4)::date) OVER (PARTITION BY vacancy_id ORDER BY id) AS following
  FROM vacancy_state WHERE verb IN ('freeze', 'unfreeze')
), works AS (
  SELECT vacancy_id, day, coalesce(following, $3::date) AS until FROM steps WHERE verb = 'freeze'
), periods AS (
  SELECT v.id, v.territory_id, v.unit_id, v.kind, v.state, v.free_on,
    greatest(v.free_on, $1::date) AS since, least(coalesce(v.closed_on, $3::date), $2::date,
      $3::date) AS until
  FROM vacancy v
  WHERE v.free_on < $2::date AND (v.closed_on IS NULL OR v.closed_on >= $1::date)
), counted AS (
  SELECT d.*, greatest(0, d.until - d.since) - coalesce((
    SELECT sum(greatest(0, least(w.until, d.until) - greatest(w.day, d.since)))
    FROM works w WHERE w.vacancy_id = d.id), 0) AS days
  FROM periods d
)
SELECT p.organisation_id AS organisation, p.id AS programme, p.name, c.kind,
  count(*) FILTER (WHERE c.free_on >= $1::date)::int AS declared,
  count(*) FILTER (WHERE c.free_on >= $1::date AND EXISTS (
    SELECT 1 FROM referral r WHERE r.territory_id = c.territory_id AND r.vacancy_id = c.id
      AND r.state = 'admitted'))::int AS admitted,
  greatest(0, sum(c.days))::int AS days,
  count(*) FILTER (WHERE c.state IN ('declared', 'held'))::int AS open
FROM counted c
JOIN housing_unit u ON u.territory_id = c.territory_id AND u.id = c.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
GROUP BY 1, 2, 3, 4 ORDER BY p.name, 2, 4
"""


async def count_vacancies(unit: Unit, start: date, end: date) -> list[Empty]:
    """Each structure's empty places from `start` up to, and without, `end`, counted now."""
    rows = await unit.fetch(_EMPTY, start, end, unit.today, unit.zone)
    return [Empty(**dict(r)) for r in rows]
