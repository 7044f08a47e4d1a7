"""A question on one field of a file, put to the key worker and answered in place."""

from __future__ import annotations

from core.accounts.team import NOT_HERE, works_here
from core.households.questions import QUESTIONS
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_


async def ask_question(
    unit: Unit, household_id: int, question: str, text: str, *, to_account_id: int | None = None
) -> int:
    """Ask about a field (`question`, its key; "" for the file as a whole). Returns the id.

    It goes to the prescriber's key worker, who knows the household best, else to the team's.
    """
    unit.require("households.write")
    if not text.strip():
        raise Invalid({"text": N_("Écrivez votre question.")})
    if question and question not in QUESTIONS:
        # A field without a class would show its words to everybody.
        raise Refused(N_("Cette question ne porte sur aucune donnée connue."))
    if to_account_id is not None and not await works_here(unit, to_account_id):
        raise Refused(NOT_HERE)
    if to_account_id is None:
        to_account_id = await unit.value(
            "SELECT account_id FROM key_worker WHERE household_id = $1 AND starts_on <= $2 "
            "AND (ends_on IS NULL OR ends_on > $2) AND account_id <> $3 "
            "ORDER BY role = 'prescriber' DESC LIMIT 1",
            household_id,
            unit.today,
            unit.actor.account_id or 0,
        )
    if to_account_id is None:
        raise Refused(N_("Ce ménage n’a pas d’autre référent à qui poser la question."))
    question_id = await unit.value(
        "INSERT INTO field_question (household_id, question, text, asked_by, asked_at, "
        "to_account_id) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        household_id,
        question,
        text.strip(),
        unit.actor.account_id,
        unit.now,
        to_account_id,
    )
    unit.record(
        "question.asked",
        household_id=household_id,
        subject=("field_question", question_id),
        to_account=to_account_id,
    )
    return int(question_id)


async def answer_question(unit: Unit, question_id: int, text: str) -> int:
    """Answer once, signed; the file stays where it is. Returns the household's id."""
    unit.require("households.write")
    if not text.strip():
        raise Invalid({"answer": N_("Écrivez votre réponse.")})
    row = await unit.row(
        "SELECT household_id, answered_at FROM field_question WHERE id = $1 FOR UPDATE", question_id
    )
    if row is None:
        raise NotFound()
    if row["answered_at"] is not None:
        raise Refused(N_("Cette question a déjà une réponse."))
    await unit.fetch(
        "UPDATE field_question SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1",
        question_id,
        text.strip(),
        unit.actor.account_id,
        unit.now,
    )
    unit.record(
        "question.answered",
        household_id=row["household_id"],
        subject=("field_question", question_id),
    )
    return int(row["household_id"])
