"""The verbs of a programme: open, change, partners, goals, milestones. In the caller's Unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.accounts.team import works_here
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins.programmes.codes import KINDS, MEASURES, OUTCOMES, ROLES
from plugins.programmes.events import AIMED, CHANGED, DUE, OPENED, PARTNERED, SETTLED
from plugins.programmes.tables import Goal, Milestone, Partner, Programme

MAY = "programmes.manage"
CARD = (
    "name", "kind", "about", "public_name", "brings", "call_name", "call_phone", "starts_on",
    "ends_on",
)  # fmt: skip
"""What a person may change of a programme."""

NEEDED = {
    "name": N_("Donnez un nom au programme."),
    "public_name": N_("Écrivez le nom que les ménages liront."),
    "brings": N_("Dites en une phrase ce que l’accompagnement apporte."),
}


def _checked(card: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: card[name] for name in CARD}
    wrong = {name: said for name, said in NEEDED.items() if not str(values[name]).strip()}
    if values["kind"] not in KINDS:
        wrong["kind"] = N_("Choisissez une réponse de la liste.")
    if values["starts_on"] is None:
        wrong["starts_on"] = N_("Indiquez une date.")
    elif values["ends_on"] is not None and values["ends_on"] < values["starts_on"]:
        wrong["ends_on"] = N_("La fin ne peut pas être avant le début.")
    if wrong:
        raise Invalid(wrong)
    return values


async def open_programme(unit: Unit, card: Mapping[str, Any]) -> str:
    """Open a programme; returns its reference. Raises Invalid with what is missing."""
    unit.require(MAY)
    values = _checked(card)
    made = Programme(ref=new_ref(), by=unit.actor.account_id, at=unit.now, **values)
    await made.save()
    unit.record(OPENED, subject=("programmes_programme", made.id), programme=values["name"])
    return str(made.ref)


async def change_programme(
    unit: Unit, programme_id: int, card: Mapping[str, Any], version: int
) -> None:
    """Change its card. Conflict when somebody else changed the same fields; Refused when an end
    is set while households are in it: each leaves by an act of its own, and is told."""
    unit.require(MAY)
    values = _checked(card)
    if values["ends_on"] is not None and await unit.value(
        """SELECT 1 FROM plugin_programmes.member
           WHERE programme_id = $1 AND (ends_on IS NULL OR ends_on > $2) LIMIT 1""",
        programme_id,
        values["ends_on"],
    ):
        raise Refused(N_("Des ménages sont encore dans ce programme : notez d’abord leur sortie."))
    changed = await change_row(
        unit, "plugin_programmes.programme", programme_id, version, values, CARD
    )
    if changed:
        unit.record(CHANGED, subject=("programmes_programme", programme_id), fields=sorted(changed))


async def add_partner(unit: Unit, programme_id: int, organisation_id: int, role: str) -> None:
    """An organisation takes part from today. Raises Invalid for one that is not at work here."""
    unit.require(MAY)
    wrong = {}
    if role not in ROLES:
        wrong["role"] = N_("Choisissez une réponse de la liste.")
    if not await unit.value(
        """SELECT 1 FROM territory_organisation
           WHERE organisation_id = $1 AND ends_on IS NULL""",
        organisation_id,
    ):
        wrong["organisation"] = N_("Choisissez une organisation de la liste.")
    if wrong:
        raise Invalid(wrong)
    await Partner(
        programme_id=programme_id, organisation_id=organisation_id, role=role,
        starts_on=unit.today, by=unit.actor.account_id, at=unit.now,
    ).save()  # fmt: skip
    unit.record(PARTNERED, subject=("programmes_programme", programme_id))


async def end_partner(unit: Unit, programme_id: int, partner_id: int) -> None:
    """An organisation no longer takes part, from today. Ending twice changes nothing."""
    unit.require(MAY)
    ended = await unit.value(
        """UPDATE plugin_programmes.partner
           SET ends_on = $3
           WHERE id = $2 AND programme_id = $1 AND ends_on IS NULL RETURNING id""",
        programme_id,
        partner_id,
        unit.today,
    )
    if ended:
        unit.record(PARTNERED, subject=("programmes_programme", programme_id))


async def set_goal(
    unit: Unit, programme_id: int, *, measure: str, target: int, due_on: date
) -> None:
    """A number to reach by a day; the goal that stood for that measure and day ends."""
    unit.require(MAY)
    if measure not in MEASURES:
        raise Invalid({"measure": N_("Choisissez une réponse de la liste.")})
    if target < 1:
        raise Invalid({"target": N_("Indiquez un nombre à atteindre.")})
    await unit.fetch(
        """UPDATE plugin_programmes.goal
           SET ended_at = $4, ended_by = $5
           WHERE programme_id = $1 AND measure = $2 AND due_on = $3 AND ended_at IS NULL""",
        programme_id,
        measure,
        due_on,
        unit.now,
        unit.actor.account_id,
    )
    await Goal(
        programme_id=programme_id, measure=measure, target=target, due_on=due_on,
        by=unit.actor.account_id, at=unit.now,
    ).save()  # fmt: skip
    unit.record(AIMED, subject=("programmes_programme", programme_id), measure=measure)


async def add_milestone(
    unit: Unit, programme_id: int, *, label: str, due_on: date, holder_id: int | None
) -> int:
    """What must be there by a day, and who sees to it; returns the milestone's id."""
    unit.require(MAY)
    if not label.strip():
        raise Invalid({"label": N_("Dites ce qui doit être fait.")})
    if holder_id is not None and not await works_here(unit, holder_id):
        raise Invalid({"holder": N_("Choisissez une personne de la liste.")})
    made = Milestone(
        programme_id=programme_id, label=label.strip(), due_on=due_on, holder_id=holder_id,
        by=unit.actor.account_id, at=unit.now,
    )  # fmt: skip
    await made.save()
    unit.record(DUE, subject=("programmes_programme", programme_id))
    return int(made.id)


async def end_milestone(unit: Unit, programme_id: int, milestone_id: int, outcome: str) -> None:
    """A milestone is reached or given up, today. Raises Refused when it has ended already."""
    unit.require(MAY)
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": N_("Choisissez comment le jalon se termine.")})
    found = await unit.row(
        """SELECT ended_on FROM plugin_programmes.milestone
           WHERE id = $1 AND programme_id = $2 FOR UPDATE""",
        milestone_id,
        programme_id,
    )
    if found is None:
        raise NotFound()
    if found["ended_on"] is not None:
        raise Refused(N_("Ce jalon est déjà clos."))
    await unit.fetch(
        """UPDATE plugin_programmes.milestone
           SET ended_on = $2, outcome = $3, ended_by = $4 WHERE id = $1""",
        milestone_id,
        unit.today,
        outcome,
        unit.actor.account_id,
    )
    unit.record(SETTLED, subject=("programmes_programme", programme_id), outcome=outcome)
