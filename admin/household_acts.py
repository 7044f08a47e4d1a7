"""Small acts on a household's file: notes, questions, key workers, 115, help authorisations."""

from __future__ import annotations

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_file import act
from admin.household_notes import show_notes
from core.accounts.mandates import SCOPES, end_mandate, give_mandate
from core.households.queries import members_on
from core.households.service import (
    answer_question,
    ask_question,
    assign_key_worker,
    end_key_worker,
    hand_to_shelter,
    receive_from_shelter,
    settle_shelter,
    write_note,
)
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visiting

WRITE = "households.write"


def number(form: Form, name: str) -> int:
    """An id that the page itself put in a hidden or select field."""
    return whole(form.value(name)) or 0


async def _of(unit: Unit, table: str, row_id: int, household_id: int) -> None:
    """That this row is of this household: an id in a form is checked like one in an address."""
    held = await unit.value(
        {
            "field_question": "SELECT 1 FROM field_question WHERE id = $1 AND household_id = $2",
            "shelter_handover": "SELECT 1 FROM shelter_handover "
            "WHERE id = $1 AND household_id = $2",
            "mandate": "SELECT 1 FROM mandate d JOIN membership m ON m.person_id = d.person_id "
            "WHERE d.id = $1 AND m.household_id = $2",
        }[table],
        row_id,
        household_id,
    )
    if not held:
        raise NotFound()


async def member_id(unit: Unit, household_id: int, ref: str) -> int | None:
    """The member of that reference, None for an empty one; NotFound for somebody else's."""
    if not ref:
        return None
    for member in await members_on(unit, household_id, unit.today):
        if member["ref"] == ref:
            return int(member["person_id"])
    raise NotFound()


@post("/menages/{ref:str}/notes", opt={"permission": WRITE})
async def add_note(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A note of a class, about one person or the household."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        await write_note(
            unit,
            household_id,
            form.text("note_text", 10_000),
            field_class=form.value("note_class") or "social",
            person_id=await member_id(unit, household_id, form.value("note_person")),
        )
        form.check()

    return await act(visit, ref, "note", work, N_("La note est ajoutée."), show_notes, "/notes")


@post("/menages/{ref:str}/questions", opt={"permission": WRITE})
async def ask(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Put a question on a field to the key worker."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        await ask_question(
            unit,
            household_id,
            form.value("question_field"),
            form.text("question_text"),
            to_account_id=number(form, "question_to") or None,
        )

    return await act(visit, ref, "question", work, N_("La question est posée."))


@post("/menages/{ref:str}/questions/reponse", opt={"permission": WRITE})
async def reply(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Answer in place; the file does not move."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        question_id = number(form, "reply_question")
        await _of(unit, "field_question", question_id, household_id)
        try:
            await answer_question(unit, question_id, form.text(f"reply_{question_id}"))
        except Invalid as error:
            raise Invalid({str(question_id): error.errors["answer"]}) from error

    return await act(visit, ref, "reply", work, N_("La réponse est enregistrée."))


@post("/menages/{ref:str}/referent", opt={"permission": WRITE})
async def name_key_worker(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Name a key worker, or end one."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        role = form.value("worker_role")
        if form.value("worker_end"):
            unit.require("households.hand_over")
            await end_key_worker(unit, household_id, role, on=unit.today, why="ended")
            return
        account_id = number(form, "worker_account")
        if not account_id:
            raise Invalid({"account": N_("Choisissez une personne.")})
        await assign_key_worker(
            unit, household_id, account_id, role=role, starts_on=form.date("worker_from")
        )
        form.check()

    return await act(visit, ref, "worker", work, N_("Le ménage est informé de son référent."))


@post("/menages/{ref:str}/115", opt={"permission": WRITE})
async def hand(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Hand the file to the 115, or note that it comes from there."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        verb = receive_from_shelter if form.value("shelter_way") == "from" else hand_to_shelter
        await verb(unit, household_id, form.text("shelter_need", 500))

    return await act(visit, ref, "shelter", work, N_("La transmission est notée."))


@post("/menages/{ref:str}/115/suite", opt={"permission": WRITE})
async def settle(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What became of it."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        handover_id = number(form, "settle_id")
        await _of(unit, "shelter_handover", handover_id, household_id)
        words = form.text("settle_words", 500)
        await settle_shelter(unit, handover_id, form.value("settle_outcome"), words=words)

    return await act(visit, ref, "settle", work, N_("La suite est notée."))


@post("/menages/{ref:str}/autorisations", opt={"permission": WRITE})
async def allow(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Note that a person lets a worker act with them."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        person_id = await member_id(unit, household_id, form.value("mandate_person"))
        account_id = number(form, "mandate_account")
        ends_on = form.date("mandate_ends_on", required=True)
        if person_id is None:
            form.wrong("mandate_person", N_("Choisissez une personne."))
        if not account_id:
            form.wrong("mandate_account", N_("Choisissez une personne."))
        form.check()
        assert person_id is not None and ends_on is not None
        await give_mandate(
            unit,
            person_id,
            account_id,
            [s for s in form.all("mandate_scope") if s in SCOPES],
            ends_on=ends_on,
            given_how=form.text("mandate_given_how", 300),
            household_id=household_id,
        )

    return await act(visit, ref, "mandate", work, N_("L’autorisation est notée."))


@post("/menages/{ref:str}/autorisations/fin", opt={"permission": WRITE})
async def disallow(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The person stops the help."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        mandate_id = number(form, "mandate_id")
        await _of(unit, "mandate", mandate_id, household_id)
        await end_mandate(unit, mandate_id, household_id=household_id)

    return await act(visit, ref, "mandate", work, N_("L’autorisation est terminée."))


HANDLERS = (add_note, ask, reply, name_key_worker, hand, settle, allow, disallow)
