"""The notes of a file and its answers, each with its author and its day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.answer_words import day_of, said
from admin.household_answers import concerned
from admin.household_file import ROWS, options, words
from core.households.file_reads import answers_of, file_of, notes_of
from core.households.people import ANSWER_LABELS
from core.households.queries import household_id_of
from core.households.questions import QUESTIONS, Question, asked_in
from core.households.scope import opens, readable_classes
from core.kernel.unit import Unit
from core.requests.queries import areas
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting

UNNAMED = Question("", "", "", "health")
"""An answer under a key that the catalogue does not hold (of a plugin that is off, say): it exists
for those who may read everything, and its key is never shown."""


def _rows(
    visit: Visit, answers: Mapping[Any, Any], members: list[Any], places: Mapping[int, str]
) -> list[dict[str, Any]]:
    """The answers as lines, in the catalogue's order; what may not be read has no words here."""
    people = {m["person_id"]: m["given_name"] for m in members}
    order = {key: n for n, key in enumerate(QUESTIONS)}
    rank = {id_: n for n, id_ in enumerate(people)}
    found = []
    for (key, person_id), answer in sorted(
        answers.items(),
        key=lambda item: (order.get(item[0][0], len(order)), rank.get(item[0][1], -1)),
    ):
        question = QUESTIONS.get(key, UNNAMED)
        if person_id is not None and person_id not in people:
            continue
        hidden = answer["state"] is None or question is UNNAMED
        text = None if hidden else said(visit, question, answer, places)
        found.append(
            {
                "hidden": hidden,
                "label": visit._(question.label) if question.label else "",
                "field_class": question.field_class,
                "person": people.get(person_id),
                "said": text,
                "day": day_of(answer["value"]) if not hidden and question.kind == "date" else None,
                "answer": answer,
            }
        )
    return found


async def show_notes(
    visit: Visit, ref: str, form: Form | None = None, opened: str = "", status: int = 200
) -> Response[str]:
    """Notes by class and the answers, each with its author."""
    asked = str(visit.request.query_params.get("apres", ""))
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        mine = await readable_classes(unit, household_id)
        may_write = await opens(unit, household_id, "households.write")
        notes = await notes_of(unit, household_id, mine, after=whole(asked), limit=ROWS)
        answers = await answers_of(unit, household_id, mine)
        places = await _places(unit, answers)
        context = words(visit, unit)
        today = unit.today
    more = len(notes) > ROWS
    unasked = [
        (visit._(q.label), m["given_name"] if m else None)
        for q in asked_in(visit.ctx.place.country)
        if q.field_class in mine and q.asked
        for m in (file.members if q.about == "person" else [None])
        if (q.key, m["person_id"] if m else None) not in answers
        and (m is None or concerned(q, m, today))
    ]
    return visit.page(
        "admin/households/notes.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        notes=notes[:ROWS],
        next_href=visit.href(f"/menages/{ref}/notes?apres={notes[ROWS - 1]['id']}")
        if more
        else None,
        shown=_rows(visit, answers, file.members, places),
        unasked=unasked,
        answer_labels=ANSWER_LABELS,
        form=form or visit.blank(),
        opened=opened,
        may_write=may_write,
        tab="notes",
        **options(visit, file.members, [], mine),
        **context,
    )


async def _places(unit: Unit, answers: Mapping[Any, Any]) -> dict[int, str]:
    """The names of communes, read only where an answer holds some."""
    if not any(QUESTIONS[key].kind == "areas" for key, _ in answers if key in QUESTIONS):
        return {}
    return {a["id"]: a["name"] for a in await areas(unit)}


@get("/menages/{ref:str}/notes", opt={"permission": "households.read"})
async def notes(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What workers wrote, and what was answered; what one may not read is said to exist."""
    return await show_notes(visit, ref)


HANDLERS = (notes,)
