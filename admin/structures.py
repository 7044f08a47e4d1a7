"""Structures and organisations: the list with its filters, and what is added to it."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from admin.paging import SIZE, asked, page_of
from core.extension.contributions import NavItem
from core.housing.queries import areas, kinds_on, organisations, programmes, sectors
from core.housing.service import change_contact, open_programme, register_organisation
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.codes import code_list
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep


@get("/structures", opt={"permission": "housing.read"})
async def structures(visit: Visiting) -> Response[str]:
    """Every structure, by name; filters are in the address."""
    sector = asked(visit, "secteur")
    async with visit.ctx.unit() as unit:
        rows = await programmes(
            unit,
            text=asked(visit, "q") or "",
            kind=asked(visit, "type"),
            sector_id=whole(sector or ""),
            after=asked(visit, "apres"),
            limit=SIZE + 1,
        )
        kinds, all_sectors = await kinds_on(unit, unit.today), await sectors(unit)
    shown, pager = page_of(visit, rows)
    return visit.page(
        "admin/structures/list.html",
        fragment="results",
        rows=shown,
        pager=pager,
        kinds=[(k["code"], k["label"]) for k in kinds],
        sectors=[(s["id"], s["name"]) for s in all_sectors],
        form=visit.blank(visit.request.query_params.dict()),
        filtered=any(asked(visit, name) for name in ("q", "type", "secteur")),
    )


@get("/structures/organisations", opt={"permission": "housing.read"})
async def show_organisations(visit: Visiting) -> Response[str]:
    """Organisations of the territory, with their contact."""
    return await _organisations(visit, visit.blank())


async def _organisations(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        rows = await organisations(unit)
    return visit.page(
        "admin/structures/organisations.html", rows=rows, form=form, status=status,
        kinds=[(item.label, item.label) for item in code_list("prescriber_kind").items],
        contacts={r["id"]: visit.blank(organisation=r["id"], phone=r["phone"], email=r["email"],
                                       address=r["address"]) for r in rows},
    )  # fmt: skip


@post("/structures/organisations", opt={"permission": "housing.write"})
async def add_organisation(visit: Visiting) -> Response[str]:
    """A new organisation here."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        form.required("name", N_("Indiquez un nom."))
        kinds = [item.label for item in code_list("prescriber_kind").items]
        form.choice("kind", kinds, required=True)
        phone, email, address = form.text("phone"), form.text("email"), form.text("address")
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

    async def work(unit: Unit) -> dict[str, Any]:
        await change_contact(
            unit,
            organisation_id,
            phone=form.text("phone"),
            email=form.text("email"),
            address=form.text("address"),
        )
        return {}

    await visit.once(form, "housing.change_contact", work)
    return visit.to("/structures/organisations", said=N_("Coordonnées enregistrées."))


@get("/structures/nouvelle", opt={"permission": "housing.write"})
async def new_structure(visit: Visiting) -> Response[str]:
    """The form of a new structure."""
    return await _new(visit, visit.blank(opened_on=visit.ctx.clock.today(visit.ctx.place.zone)))


async def _new(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        kinds, known = await kinds_on(unit, unit.today), await organisations(unit)
        places = await areas(unit)
    return visit.page(
        "admin/structures/new.html",
        status=status,
        form=form,
        kinds=[(k["code"], k["label"]) for k in kinds],
        organisations=[(o["id"], o["name"]) for o in known],
        areas=[(a["id"], a["name"]) for a in places],
    )


def card_of(form: Form) -> dict[str, Any]:
    """What the card of a structure says, read from its form."""
    area = form.integer("area_id", 1, 2**62)
    return {
        "name": form.required("name", N_("Indiquez un nom.")),
        "area_id": area,
        "address": form.text("address"),
        "phone": form.text("phone"),
        "description": form.text("description", 4000),
        "house_rules": form.text("house_rules", 4000),
        "animals": form.answer("animals"),
        "audience": [line.strip() for line in form.text("audience").splitlines() if line.strip()],
    }


@post("/structures/nouvelle", opt={"permission": "housing.write"})
async def open_structure(visit: Visiting) -> Response[str]:
    """Open a structure; its page is next."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        card = card_of(form)
        opened_on = form.date("opened_on", required=True)
        organisation_id = form.integer("organisation", 1, 2**62)
        if organisation_id is None:
            form.wrong("organisation", N_("Choisissez une organisation du territoire."))
        kind = form.required("kind", N_("Choisissez une réponse."))
        form.check()
        assert organisation_id is not None
        made = await open_programme(unit, organisation_id, kind=kind, opened_on=opened_on, **card)
        return {"ref": await unit.value("SELECT ref FROM programme WHERE id = $1", made)}

    try:
        done = await visit.once(form, "housing.open_programme", work)
    except Invalid as error:
        return await _new(visit, keep(visit, form, error), 422)
    return visit.to(f"/structures/{done['ref']}", said=N_("Structure ouverte."))


HANDLERS = (
    structures,
    show_organisations,
    add_organisation,
    mend_contact,
    new_structure,
    open_structure,
)
NAV = (NavItem(N_("Structures"), "/structures", "housing.read", order=70, icon="building"),)
