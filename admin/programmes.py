"""One structure: its card, its kind over time, its places and their vacancies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, Choices, version_of
from admin.structures import card_of, conditions
from core.housing.labels import typology_labels
from core.housing.queries import areas, kinds_on, programme, programme_kinds, units_of
from core.housing.rules import VACANCY, Period, vacancy_days
from core.housing.service import change_kind, change_programme, preview_kind_change
from core.housing.vacancy_reads import frozen_periods, vacancies_of
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import ANSWERS, Form
from core.web.visit import Visit, Visiting, keep

ANSWER_NAMES = {number: name for name, number in ANSWERS.items()}
CARD = Card(
    {
        "name": N_("Nom"),
        "area_id": N_("Commune"),
        "address": N_("Adresse"),
        "phone": N_("Téléphone"),
        "description": N_("Description"),
        "house_rules": N_("Règles de vie"),
        "animals": N_("Animaux acceptés"),
        "compositions": N_("Ménages accueillis"),
        "age_min": N_("Âge minimum"),
        "age_max": N_("Âge maximum"),
        "support": N_("Accompagnement sur place"),
        "audience": N_("Publics accueillis"),
        "closed_on": N_("Fermée le"),
    },
    four=frozenset({"animals"}),
    days=frozenset({"closed_on"}),
)


@get("/structures/{ref:str}", opt={"permission": "housing.read"})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The whole structure."""
    async with visit.ctx.unit() as unit:
        row = await programme(unit, ref)
        kinds = await programme_kinds(unit, row["id"])
        units = await units_of(unit, row["id"])
        vacancies = await vacancies_of(unit, row["id"])
        frozen = await frozen_periods(unit, [v["id"] for v in vacancies])
        past = await card_changes(unit, "programme", {row["id"]: row}, CARD.labels)
        choices = await _choices(unit)
        today = unit.today
    days = {
        v["id"]: vacancy_days(Period(v["free_on"], v["closed_on"]), today, frozen.get(v["id"], ()))
        for v in vacancies
    }
    placeable = [u for u in units if not u["divided"] and u["closed_on"] is None]
    return visit.page(
        "admin/structures/one.html",
        row=row,
        kinds=kinds,
        units=units,
        vacancies=vacancies,
        days=days,
        states=VACANCY.states,
        typologies=typology_labels(),
        places=len(placeable),
        present=sum(u["stay_ref"] is not None for u in placeable),
        free=sum(u["vacancy_ref"] is not None for u in placeable),
        own=_own(visit, row["organisation_id"]),
        past=CARD.told(visit, past, choices),
    )


async def _choices(unit: Unit) -> Choices:
    return {"area_id": {a["id"]: a["name"] for a in await areas(unit)}}


def _own(visit: Visit, organisation_id: int) -> bool:
    return visit.ctx.scope("vacancies.read").runs(organisation_id)


@get("/structures/{ref:str}/modifier", opt={"permission": "housing.write"})
async def edit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The card, to change."""
    async with visit.ctx.unit() as unit:
        row = await programme(unit, ref)
    return await _edit(visit, ref, visit.blank(_shown(row), version=row["version"]))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The card as its form holds it."""
    plain = ("name", "area_id", "address", "phone", "description", "house_rules")
    return {name: row[name] for name in plain} | {
        "animals": ANSWER_NAMES.get(row["animals"]),
        "compositions": [str(code) for code in row["compositions"] or ()],
        "age_min": row["age_min"],
        "age_max": row["age_max"],
        "support": row["support"],
        "audience": "\n".join(row["audience"] or ()),
    }


async def _edit(
    visit: Visit, ref: str, form: Form, status: int = 200, compared: Any = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row, known = await programme(unit, ref), await areas(unit)
    return visit.page(
        "admin/structures/edit.html",
        status=status,
        row=row,
        form=form,
        compared=compared,
        areas=[(a["id"], a["name"]) for a in known],
        **conditions(visit),
    )


@post("/structures/{ref:str}/modifier", opt={"permission": "housing.write"})
async def save(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Keep the card as it was typed; somebody else's change in between is shown beside."""
    form = await visit.form()
    card = card_of(form)

    async def work(unit: Unit) -> dict[str, Any]:
        row = await programme(unit, ref)
        form.check()
        await change_programme(unit, row["id"], version_of(form), **card)
        return {}

    try:
        await visit.once(form, "housing.change_programme", work)
    except Invalid as error:
        return await _edit(visit, ref, keep(visit, form, error), 422)
    except Conflict as error:
        async with visit.ctx.unit() as unit:
            rows = CARD.compared(visit, error, card, await _choices(unit))
        return await _edit(visit, ref, CARD.upon(form, error, _shown(error.theirs)), 409, rows)
    return visit.to(f"/structures/{ref}", said=N_("Structure enregistrée."))


# -- change of kind: shown, then done ---------------------------------------------------------


@get("/structures/{ref:str}/type", opt={"permission": "housing.write"})
async def ask_kind(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Which kind, from when, and why."""
    return await _kind(visit, ref, visit.blank())


async def _kind(
    visit: Visit, ref: str, form: Form, plan: Any = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row, kinds = await programme(unit, ref), await kinds_on(unit, unit.today)
    labels = {k["code"]: k["label"] for k in kinds}
    return visit.page(
        "admin/structures/kind.html",
        status=status,
        row=row,
        form=form,
        plan=plan,
        kinds=[(code, label) for code, label in labels.items() if code != row["kind"]],
        labels=labels,
    )


@post("/structures/{ref:str}/type", opt={"permission": "housing.write"})
async def set_kind(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """First the effects, with who is protected; once confirmed, the change."""
    form = await visit.form()
    kind, on = form.required("kind", N_("Choisissez une réponse.")), form.date("on", required=True)
    why = form.required("why", N_("Indiquez un motif."))
    if form.errors or on is None:
        return await _kind(visit, ref, _said(visit, form), status=422)
    if not form.value("confirmed"):
        async with visit.ctx.unit() as unit:
            row = await programme(unit, ref)
            plan = await preview_kind_change(unit, row["id"], kind, on)
        if plan.refused is not None:
            form.wrong("on", visit._(plan.refused.msgid))
            return await _kind(visit, ref, form, status=422)
        return await _kind(visit, ref, form, plan)

    async def work(unit: Unit) -> dict[str, Any]:
        row = await programme(unit, ref)
        await change_kind(unit, row["id"], kind, on=on, why=why)
        return {}

    try:
        await visit.once(form, "housing.change_kind", work)
    except (Refused, Conflict) as error:
        form.wrong("on", visit._(error.message, **error.params))
        return await _kind(visit, ref, form, status=409)
    return visit.to(f"/structures/{ref}", said=N_("Changement de type enregistré."))


def _said(visit: Visit, form: Form) -> Form:
    form.errors = {name: visit._(text) for name, text in form.errors.items()}
    return form


HANDLERS = (show, edit, save, ask_kind, set_kind)
