"""Traced handover of a household to and from emergency sheltering (115), with its outcome."""

from __future__ import annotations

from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

OUTCOMES = {
    "sheltered": N_("Mise à l’abri"),
    "no_place": N_("Pas de place"),
    "not_reached": N_("Ménage non joint"),
    "declined": N_("Le ménage n’a pas souhaité"),
    "taken_over": N_("Dossier repris par l’équipe"),
    "other": N_("Autre suite"),
}
"""What became of a handover. A refusal for want of a place is counted as such, never hidden."""


async def hand_to_shelter(unit: Unit, household_id: int, need: str) -> int:
    """Hand the file to the 115 with the need in a few words. One open handover at a time."""
    return await _open(unit, household_id, "to", need, "shelter.handed")


async def receive_from_shelter(unit: Unit, household_id: int, need: str) -> int:
    """Note that the 115 hands a household over to this team."""
    return await _open(unit, household_id, "from", need, "shelter.received")


async def _open(unit: Unit, household_id: int, direction: str, need: str, event: str) -> int:
    unit.require("households.write")
    if not need.strip():
        raise Invalid({"need": N_("Indiquez le besoin en quelques mots.")})
    await unit.fetch("SELECT 1 FROM household WHERE id = $1 FOR UPDATE", household_id)
    if await unit.value(
        "SELECT 1 FROM shelter_handover WHERE household_id = $1 AND settled_at IS NULL",
        household_id,
    ):
        raise Refused(N_("Une transmission avec le 115 attend déjà sa suite."))
    handover_id = await unit.value(
        "INSERT INTO shelter_handover (household_id, direction, need, asked_at, asked_by) "
        "VALUES ($1, $2, $3, $4, $5) RETURNING id",
        household_id,
        direction,
        need.strip(),
        unit.now,
        unit.actor.account_id,
    )
    unit.record(event, household_id=household_id, subject=("shelter_handover", handover_id))
    return int(handover_id)


async def settle_shelter(unit: Unit, handover_id: int, outcome: str, *, words: str = "") -> None:
    """Note what became of it (a key of `OUTCOMES`), once."""
    unit.require("households.write")
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": N_("Choisissez une réponse de la liste.")})
    row = await unit.row(
        "SELECT household_id, settled_at FROM shelter_handover WHERE id = $1 FOR UPDATE",
        handover_id,
    )
    if row is None:
        raise NotFound()
    if row["settled_at"] is not None:
        raise Refused(N_("La suite de cette transmission est déjà notée."))
    await unit.fetch(
        "UPDATE shelter_handover SET outcome = $2, outcome_text = $3, settled_at = $4, "
        "settled_by = $5 WHERE id = $1",
        handover_id,
        outcome,
        words.strip(),
        unit.now,
        unit.actor.account_id,
    )
    unit.record(
        "shelter.settled",
        household_id=row["household_id"],
        subject=("shelter_handover", handover_id),
        outcome=outcome,
    )
