"""The reads: lists for the pages, and the statements that core composes for parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.households.scope import visible
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins._skeleton.rules import OUTCOMES

PAGE = 50
"""Rows of one page of the list."""

_STEPS = """
SELECT coalesce(json_agg(json_build_object(
  'label', s.label, 'due_on', s.due_on, 'household', h.ref) ORDER BY s.due_on, s.id), '[]')
FROM plugin_skeleton.step s
JOIN household h ON h.territory_id = s.territory_id AND h.id = s.household_id
WHERE s.household_id = :household AND s.ended_on IS NULL
"""

PANEL = f"SELECT json_build_object('ref', (SELECT ref FROM household WHERE id = :household), 'steps', ({_STEPS}))"  # noqa: S608, E501
"""The open steps of the household whose file is shown."""

CARD = f"SELECT json_build_object('ref', '', 'steps', ({_STEPS}))"
"""The open steps of the signed-in resident's household."""

TILE = """
SELECT to_json(count(*)) FROM plugin_skeleton.step
WHERE ended_on IS NULL AND due_on < :today
"""
"""How many steps are late in this territory."""


def shape_steps(value: Any) -> Mapping[str, Any]:
    """What PANEL and CARD read, with real dates."""
    steps = [{**step, "due_on": date.fromisoformat(step["due_on"])} for step in value["steps"]]
    return {"ref": value["ref"], "steps": steps}


async def open_steps(unit: Unit, after: tuple[date, int] | None = None) -> list[Any]:
    """The open steps that the actor may see, the most pressing first; one more than a page."""
    return await unit.fetch(
        f"""SELECT s.id, s.label, s.due_on, h.ref, p.given_name, p.family_name
            FROM plugin_skeleton.step s
            JOIN household h ON h.territory_id = s.territory_id AND h.id = s.household_id
            LEFT JOIN membership m ON m.territory_id = h.territory_id AND m.household_id = h.id
              AND m.role = 'main' AND (m.ends_on IS NULL OR m.ends_on > $2)
            LEFT JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
            WHERE s.ended_on IS NULL AND {visible("h.id", "$1", "$2")}
              AND ($3::date IS NULL OR (s.due_on, s.id) > ($3, $4::bigint))
            ORDER BY s.due_on, s.id LIMIT {PAGE + 1}""",  # noqa: S608
        unit.scope("households.read").over_files,
        unit.today,
        *(after or (None, None)),
    )


async def late_steps(unit: Unit) -> int:
    """How many open steps of the territory have passed their date."""
    return int(
        await unit.value(
            """SELECT count(*) FROM plugin_skeleton.step
               WHERE ended_on IS NULL AND due_on < $1""",
            unit.today,
        )
    )


async def late_of_request(unit: Unit, request_id: int) -> int:
    """How many open steps of a demande's household have passed their date."""
    return int(
        await unit.value(
            """SELECT count(*) FROM plugin_skeleton.step s
               JOIN housing_request r ON r.territory_id = s.territory_id
                 AND r.household_id = s.household_id
               WHERE r.id = $1 AND s.ended_on IS NULL AND s.due_on < $2""",
            request_id,
            unit.today,
        )
    )


async def steps_of(unit: Unit, household_id: int) -> list[Any]:
    """Every step of a household, the open ones first; the caller has checked who may see it."""
    return await unit.fetch(
        """SELECT id, label, due_on, ended_on, outcome
           FROM plugin_skeleton.step
           WHERE household_id = $1 ORDER BY ended_on IS NOT NULL, due_on, id""",
        household_id,
    )


async def to_tag(unit: Unit, key: str, most: int) -> list[int]:
    """Open demandes of households with a late step, which do not say so yet."""
    rows = await unit.fetch(
        """SELECT DISTINCT r.id FROM plugin_skeleton.step s
           JOIN housing_request r ON r.territory_id = s.territory_id
             AND r.household_id = s.household_id
           WHERE s.ended_on IS NULL AND s.due_on < $1
             AND r.state NOT IN ('closed', 'cancelled', 'refused')
             AND NOT EXISTS (SELECT 1 FROM request_tag t WHERE t.territory_id = r.territory_id
               AND t.request_id = r.id AND t.key = $2
               AND (t.ends_on IS NULL OR t.ends_on > $1))
           ORDER BY r.id LIMIT $3""",
        unit.today,
        key,
        most,
    )
    return [row["id"] for row in rows]


async def to_untag(unit: Unit, key: str, most: int, *, everything: bool) -> list[int]:
    """Demandes that say so and whose steps are done; `everything`: all that say so."""
    rows = await unit.fetch(
        """SELECT t.request_id FROM request_tag t
           JOIN housing_request r ON r.territory_id = t.territory_id AND r.id = t.request_id
           WHERE t.key = $2 AND (t.ends_on IS NULL OR t.ends_on > $1)
             AND ($4 OR NOT EXISTS (SELECT 1 FROM plugin_skeleton.step s
               WHERE s.territory_id = r.territory_id AND s.household_id = r.household_id
                 AND s.ended_on IS NULL AND s.due_on < $1))
           ORDER BY t.request_id LIMIT $3""",
        unit.today,
        key,
        most,
        everything,
    )
    return [row["request_id"] for row in rows]


async def count_open(unit: Unit) -> int:
    """How many steps of the territory are not ended."""
    return int(await unit.value("SELECT count(*) FROM plugin_skeleton.step WHERE ended_on IS NULL"))


async def held_of(unit: Unit, person_id: int) -> list[dict[str, str]]:
    """The steps of the households a person has lived in, while living there: agreed with all of
    it, and so each adult's to read. The keys are what the person reads in their copy."""
    rows = await unit.fetch(
        """SELECT s.label, s.due_on, s.outcome FROM plugin_skeleton.step s
           JOIN membership m ON m.territory_id = s.territory_id
             AND m.household_id = s.household_id
           WHERE m.person_id = $1 AND s.at::date >= m.starts_on
             AND (m.ends_on IS NULL OR s.at::date <= m.ends_on)
           ORDER BY s.id""",
        person_id,
    )
    return [
        {
            N_("Étape"): r["label"],
            N_("À faire avant le"): r["due_on"].isoformat(),
            N_("Terminée"): OUTCOMES.get(r["outcome"], ""),
        }
        for r in rows
    ]
