"""The verbs: agree on a step, end it. Each in the caller's Unit."""

from __future__ import annotations

from datetime import date

from core.households.memberships import sole_households
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins._skeleton.events import ADDED, ENDED
from plugins._skeleton.rules import OUTCOMES
from plugins._skeleton.tables import Step

LONGEST = 200
"""Letters of a step's words: one sentence."""


async def add_step(unit: Unit, household_id: int, *, label: str, due_on: date) -> int:
    """Note a step agreed with a household; returns its id. Raises Invalid for empty words."""
    if not label.strip():
        raise Invalid({"label": N_("Écrivez l’étape convenue.")})
    step = Step(
        household_id=household_id,
        label=label.strip()[:LONGEST],
        due_on=due_on,
        by=unit.actor.account_id,
        at=unit.now,
    )
    await step.save()
    unit.record(ADDED, household_id=household_id, subject=("skeleton_step", step.id))
    return int(step.id)


async def end_step(unit: Unit, household_id: int, step_id: int, outcome: str) -> None:
    """End a step of that household. Raises Refused when it has ended already."""
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": N_("Choisissez comment l’étape se termine.")})
    open_ = await unit.row(
        """SELECT ended_on FROM plugin_skeleton.step
           WHERE id = $1 AND household_id = $2 FOR UPDATE""",
        step_id,
        household_id,
    )
    if open_ is None:
        raise NotFound()
    if open_["ended_on"] is not None:
        raise Refused(N_("Cette étape est déjà terminée."))
    await unit.fetch(
        """UPDATE plugin_skeleton.step
           SET ended_on = $2, outcome = $3 WHERE id = $1""",
        step_id,
        unit.today,
        outcome,
    )
    unit.record(ENDED, household_id=household_id, subject=("skeleton_step", step_id))


async def forget(unit: Unit, person_id: int) -> None:
    """Erase the words of the steps of households of which no other adult is left: what happened
    stays, and says nothing of anybody."""
    await unit.fetch(
        """UPDATE plugin_skeleton.step SET label = '–' WHERE household_id = ANY($1)""",
        await sole_households(unit, [person_id]),
    )
