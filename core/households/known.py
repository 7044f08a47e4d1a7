"""What is known of people, over time: situations, answers, notes. Nothing is overwritten."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from core.extension.permissions import FIELD_CLASSES
from core.households.external import to_report
from core.households.people import AnswerState
from core.households.questions import QUESTIONS
from core.households.scope import require_class
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.codes import code_list

TAKEN_BACK = 0
"""The state of a row that takes an answer back: the question is not asked again."""

_CURRENT_HOUSEHOLD = """
SELECT household_id FROM membership WHERE person_id = $1
ORDER BY (ends_on IS NULL OR ends_on > $2) DESC, starts_on DESC, id DESC LIMIT 1
"""


async def set_situation(
    unit: Unit, person_id: int, code: int, *, starts_on: date, source: str = ""
) -> None:
    """Where a person lives from a day on (SI-SIAO code); what was before ends that day.

    A date before a known period opens an earlier one that ends where the known one starts.
    """
    unit.require("households.write")
    labels = code_list("residential_situation").labels()
    if code not in labels:
        raise Invalid({"code": N_("Choisissez une réponse de la liste.")})
    if starts_on > unit.today:
        raise Invalid({"starts_on": N_("Cette date est dans l’avenir.")})
    household_id = await unit.value(_CURRENT_HOUSEHOLD, person_id, unit.today)
    if household_id is None:
        raise NotFound()
    await unit.fetch("SELECT 1 FROM person WHERE id = $1 FOR UPDATE", person_id)
    held = await unit.row(
        "SELECT id, code FROM situation WHERE person_id = $1 AND starts_on <= $2 "
        "AND (ends_on IS NULL OR ends_on > $2) ORDER BY starts_on DESC, id DESC LIMIT 1",
        person_id,
        starts_on,
    )
    if held and held["code"] == code:
        return
    until = await unit.value(
        "SELECT min(starts_on) FROM situation WHERE person_id = $1 AND starts_on > $2 "
        "AND (ends_on IS NULL OR ends_on > starts_on)",
        person_id,
        starts_on,
    )
    await unit.fetch(
        "UPDATE situation SET ends_on = $3 WHERE person_id = $1 AND starts_on <= $2 "
        "AND (ends_on IS NULL OR ends_on > $2)",
        person_id,
        starts_on,
        starts_on,
    )
    await unit.fetch(
        "INSERT INTO situation (person_id, code, starts_on, ends_on, source, by, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        person_id,
        code,
        starts_on,
        until,
        source,
        unit.actor.account_id,
        unit.now,
    )
    unit.record("person.situation", household_id=household_id, person_id=person_id, code=code)
    if until is None:
        name = await unit.value(
            "SELECT family_name || ' ' || given_name FROM person WHERE id = $1", person_id
        )
        text = f"{name} – situation : {labels[code]} ({code}), depuis le {starts_on:%d/%m/%Y}"
        await to_report(unit, household_id, "situation", text)


async def set_answer(
    unit: Unit,
    household_id: int,
    question: str,
    state: int | None,
    *,
    value: Any = None,
    person_id: int | None = None,
    field_class: str = "social",
    source: str = "",
) -> None:
    """Note an answer: 1 yes or given, 2 no, 3 refused to answer, 4 unknown; the latest holds.

    A question of the catalogue keeps its own class whatever is passed. A repeated answer writes
    nothing; None takes a former answer back, and the question counts as not asked again.
    """
    known = QUESTIONS.get(question)
    field_class = known.field_class if known else field_class
    unit.require("households.write")
    await require_class(unit, household_id, field_class)
    if state is not None and state not in set(AnswerState):
        raise Invalid({question: N_("Choisissez une réponse.")})
    kept = msgspec.json.encode(value).decode() if value is not None and state == 1 else None
    latest = await unit.row(
        "SELECT state, value FROM answer WHERE household_id = $1 AND question = $2 "
        "AND person_id IS NOT DISTINCT FROM $3 ORDER BY id DESC LIMIT 1",
        household_id,
        question,
        person_id,
    )
    standing = latest["state"] if latest else TAKEN_BACK
    if standing == (state or TAKEN_BACK) and (not latest or _same(latest["value"], kept)):
        return
    await unit.fetch(
        "INSERT INTO answer (household_id, person_id, question, field_class, state, value, "
        "source, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        household_id,
        person_id,
        question,
        field_class,
        state or TAKEN_BACK,
        kept,
        source,
        unit.actor.account_id,
        unit.now,
    )
    # The kind of question may itself be a confidence: the journal keeps the fact, not its name.
    unit.record("answer.given", household_id=household_id, person_id=person_id)


def _same(stored: str | None, kept: str | None) -> bool:
    if stored is None or kept is None:
        return stored is kept
    return bool(msgspec.json.decode(stored) == msgspec.json.decode(kept))


async def write_note(
    unit: Unit,
    household_id: int,
    text: str,
    *,
    field_class: str = "social",
    person_id: int | None = None,
) -> int:
    """Add a note to a file; its class says who may read it. A note is never edited."""
    unit.require("households.write")
    if field_class not in FIELD_CLASSES:
        raise Invalid({"field_class": N_("Choisissez une réponse de la liste.")})
    await require_class(unit, household_id, field_class)
    if not text.strip():
        raise Invalid({"text": N_("Écrivez la note avant de l’enregistrer.")})
    note_id = await unit.value(
        "INSERT INTO note (household_id, person_id, field_class, text, by, at) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        household_id,
        person_id,
        field_class,
        text.strip(),
        unit.actor.account_id,
        unit.now,
    )
    unit.record("note.written", household_id=household_id, person_id=person_id)
    return int(note_id)
