"""The reads: lists for the pages, and the statements that core composes for parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.households.scope import visible
from core.kernel.unit import Unit

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


async def steps_of(unit: Unit, household_id: int) -> list[Any]:
    """Every step of a household, the open ones first; the caller has checked who may see it."""
    return await unit.fetch(
        """SELECT id, label, due_on, ended_on, outcome
           FROM plugin_skeleton.step
           WHERE household_id = $1 ORDER BY ended_on IS NOT NULL, due_on, id""",
        household_id,
    )
