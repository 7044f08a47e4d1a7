"""The four answers of a file's questions: shown, completed, kept with their author."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_file import words
from core.households.file_reads import answers_of, file_of
from core.households.queries import household_id_of, members_on
from core.households.questions import QUESTIONS, Question
from core.households.scope import readable_classes
from core.households.service import set_answer
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.facts import rebuild_facts_of
from core.web.forms import ANSWERS, Form
from core.web.visit import Visit, Visiting

WRITE = "households.write"
STATE_NAMES = {state: name for name, state in ANSWERS.items()}


def _field(question: Question, person: Any = None) -> str:
    return f"q_{question.key}" + (f"_{person['ref']}" if person else "")


def asked_of(members: list[Any], classes: Collection[str]) -> list[tuple[str, Question, Any]]:
    """Every (field name, question, member or None) that this reader may fill in."""
    return [
        (_field(question, person), question, person)
        for question in QUESTIONS.values()
        if question.field_class in classes
        for person in (members if question.about == "person" else [None])
    ]


@get("/menages/{ref:str}/reponses", opt={"permission": WRITE})
async def answers_form(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Every question one may ask, with what was answered."""
    return await _show_answers(visit, ref)


async def _show_answers(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        classes = await readable_classes(unit, household_id)
        known = await answers_of(unit, household_id, classes)
        context = words(visit, unit)
    fields = asked_of(file.members, classes)
    values = {}
    for name, question, person in fields:
        held = known.get((question.key, person["person_id"] if person else None))
        if held:
            values[name] = STATE_NAMES.get(held["state"], "")
            values[f"{name}_value"] = _written(question, held["value"])
    return visit.page(
        "admin/households/answers.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        form=form or visit.blank(values),
        fields=fields,
        tab="notes",
        **context,
    )


def _written(question: Question, value: Any) -> str:
    if value is None:
        return ""
    return f"{value / 100:.2f}".replace(".", ",") if question.kind == "money" else str(value)


@post("/menages/{ref:str}/reponses", opt={"permission": WRITE})
async def save_answers(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Keep what changed; a question left alone stays as it was."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        members = await members_on(unit, household_id, unit.today)
        classes = await readable_classes(unit, household_id)
        for name, question, person in asked_of(members, classes):
            await _save_one(unit, household_id, form, name, question, person)
        form.check()
        # What matching reads follows in the same transaction.
        await rebuild_facts_of(unit, household_id)
        return {}

    try:
        await visit.once(form, "households.answers", work)
    except Invalid as error:
        form.errors.update({n: visit._(m) for n, m in error.errors.items()})
        return await _show_answers(visit, ref, form, 422)
    return visit.to(f"/menages/{ref}/notes", N_("Les réponses sont enregistrées."))


async def _save_one(
    unit: Unit, household_id: int, form: Form, name: str, question: Question, person: Any
) -> None:
    typed = f"{name}_value"
    if name not in set(form.names()) and not form.value(typed):
        return
    # A value typed without a tick is an answer given.
    state = form.answer(name) if form.value(name) or not form.value(typed) else ANSWERS["yes"]
    value: int | str | None = None
    if state == ANSWERS["yes"] and question.kind == "money":
        value = form.money(typed)
    elif state == ANSWERS["yes"] and question.kind == "date":
        day = form.date(typed)
        value = day.isoformat() if day else None
    elif state == ANSWERS["yes"] and question.kind == "words":
        value = form.text(typed, 200) or None
    if name in form.errors or typed in form.errors:
        return
    await set_answer(
        unit,
        household_id,
        question.key,
        state,
        value=value,
        person_id=person["person_id"] if person else None,
    )


HANDLERS = (answers_form, save_answers)
