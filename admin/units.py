"""Places of a structure: several added at once, one mended, one closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, Choices, version_of
from core.housing.labels import typology_labels
from core.housing.queries import programme, unit_id_of, units_of
from core.housing.service import add_unit, change_unit, close_unit
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import ANSWERS, Form
from core.web.visit import Visit, Visiting, keep

ANSWER_NAMES = {number: name for name, number in ANSWERS.items()}


CARD = Card(
    {
        "label": N_("Nom"),
        "typology": N_("Typologie"),
        "min_persons": N_("Personnes au moins"),
        "max_persons": N_("Personnes au plus"),
        "accessible": N_("Accessible en fauteuil"),
        "floor": N_("Étage"),
        "surface_m2": N_("Surface"),
        "cost_cents": N_("Coût mensuel pour le ménage"),
        "modulable": N_("Logement modulable"),
        "closed_on": N_("Fermée le"),
    },
    four=frozenset({"accessible"}),
    yes_no=frozenset({"modulable"}),
    cents=frozenset({"cost_cents"}),
    days=frozenset({"closed_on"}),
    inputs={"cost_cents": "cost"},
)


def _fields_of(form: Form) -> dict[str, Any]:
    """What the card of a place says, read from its form."""
    return {
        "label": form.required("label", N_("Indiquez le nom ou le numéro de la place.")),
        "typology": form.choice("typology", typology_labels()) or "",
        "min_persons": form.integer("min_persons", 1, 30) or 1,
        "max_persons": form.integer("max_persons", 1, 30) or 1,
        "accessible": form.answer("accessible"),
        "floor": form.integer("floor", -5, 60),
        "surface_m2": form.integer("surface_m2", 1, 1000),
        "cost_cents": form.money("cost"),
        "modulable": bool(form.value("modulable")),
    }


@get("/structures/{ref:str}/places", opt={"permission": "housing.write"})
async def ask_units(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One or several places alike."""
    form = visit.blank(how_many=1, first=1, min_persons=1, max_persons=1)
    return await _units(visit, ref, form)


async def _units(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await programme(unit, ref)
        units = await units_of(unit, row["id"])
    return visit.page(
        "admin/structures/units.html",
        status=status,
        row=row,
        form=form,
        typologies=list(typology_labels().items()),
        wholes=[(u["ref"], u["label"]) for u in units if u["modulable"] and not u["closed_on"]],
    )


@post("/structures/{ref:str}/places", opt={"permission": "housing.write"})
async def add_units(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Add them, all or none."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await programme(unit, ref)
        how_many = form.integer("how_many", 1, 80) or 1
        first = form.integer("first", 0, 100_000)
        fields = _fields_of(form)
        label, parent = fields.pop("label"), form.value("parent")
        form.check()
        if parent:
            units = await units_of(unit, row["id"])
            fields["parent_id"] = next((u["id"] for u in units if u["ref"] == parent), 0)
        for n in range(how_many):
            name = label if how_many == 1 else f"{label} {(first or 0) + n}"
            await add_unit(unit, row["id"], label=name, **fields)
        return {}

    try:
        await visit.once(form, "housing.add_units", work)
    except Invalid as error:
        return await _units(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("label", visit._(error.message, **error.params))
        return await _units(visit, ref, form, 409)
    return visit.to(f"/structures/{ref}", said=N_("Places ajoutées."))


# -- one place --------------------------------------------------------------------------------


@get("/structures/{ref:str}/places/{place:str}", opt={"permission": "housing.write"})
async def ask_unit(visit: Visiting, ref: FromPath[str], place: FromPath[str]) -> Response[str]:
    """What is known of a place, to mend."""
    return await _unit(visit, ref, place, None)


async def _unit(
    visit: Visit,
    ref: str,
    place: str,
    form: Form | None,
    status: int = 200,
    compared: Any = (),
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await programme(unit, ref)
        found = next((u for u in await units_of(unit, row["id"]) if u["ref"] == place), None)
        if found is None:
            raise NotFound()
        past = await card_changes(unit, "housing_unit", {found["id"]: found}, CARD.labels)
        today = unit.today
    if form is None:
        form = visit.blank(_shown(found), version=found["version"], on=today)
    return visit.page(
        "admin/structures/unit.html",
        status=status,
        row=row,
        place=found,
        form=form,
        compared=compared,
        past=CARD.told(visit, past, _choices()),
        typologies=list(typology_labels().items()),
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The card as its form holds it."""
    plain = ("label", "typology", "min_persons", "max_persons", "floor", "surface_m2")
    cents = row["cost_cents"]
    return {name: row[name] for name in plain} | {
        "accessible": ANSWER_NAMES.get(row["accessible"]),
        "cost": f"{cents / 100:.2f}".replace(".", ",") if cents is not None else None,
        "modulable": "yes" if row["modulable"] else None,
    }


def _choices() -> Choices:
    return {"typology": typology_labels()}


@post("/structures/{ref:str}/places/{place:str}", opt={"permission": "housing.write"})
async def mend_unit(visit: Visiting, ref: FromPath[str], place: FromPath[str]) -> Response[str]:
    """Keep the card of a place."""
    form = await visit.form()

    fields = _fields_of(form)

    async def work(unit: Unit) -> dict[str, Any]:
        form.check()
        await change_unit(unit, await unit_id_of(unit, place), version_of(form), **fields)
        return {}

    return await _do(
        visit, ref, place, form, "housing.change_unit", work, N_("Place enregistrée."), fields
    )


@post("/structures/{ref:str}/places/{place:str}/fermer", opt={"permission": "housing.write"})
async def end_unit(visit: Visiting, ref: FromPath[str], place: FromPath[str]) -> Response[str]:
    """A place that exists no more."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        on = form.date("on", required=True)
        form.check()
        assert on is not None
        await close_unit(unit, await unit_id_of(unit, place), on=on)
        return {}

    return await _do(visit, ref, place, form, "housing.close_unit", work, N_("Place fermée."))


async def _do(
    visit: Visit,
    ref: str,
    place: str,
    form: Form,
    verb: str,
    work: Any,
    said: str,
    fields: Mapping[str, Any] | None = None,
) -> Response[str]:
    try:
        await visit.once(form, verb, work)
    except Invalid as error:
        return await _unit(visit, ref, place, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        if isinstance(error, Conflict) and error.theirs and fields is not None:
            rows = CARD.compared(visit, error, fields, _choices())
            return await _unit(
                visit, ref, place, CARD.upon(form, error, _shown(error.theirs)), 409, rows
            )
        field = "on" if verb == "housing.close_unit" else "max_persons"
        form.wrong(field, visit._(error.message, **error.params))
        return await _unit(visit, ref, place, form, 409)
    return visit.to(f"/structures/{ref}", said=said)


HANDLERS = (ask_units, add_units, ask_unit, mend_unit, end_unit)
