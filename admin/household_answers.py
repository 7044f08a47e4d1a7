"""The four answers of a file's questions: shown, completed, kept with their author."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_file import words
from core.households.file_reads import answers_of, file_of
from core.households.people import age
from core.households.queries import household_id_of, members_on
from core.households.questions import SECTIONS, Question, asked_in
from core.households.scope import readable_classes
from core.households.service import set_answer
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.facts import rebuild_facts_of
from core.requests.lifecycle import ENDED
from core.territories.codes import code_list
from core.web.forms import ANSWERS, Form
from core.web.visit import Visit, Visiting

WRITE = "households.write"
STATE_NAMES = {state: name for name, state in ANSWERS.items()}
LONGEST = 2000
"""Characters of an answer in words."""


def _field(question: Question, person: Any = None) -> str:
    return f"q_{question.key}" + (f"_{person['ref']}" if person else "")


@dataclass(frozen=True)
class Asked:
    """One question put to one person, or to the household (`person` None)."""

    name: str
    question: Question
    person: Any = None


def concerned(question: Question, person: Any, on: date) -> bool:
    """Whether a member is asked this, by age, sex and place in the household."""
    years = age(person["birth"], on) if person["birth"] else None
    return question.concerns(years, person["sex"], child=person["role"] == "child")


def asked_of(
    members: list[Any], classes: Collection[str], on: date, answered: Container[Any] = (), *,
    country: str, in_request: bool = False,
) -> list[Asked]:  # fmt: skip
    """What this reader may fill in: what concerns each one, and what was answered whatever it is.

    `in_request`: a demande is open, which asks its own questions; else they are asked here, but
    for those that only a demande knows how to ask.
    """
    elsewhere = ("areas", "level") if not in_request else ()
    found = []
    for question in asked_in(country):
        if question.field_class not in classes or not question.asked:
            continue
        if question.asked == "request" and (in_request or question.kind in elsewhere):
            continue
        if question.about == "household":
            found.append(Asked(_field(question), question))
            continue
        found += [
            Asked(_field(question, person), question, person)
            for person in members
            if concerned(question, person, on) or (question.key, person["person_id"]) in answered
        ]
    return found


@dataclass(frozen=True)
class Group:
    """The questions of one person, or of the household, by section, and how far one is."""

    key: str
    person: Any
    sections: list[tuple[str, list[Asked]]]
    answered: int
    total: int
    open: bool


def grouped(asked: list[Asked], members: list[Any], known: Any, errors: Any) -> list[Group]:
    """The household's own questions first, then each person's; the first unfinished one is open,
    and any that holds a mistake."""
    groups: list[Group] = []
    begun = False
    for person in (None, *members):
        mine = [a for a in asked if a.person is person]
        if not mine:
            continue
        id_ = person["person_id"] if person else None
        done = sum((a.question.key, id_) in known for a in mine)
        wrong = any(a.name in errors or f"{a.name}_value" in errors for a in mine)
        here = wrong or (not begun and done < len(mine))
        begun = begun or done < len(mine)
        sections = [
            (label, [a for a in mine if a.question.section == key])
            for key, label in SECTIONS.items()
        ]
        groups.append(
            Group(
                person["ref"] if person else "menage", person,
                [(label, fields) for label, fields in sections if fields], done, len(mine), here,
            )
        )  # fmt: skip
    return groups


@get("/menages/{ref:str}/reponses", opt={"permission": WRITE})
async def answers_form(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The questions that concern each one, with what was answered."""
    return await _show_answers(visit, ref)


def _open_request(requests: list[Any]) -> Any:
    return next((r for r in requests if r["state"] not in ENDED), None)


async def _show_answers(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        classes = await readable_classes(unit, household_id)
        known = await answers_of(unit, household_id, classes)
        context = words(visit, unit)
        today = unit.today
    request = _open_request(file.requests)
    asked = asked_of(
        file.members, classes, today, known,
        country=visit.ctx.place.country, in_request=request is not None,
    )  # fmt: skip
    values = {}
    for one in asked:
        held = known.get((one.question.key, one.person["person_id"] if one.person else None))
        if held:
            values[one.name] = STATE_NAMES.get(held["state"], "")
            values[f"{one.name}_value"] = _written(one.question, held["value"])
    groups = grouped(asked, file.members, known, form.errors if form else {})
    return visit.page(
        "admin/households/answers.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        form=form or visit.blank(values),
        groups=groups,
        answered=sum(g.answered for g in groups),
        total=sum(g.total for g in groups),
        request=request,
        options=lambda question: _options(visit, question),
        tab="notes",
        **context,
    )


def _options(visit: Visit, question: Question) -> list[tuple[Any, str]]:
    if question.kind == "codes":
        return list(code_list(question.codes).labels().items())
    return [(key, visit._(label)) for key, label in question.choices]


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
        known = await answers_of(unit, household_id, classes)
        for one in asked_of(members, classes, unit.today, known, country=visit.ctx.place.country):
            await _save_one(unit, household_id, form, one.name, one.question, one.person)
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
    elif state == ANSWERS["yes"] and question.kind == "codes":
        code = form.choice(typed, code_list(question.codes).labels())
        value = int(code) if code else None
    elif state == ANSWERS["yes"] and question.kind == "choices":
        value = form.choice(typed, dict(question.choices))
    elif state == ANSWERS["yes"]:
        # What an import noted beside a plain yes is kept, and may be corrected.
        value = form.text(typed, LONGEST) or None
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
