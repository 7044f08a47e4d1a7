"""Changing a household or a person: two people at once compare field by field, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_acts import member_id
from admin.household_file import ROLES, SEXES, words
from core.households.file_reads import file_of
from core.households.queries import household_id_of
from core.households.service import (
    NewPerson,
    add_member,
    change_household,
    change_person,
    create_person,
    set_situation,
)
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import LANGUAGES, N_
from core.requests.facts import rebuild_facts_of
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

WRITE = "households.write"
LABELS = {
    "family_name": N_("Nom"),
    "given_name": N_("Prénom"),
    "usual_name": N_("Nom d’usage"),
    "birth": N_("Date de naissance"),
    "sex": N_("Sexe"),
    "phone": N_("Téléphone"),
    "email": N_("Courriel"),
    "language": N_("Langue"),
    "external_no": N_("Numéro SI-SIAO"),
    "sector_id": N_("Secteur"),
    "address": N_("Adresse"),
}
_SECTORS = "SELECT id, name FROM sector WHERE ended_on IS NULL ORDER BY name"


def _text(value: Any) -> str:
    """A value as its field holds it."""
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def _person_fields(form: Form) -> dict[str, Any]:
    sex = form.choice("sex", SEXES)
    return {
        "family_name": form.required("family_name", N_("Indiquez un nom.")),
        "given_name": form.text("given_name", 200),
        "usual_name": form.text("usual_name", 200),
        "birth": form.date("birth"),
        "sex": int(sex) if sex else None,
        "phone": form.text("phone", 50),
        "email": form.text("email", 200),
        "language": form.value("language") or "fr",
        "external_no": form.text("external_no", 50) or None,
    }


def _compared(visit: Visit, form: Form, error: Conflict, shown: Mapping[Any, Any]) -> list[Any]:
    """(label, theirs, mine) for each field that differs; the form then holds the new version."""
    rows = []
    for name, label in LABELS.items():
        if name in error.theirs and _text(error.theirs[name]) != form.value(name):
            theirs, mine = _text(error.theirs[name]), form.value(name)
            say = shown if name in ("sex", "sector_id") else {}
            rows.append((visit._(label), say.get(theirs, theirs), say.get(mine, mine)))
    return rows


def _next(form: Form, error: Conflict) -> Form:
    """The same answers over the version that stands now: sending again is a choice made knowing."""
    values = {**form.dump(), "version": [str(error.theirs["version"])]}
    return Form(values, csrf=form.csrf)


def _version(form: Form) -> int:
    return form.integer("version", 1, 10**9) or 0


# -- the household ----------------------------------------------------------------------------


async def _household_page(
    visit: Visit, ref: str, form: Form | None = None, compared: Any = (), status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        sectors = [(r["id"], r["name"]) for r in await unit.fetch(_SECTORS)]
        context = words(visit, unit)
    h = file.household
    names = ("sector_id", "external_no", "phone", "email", "address", "language", "version")
    return visit.page(
        "admin/households/edit.html",
        status=status,
        file=file,
        h=h,
        main=next((m for m in file.members if m["role"] == "main"), None),
        form=form or visit.blank({n: _text(h[n]) for n in names}),
        compared=compared,
        sectors=sectors,
        languages=list(LANGUAGES.items()),
        tab="file",
        **context,
    )


@get("/menages/{ref:str}/modifier", opt={"permission": WRITE})
async def edit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """How the household is reached, its sector, its number."""
    return await _household_page(visit, ref)


@post("/menages/{ref:str}/modifier", opt={"permission": WRITE})
async def save(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Keep it; somebody else's change in between is shown beside."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        allowed = {r["id"] for r in await unit.fetch(_SECTORS)}
        sector = form.choice("sector_id", allowed)
        fields = {
            "sector_id": int(sector) if sector else None,
            "external_no": form.text("external_no", 50) or None,
            "phone": form.text("phone", 50),
            "email": form.text("email", 200),
            "address": form.text("address", 500),
            "language": form.value("language") or "fr",
        }
        version = _version(form)
        form.check()
        await change_household(unit, household_id, version, **fields)
        return {}

    try:
        await visit.once(form, "households.change", work)
    except Invalid as error:
        return await _household_page(visit, ref, keep(visit, form, error), status=422)
    except Conflict as error:
        if not error.theirs:
            raise
        async with visit.ctx.unit() as unit:
            shown = {str(r["id"]): r["name"] for r in await unit.fetch(_SECTORS)}
        rows = _compared(visit, form, error, shown)
        return await _household_page(visit, ref, _next(form, error), rows, 409)
    return visit.to(f"/menages/{ref}", N_("Le dossier est enregistré."))


# -- a person ---------------------------------------------------------------------------------


async def _person_page(
    visit: Visit,
    ref: str,
    person: str,
    form: Form | None = None,
    compared: Any = (),
    status: int = 200,
    situation: Form | None = None,
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        context = words(visit, unit)
        past = await unit.fetch(_PAST, household_id, person)
    member = next((m for m in file.members if m["ref"] == person), None)
    if member is None:
        raise NotFound()
    labels = code_list("residential_situation").labels()
    return visit.page(
        "admin/households/person.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        m=member,
        form=form or visit.blank({n: _text(member[n]) for n in (*_PERSON, "version")}),
        situation_form=situation or visit.blank(),
        situation_options=list(labels.items()),
        compared=compared,
        past=past,
        labels=LABELS,
        sex_options=[(key, visit._(label)) for key, label in SEXES.items()],
        languages=list(LANGUAGES.items()),
        tab="file",
        **context,
    )


_PERSON = (
    "family_name", "given_name", "usual_name", "birth", "sex", "phone", "email", "language",
    "external_no",
)  # fmt: skip
_PAST = """
SELECT v.replaced_at, a.name, (SELECT array_agg(k) FROM jsonb_object_keys(v.held) k) AS fields
FROM past_version v LEFT JOIN account a ON a.id = v.replaced_by
WHERE v.household_id = $1 AND v.kind = 'person'
  AND v.row_id = (SELECT id FROM person WHERE ref = $2) ORDER BY v.id DESC LIMIT 20
"""


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

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        person_id = await member_id(unit, household_id, person)
        fields, version = _person_fields(form), _version(form)
        form.check()
        assert person_id is not None
        await change_person(unit, person_id, version, **fields)
        await rebuild_facts_of(unit, household_id)
        return {}

    try:
        await visit.once(form, "households.person", work)
    except Invalid as error:
        return await _person_page(visit, ref, person, keep(visit, form, error), status=422)
    except Conflict as error:
        if not error.theirs:
            raise
        rows = _compared(visit, form, error, {str(k): visit._(v) for k, v in SEXES.items()})
        return await _person_page(visit, ref, person, _next(form, error), rows, 409)
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


HANDLERS = (edit, save, person, save_person, save_situation)
