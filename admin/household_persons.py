"""A person of a household: their card, where they live, and one person more."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, Choices, version_of
from admin.household_acts import member_id
from admin.household_file import ROLES, SEXES, words
from core.households.file_reads import file_of
from core.households.queries import household_id_of
from core.households.service import (
    NewPerson,
    add_member,
    change_person,
    create_person,
    set_situation,
)
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import LANGUAGES, N_
from core.notifications.contacts import choice_of, say_contact
from core.notifications.reach import OUTSIDE
from core.notifications.rules import CHANNELS
from core.requests.facts import rebuild_facts_of
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

WRITE = "households.write"
CARD = Card(
    {
        "family_name": N_("Nom"),
        "given_name": N_("Prénom"),
        "usual_name": N_("Nom d’usage"),
        "birth": N_("Date de naissance"),
        "sex": N_("Sexe"),
        "phone": N_("Téléphone"),
        "email": N_("Courriel"),
        "language": N_("Langue"),
        "external_no": N_("Numéro SI-SIAO"),
    },
    days=frozenset({"birth"}),
)


def _choices(visit: Visit) -> Choices:
    return {"sex": {key: visit._(label) for key, label in SEXES.items()}, "language": LANGUAGES}


def _person_fields(form: Form) -> dict[str, Any]:
    sex = form.choice("sex", SEXES)
    return {
        "family_name": form.required("family_name", N_("Indiquez un nom.")),
        "given_name": form.text("given_name", 200),
        "usual_name": form.text("usual_name", 200),
        "birth": form.date("birth"),
        "sex": int(sex) if sex else None,
        "phone": form.phone("phone"),
        "email": form.email("email"),
        "language": form.choice("language", LANGUAGES) or "fr",
        "external_no": form.text("external_no", 50) or None,
    }


async def _person_page(
    visit: Visit,
    ref: str,
    person: str,
    form: Form | None = None,
    compared: Any = (),
    status: int = 200,
    situation: Form | None = None,
    contact: Form | None = None,
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        context = words(visit, unit)
        member = next((m for m in file.members if m["ref"] == person), None)
        if member is None:
            raise NotFound()
        choice = await choice_of(unit, member["person_id"])
        past = await card_changes(unit, "person", {member["person_id"]: member}, CARD.labels)
    labels = code_list("residential_situation").labels()
    return visit.page(
        "admin/households/person.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        m=member,
        form=form or visit.blank({n: member[n] for n in (*CARD.labels, "version")}),
        situation_form=situation or visit.blank(),
        situation_options=list(labels.items()),
        choice=choice,
        contact_form=contact or visit.blank(_contact(choice)),
        reach_options=[(k, visit._(CHANNELS[k])) for k in OUTSIDE],
        channels=CHANNELS,
        compared=compared,
        past=CARD.told(visit, past, _choices(visit)),
        sex_options=[(key, visit._(label)) for key, label in SEXES.items()],
        languages=list(LANGUAGES.items()),
        tab="file",
        **context,
    )


@get("/menages/{ref:str}/personnes/{person:str}", opt={"permission": WRITE})
async def person(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """A person's card; `nouvelle` is an empty one."""
    if person == "nouvelle":
        return await _new_page(visit, ref)
    return await _person_page(visit, ref, person)


@post("/menages/{ref:str}/personnes/{person:str}", opt={"permission": WRITE})
async def save_person(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """Keep what changed; the second of two editors compares."""
    if person == "nouvelle":
        return await _add(visit, ref)
    form = await visit.form()
    fields = _person_fields(form)

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        person_id = await member_id(unit, household_id, person)
        form.check()
        assert person_id is not None
        await change_person(unit, person_id, version_of(form), **fields)
        await rebuild_facts_of(unit, household_id)
        return {}

    try:
        await visit.once(form, "households.person", work)
    except Invalid as error:
        return await _person_page(visit, ref, person, keep(visit, form, error), status=422)
    except Conflict as error:
        rows = CARD.compared(visit, error, fields, _choices(visit))
        return await _person_page(
            visit, ref, person, CARD.upon(form, error, error.theirs), rows, 409
        )
    return visit.to(f"/menages/{ref}", N_("La fiche est enregistrée."))


@post("/menages/{ref:str}/personnes/{person:str}/situation", opt={"permission": WRITE})
async def save_situation(
    visit: Visiting, ref: FromPath[str], person: FromPath[str]
) -> Response[str]:
    """Where a person lives from a day on."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        person_id = await member_id(unit, household_id, person)
        labels = code_list("residential_situation").labels()
        code = form.choice("code", labels, required=True)
        starts_on = form.date("starts_on", required=True)
        source = form.text("source", 200)
        form.check()
        assert person_id is not None and code is not None and starts_on is not None
        await set_situation(unit, person_id, int(code), starts_on=starts_on, source=source)
        return {}

    try:
        await visit.once(form, "households.situation", work)
    except Invalid as error:
        keep(visit, form, error)
        return await _person_page(visit, ref, person, situation=form, status=422)
    return visit.to(f"/menages/{ref}", N_("La situation est notée."))


def _contact(choice: Any) -> dict[str, Any]:
    """What was last said of how to reach the person, as its form holds it."""
    if choice is None:
        return {}
    first, second = [*choice["prefers"], "", ""][:2]
    return {"first": first, "second": second, "unsafe": choice["unsafe"], "note": choice["note"]}


@post("/menages/{ref:str}/personnes/{person:str}/joindre", opt={"permission": WRITE})
async def save_contact(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """How the person said to be reached, and by what never."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        person_id = await member_id(unit, household_id, person)
        wanted = [form.choice(name, OUTSIDE) for name in ("first", "second")]
        note = form.text("note", 500)
        form.check()
        assert person_id is not None
        await say_contact(
            unit, person_id, prefers=[c for c in wanted if c], unsafe=form.all("unsafe"), note=note
        )
        return {}

    try:
        await visit.once(form, "households.contact", work)
    except Invalid as error:
        keep(visit, form, error)
        if "prefers" in form.errors:
            form.errors["first"] = form.errors.pop("prefers")
        return await _person_page(visit, ref, person, contact=form, status=422)
    return visit.to(f"/menages/{ref}", N_("La façon de joindre la personne est notée."))


# -- one more person --------------------------------------------------------------------------


async def _new_page(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        context = words(visit, unit)
    return visit.page(
        "admin/households/new_person.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        form=form or visit.blank(language="fr"),
        sex_options=[(key, visit._(label)) for key, label in SEXES.items()],
        role_options=[(k, visit._(v)) for k, v in ROLES.items() if k != "main"],
        languages=list(LANGUAGES.items()),
        tab="file",
        **context,
    )


async def _add(visit: Visit, ref: str) -> Response[str]:
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        role = form.choice("role", [r for r in ROLES if r != "main"], required=True)
        starts_on = form.date("starts_on") or unit.today
        fields = _person_fields(form)
        form.check()
        del fields["usual_name"]
        new = NewPerson(**fields, role=role or "other", shared_custody=bool(form.value("shared")))
        person_id = await create_person(unit, new)
        await add_member(
            unit, household_id, person_id, new.role, starts_on, shared_custody=new.shared_custody
        )
        await rebuild_facts_of(unit, household_id)
        return {}

    try:
        await visit.once(form, "households.member", work)
    except Invalid as error:
        return await _new_page(visit, ref, keep(visit, form, error), 422)
    return visit.to(f"/menages/{ref}", N_("La personne est ajoutée au ménage."))


HANDLERS = (person, save_person, save_situation, save_contact)
