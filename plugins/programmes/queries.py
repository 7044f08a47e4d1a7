"""The reads of programmes: the list, one programme, its figures, partners, milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from plugins.programmes.codes import MEASURES
from plugins.programmes.rules import Against, against

# Of members noted by mistake nothing is counted. "Entered" people are all who lived in the
# household during its time in the programme; "housed" is a home, not a shelter, begun since.
FIGURES = """
WITH member AS (
  SELECT m.*, (m.ends_on IS NULL OR m.ends_on > $2) AS present FROM plugin_programmes.member m
  WHERE m.programme_id = ANY($1) AND m.end_reason <> 'mistake'
)
SELECT m.programme_id,
  count(DISTINCT m.household_id) AS entered_households,
  count(DISTINCT c.person_id) AS entered_persons,
  count(DISTINCT m.household_id) FILTER (WHERE m.present) AS present_households,
  count(DISTINCT c.person_id) FILTER (
    WHERE m.present AND (c.ends_on IS NULL OR c.ends_on > $2)) AS present_persons,
  count(DISTINCT m.household_id) FILTER (WHERE s.starts_on IS NOT NULL) AS housed_households,
  count(DISTINCT c.person_id) FILTER (WHERE s.starts_on >= c.starts_on
    AND (c.ends_on IS NULL OR c.ends_on > s.starts_on)) AS housed_persons
FROM member m
LEFT JOIN membership c ON c.territory_id = m.territory_id AND c.household_id = m.household_id
  AND c.starts_on <= coalesce(m.ends_on, $2) AND (c.ends_on IS NULL OR c.ends_on > m.starts_on)
LEFT JOIN LATERAL (
  SELECT min(s.starts_on) AS starts_on FROM placement s
  WHERE s.territory_id = m.territory_id AND s.household_id = m.household_id
    AND s.state IN ('present', 'exited') AND s.starts_on >= m.starts_on
    AND s.starts_on <= coalesce(m.ends_on, $2)
    AND EXISTS (SELECT 1 FROM housing_kind k WHERE k.code = s.kind
      AND k.device IN ('logement', 'logement_accompagne'))
) s ON true
GROUP BY m.programme_id
"""

_LIST = """
SELECT p.*, (SELECT count(*) FROM plugin_programmes.milestone j WHERE j.programme_id = p.id
               AND j.ended_on IS NULL AND j.due_on < $1) AS late,
  (SELECT count(*) FROM plugin_programmes.milestone j WHERE j.programme_id = p.id
     AND j.ended_on IS NULL AND j.due_on >= $1 AND j.due_on <= $1 + $2::int) AS soon,
  (SELECT string_agg(o.name, ', ' ORDER BY o.name) FROM plugin_programmes.partner a
   JOIN organisation o ON o.id = a.organisation_id
   WHERE a.programme_id = p.id AND a.role = 'funder' AND a.ends_on IS NULL) AS funders
FROM plugin_programmes.programme p
WHERE ($3::bool OR p.ends_on IS NULL OR p.ends_on > $1)
ORDER BY (p.ends_on IS NOT NULL AND p.ends_on <= $1), lower(p.name), p.id
"""


async def programmes(unit: Unit, alert_days: int = 0, *, ended: bool = False) -> list[Any]:
    """Programmes by name, those that ended last; how many milestones are late or near."""
    return await unit.fetch(_LIST, unit.today, alert_days, ended)


async def figures(unit: Unit, programme_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """What was reached, by programme and measure; zeros where nobody entered: one statement."""
    found = {
        r["programme_id"]: {name: r[name] for name in MEASURES}
        for r in await unit.fetch(FIGURES, list(programme_ids), unit.today)
    }
    return {one: found.get(one, dict.fromkeys(MEASURES, 0)) for one in programme_ids}


async def programme_of(unit: Unit, ref: str) -> Any:
    """A programme by its reference; NotFound."""
    found = await unit.row("SELECT * FROM plugin_programmes.programme WHERE ref = $1", ref.upper())
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Standing:
    """All that a programme's page shows beside its card."""

    partners: Sequence[Any]
    milestones: Sequence[Any]
    goals: Sequence[Against]
    figures: dict[str, int]


async def standing(unit: Unit, programme_id: int) -> Standing:
    """Partners, milestones (open ones first), goals against figures: four statements."""
    partners = await unit.fetch(
        """SELECT a.id, a.role, a.starts_on, o.name FROM plugin_programmes.partner a
           JOIN organisation o ON o.id = a.organisation_id
           WHERE a.programme_id = $1 AND a.ends_on IS NULL
           ORDER BY array_position(ARRAY['funder', 'lead', 'partner'], a.role), o.name""",
        programme_id,
    )
    milestones = await unit.fetch(
        """SELECT j.id, j.label, j.due_on, j.ended_on, j.outcome, h.name AS holder,
                  e.name AS ended_by
           FROM plugin_programmes.milestone j
           LEFT JOIN account h ON h.id = j.holder_id LEFT JOIN account e ON e.id = j.ended_by
           WHERE j.programme_id = $1 ORDER BY j.ended_on IS NOT NULL, j.due_on, j.id""",
        programme_id,
    )
    reached = (await figures(unit, [programme_id]))[programme_id]
    goals = await unit.fetch(
        """SELECT measure, target, due_on FROM plugin_programmes.goal
           WHERE programme_id = $1 AND ended_at IS NULL ORDER BY due_on, id""",
        programme_id,
    )
    return Standing(partners, milestones, _against(goals, reached, unit.today), reached)


def _against(goals: Sequence[Any], reached: dict[str, int], today: date) -> list[Against]:
    return [
        against(g["measure"], reached[g["measure"]], g["target"], g["due_on"], today) for g in goals
    ]
