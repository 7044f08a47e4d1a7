"""Whether groups fare alike: how many were proposed a place, and how long they wait for one.

Counted over every demande that stood on a list during the window. A difference is something to
look at: the kind of place asked, the size of the household or chance may be behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from core.figures.estimates import Spell, survival
from core.figures.rules import window
from core.kernel.unit import Unit
from core.kernel.words import N_

DIMENSIONS: Mapping[str, str] = {
    "composition": N_("Composition du ménage"),
    "sector": N_("Secteur"),
    "prescriber": N_("Prescripteur"),
    "kind": N_("Type de place conseillé"),
    "reason": N_("Motif de la demande"),
}
"""What groups are made by: an organisation that prescribes, never a worker."""

ALL = "all"
"""The dimension whose only group is everybody."""


class Group(msgspec.Struct, frozen=True):
    """A group of demandes. `code` is '' where it is not known. Days; None: not reached yet.

    `referred`: of `households`, those to whom a place was proposed in the window. `median`: by when
    half of them are admitted, with its 95 % interval; `admissions` is what it stands on.
    """

    dimension: str
    code: str
    households: int
    persons: int
    referred: int
    admissions: int
    median: int | None
    low: int | None
    high: int | None


_GROUPS = """
WITH ended AS (
  SELECT entry_id, max(at) AS at FROM waiting_state
  WHERE state IN ('lapsed', 'placed', 'withdrawn') GROUP BY 1
), listed AS (
  SELECT e.request_id, e.territory_id, min(e.seniority_on) AS since,
    bool_or(e.state NOT IN ('lapsed', 'placed', 'withdrawn')) AS waits,
    max(coalesce(x.at, e.ended_at)) AS ended
  FROM waiting_entry e LEFT JOIN ended x ON x.entry_id = e.id GROUP BY 1, 2
), proposed AS (
  SELECT r.request_id, bool_or(r.proposed_at >= ($1::date::timestamp AT TIME ZONE $3)) AS lately,
    max(s.at) AS admitted
  FROM referral r
  LEFT JOIN referral_state s ON s.territory_id = r.territory_id AND s.referral_id = r.id
    AND s.verb = 'admit' AND r.state = 'admitted'
  GROUP BY 1
), watched AS (
  SELECT q.organisation_id, q.reason_code, h.sector_id, f.composition, f.kinds[1] AS kind,
    coalesce(f.persons, 0) AS persons, l.since, coalesce(o.lately, false) AS referred,
    o.admitted IS NOT NULL AND NOT l.waits AS event,
    CASE WHEN l.waits THEN $2::date
      ELSE (coalesce(o.admitted, l.ended) AT TIME ZONE $3)::date END AS until
  FROM listed l
  JOIN housing_request q ON q.territory_id = l.territory_id AND q.id = l.request_id
  JOIN household h ON h.territory_id = q.territory_id AND h.id = q.household_id
  LEFT JOIN request_facts f ON f.territory_id = q.territory_id AND f.request_id = q.id
  LEFT JOIN proposed o ON o.request_id = l.request_id
)
SELECT d.dimension, coalesce(d.code, '') AS code, greatest(0, $1::date - w.since) AS entered,
  greatest(0, w.until - w.since) AS "left", w.event, w.referred, count(*)::int AS households,
  sum(w.persons)::int AS persons
FROM watched w CROSS JOIN LATERAL (VALUES
  ('all', ''), ('composition', w.composition::text), ('sector', w.sector_id::text),
  ('prescriber', w.organisation_id::text), ('kind', w.kind), ('reason', w.reason_code::text)
) AS d (dimension, code)
WHERE w.until >= $1::date GROUP BY 1, 2, 3, 4, 5, 6
"""


async def count_groups(unit: Unit, months: int) -> list[Group]:
    """Every group of every dimension, and everybody, counted now. One statement."""
    start, _ = window(unit.today, months)
    spells: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in await unit.fetch(_GROUPS, start, unit.today, unit.zone):
        key = row["dimension"], row["code"]
        spells[key].append(Spell(row["entered"], row["left"], row["event"], row["households"]))
        sums[key][0] += row["households"]
        sums[key][1] += row["persons"]
        sums[key][2] += row["households"] if row["referred"] else 0
    return [_group(key, spells[key], sums[key]) for key in sorted(spells)]


def _group(key: tuple[str, str], spells: list[Spell], sums: list[int]) -> Group:
    curve = survival(spells)
    low, high = curve.bounds(0.5)
    households, persons, referred = sums
    median = curve.quantile(0.5)
    return Group(*key, households, persons, referred, curve.events, median, low, high)


_SECTORS = "SELECT id::text AS code, name FROM sector"
_PRESCRIBERS = """
SELECT o.id::text AS code, o.name FROM territory_organisation t
JOIN organisation o ON o.id = t.organisation_id
"""


async def sector_names(unit: Unit) -> dict[str, str]:
    """Sectors by the code a group has."""
    return {r["code"]: r["name"] for r in await unit.fetch(_SECTORS)}


async def organisation_names(unit: Unit) -> dict[str, str]:
    """Organisations at work here, by the code a group has."""
    return {r["code"]: r["name"] for r in await unit.fetch(_PRESCRIBERS)}
