"""Organisations at work in the territory: added, and how each is reached here."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from admin.cards import Card, version_of
from core.housing.queries import organisations
from core.housing.service import change_contact, register_organisation
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

CONTACT = Card({"phone": N_("Téléphone"), "email": N_("Adresse e-mail"), "address": N_("Adresse")})


@get("/structures/organisations", opt={"permission": "housing.read"})
async def show_organisations(visit: Visiting) -> Response[str]:
    """Organisations of the territory, with their contact."""
    return await _organisations(visit, visit.blank())


async def _organisations(
    visit: Visit,
    form: Form,
    status: int = 200,
    *,
    contact: Form | None = None,
    compared: Any = (),
) -> Response[str]:
    """The page; `contact` is the form of the one organisation whose change did not pass."""
    async with visit.ctx.unit() as unit:
        rows = await organisations(unit)
        past = await card_changes(
            unit, "territory_organisation", {r["link_id"]: r for r in rows}, CONTACT.labels
        )
    told: dict[int, list[Any]] = {}
    for change in CONTACT.told(visit, past, {}):
        told.setdefault(change["row_id"], []).append(change)
    return visit.page(
        "admin/structures/organisations.html",
        status=status,
        rows=rows,
        form=form,
        kinds=[(item.label, item.label) for item in code_list("prescriber_kind").items],
        contacts={
            r["id"]: visit.blank(
                organisation=r["id"], **{n: r[n] for n in (*CONTACT.labels, "version")}
            )
            for r in rows
        },
        mended=contact,
        mending=int(contact.value("organisation")) if contact else None,
        compared=compared,
        past=told,
    )


@post("/structures/organisations", opt={"permission": "housing.write"})
async def add_organisation(visit: Visiting) -> Response[str]:
    """A new organisation here."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        form.required("name", N_("Indiquez un nom."))
        kinds = [item.label for item in code_list("prescriber_kind").items]
        form.choice("kind", kinds, required=True)
        phone, email, address = form.phone("phone"), form.email("email"), form.text("address")
        form.check()
        made = await register_organisation(
            unit,
            name=form.text("name", 200),
            kind=form.value("kind"),
            phone=phone,
            email=email,
            address=address,
        )
        return {"id": made}

    try:
        await visit.once(form, "housing.register_organisation", work)
    except Invalid as error:
        return await _organisations(visit, keep(visit, form, error), 422)
    return visit.to("/structures/organisations", said=N_("Organisation ajoutée."))


@post("/structures/organisations/coordonnees", opt={"permission": "housing.write"})
async def mend_contact(visit: Visiting) -> Response[str]:
    """How to reach an organisation here."""
    form = await visit.form()
    organisation_id = form.integer("organisation", 1, 2**62) or 0
    fields = {
        "phone": form.phone("phone"), "email": form.email("email"), "address": form.text("address"),
    }  # fmt: skip

    async def work(unit: Unit) -> dict[str, Any]:
        form.check()
        await change_contact(unit, organisation_id, version_of(form), **fields)
        return {}

    try:
        await visit.once(form, "housing.change_contact", work)
    except Invalid as error:
        if not organisation_id:
            raise
        return await _organisations(visit, visit.blank(), 422, contact=keep(visit, form, error))
    except Conflict as error:
        rows = CONTACT.compared(visit, error, fields, {})
        return await _organisations(
            visit,
            visit.blank(),
            409,
            contact=CONTACT.upon(form, error, error.theirs),
            compared=rows,
        )
    return visit.to("/structures/organisations", said=N_("Coordonnées enregistrées."))


HANDLERS = (show_organisations, add_organisation, mend_contact)
