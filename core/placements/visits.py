"""Before a yes or a no: see the place, or ask. The clock says whether it stands still meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.service import write
from core.placements.answers import within_scope
from core.placements.clock import PENDING, is_late, run_again, stop
from core.placements.referrals import lock_referral, trace

VISIT_STATES = {
    "asked": (N_("Demandée, date à fixer"), N_("L’équipe cherche une date.")),
    "planned": (N_("Fixée"), N_("La visite est fixée.")),
    "held": (N_("Faite"), N_("La visite est faite.")),
    "missed": (N_("N’a pas eu lieu"), N_("La visite n’a pas eu lieu.")),
    "cancelled": (N_("Annulée"), N_("La visite est annulée.")),
}
"""A visit as professionals and as the household read it."""

NO_ANSWER = N_("Cette proposition n’attend plus de réponse.")
TOO_LATE = N_("Le délai de réponse est passé. Appelez votre référent.")
TWICE = N_("Une visite est déjà demandée.")
NO_VISIT = N_("Aucune visite n’est prévue pour ce lieu.")

ENDS = ("held", "missed", "cancelled")
LONGEST = 500


async def _lock_open(unit: Unit, referral_id: int) -> Mapping[str, Any]:
    """A proposal that may still be answered, and whose the actor may answer."""
    permission = (
        "referrals.answer_own"
        if unit.actor.kind in ("resident", "helper")
        else "referrals.answer_for_household"
    )
    unit.require(permission)
    row: Mapping[str, Any] = await lock_referral(unit, referral_id)
    await within_scope(unit, row, permission)
    if row["state"] != "proposed":
        raise Refused(NO_ANSWER)
    return row


async def ask_visit(unit: Unit, referral_id: int, wish: str = "") -> bool:
    """The household wants to see the place first; whether the clock stands still meanwhile.

    `wish`: when it can come, in its own words.
    """
    row = await _lock_open(unit, referral_id)
    if is_late(row, unit.now):
        raise Refused(TOO_LATE)
    if len(wish) > LONGEST:
        raise Invalid({"wish": N_("Ce texte est trop long.")})
    if await pending_visit(unit, referral_id):
        raise Refused(TWICE)
    await unit.fetch(
        "INSERT INTO referral_visit (referral_id, state, asked_at, asked_by, wish) "
        "VALUES ($1, 'asked', $2, $3, $4)",
        referral_id,
        unit.now,
        unit.actor.account_id,
        wish.strip(),
    )
    still = await stop(unit, row, "visit")
    await _told(unit, row, "visit:asked", "referral.visit_asked", author="household")
    return still


async def plan_visit(unit: Unit, referral_id: int, at: datetime, meeting: str = "") -> None:
    """When and where the visit is; another day may be set as long as it has not been."""
    row = await _lock_open(unit, referral_id)
    if unit.actor.kind in ("resident", "helper"):
        raise NotFound()
    visit = await _the_pending(unit, referral_id)
    if at <= unit.now:
        raise Invalid({"visit_at": N_("Indiquez une date à venir.")})
    await unit.fetch(
        "UPDATE referral_visit SET state = 'planned', visit_at = $2, meeting = $3, "
        "version = version + 1 WHERE id = $1",
        visit["id"],
        at,
        meeting.strip()[:LONGEST],
    )
    await _told(unit, row, "visit:planned", "referral.visit_planned")


async def end_visit(unit: Unit, referral_id: int, outcome: str) -> None:
    """The visit was made, was not, or is called off; then the clock runs again.

    One that did not take place costs nothing: the household still answers. It may call off its
    own, and only that.
    """
    row = await _lock_open(unit, referral_id)
    own = unit.actor.kind in ("resident", "helper")
    if outcome not in ENDS or (own and outcome != "cancelled"):
        raise Invalid({"outcome": N_("Choisissez une réponse de la liste.")})
    visit = await _the_pending(unit, referral_id)
    if outcome != "cancelled" and (visit["visit_at"] is None or visit["visit_at"] > unit.now):
        raise Refused(N_("Cette visite n’a pas encore eu lieu."))
    await unit.fetch(
        "UPDATE referral_visit SET state = $2, settled_at = $3, settled_by = $4, "
        "version = version + 1 WHERE id = $1",
        visit["id"],
        outcome,
        unit.now,
        unit.actor.account_id,
    )
    author = "household" if own else "siao"
    await _told(unit, row, f"visit:{outcome}", f"referral.visit_{outcome}", author=author)
    await run_again(unit, referral_id)


async def ask_question(unit: Unit, referral_id: int, person_id: int, text: str) -> bool:
    """The household asks before it answers: a message about this proposal, which the team answers
    among its others; whether the clock stands still until then."""
    row = await _lock_open(unit, referral_id)
    await write(unit, row["household_id"], person_id, "message", text, ("referral", referral_id))
    still = False if is_late(row, unit.now) else await stop(unit, row, "question")
    await trace(unit, referral_id, "question:asked", row["state"], author="household")
    return still


async def _told(
    unit: Unit, row: Mapping[str, Any], verb: str, event: str, author: str = "siao"
) -> None:
    await trace(unit, row["id"], verb, row["state"], author=author)
    unit.record(event, household_id=row["household_id"], subject=("referral", row["id"]))


async def pending_visit(unit: Unit, referral_id: int) -> Any:
    """The visit that is still to come; None when there is none."""
    return await unit.row(
        "SELECT * FROM referral_visit WHERE referral_id = $1 AND state = ANY($2)",
        referral_id,
        list(PENDING),
    )


async def visits_of(unit: Unit, referral_id: int) -> list[Any]:
    """Every visit of a proposal, the latest first."""
    return await unit.fetch(
        "SELECT * FROM referral_visit WHERE referral_id = $1 ORDER BY id DESC", referral_id
    )


async def _the_pending(unit: Unit, referral_id: int) -> Any:
    found = await pending_visit(unit, referral_id)
    if found is None:
        raise Refused(NO_VISIT)
    return found


_QUESTIONS = """
SELECT x.ref, x.text, x.written_at, x.answer, x.answered_at, x.person_id FROM exchange x
WHERE x.about_kind = 'referral' AND x.about_id = $1 ORDER BY x.id DESC
"""


async def questions_of(unit: Unit, referral_id: int, *, person_id: int | None = None) -> list[Any]:
    """Questions asked about a proposal, the latest first; `person_id`: those of one person only,
    since what an adult writes is not for the other."""
    rows = await unit.fetch(_QUESTIONS, referral_id)
    return [r for r in rows if person_id is None or r["person_id"] == person_id]
