"""Structures: the list with its filters, and a new one opened."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from admin.paging import SIZE, asked, page_of
from core.extension.contributions import NavItem
from core.housing.queries import areas, kinds_on, organisations, programmes, sectors
from core.housing.service import open_programme
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.recommendations import SUPPORT
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
        **conditions(visit),
    )


LEVELS = {str(level): label for level, label in SUPPORT.items()}


def compositions() -> dict[str, str]:
    """Whom a structure may take, by SI-SIAO code."""
    return {str(code): label for code, label in code_list("composition").labels().items()}


def conditions(visit: Visit) -> dict[str, Any]:
    """The choices of the card's conditions."""
    return {
        "compositions": list(compositions().items()),
        "levels": [(code, visit._(label)) for code, label in LEVELS.items()],
    }


def card_of(form: Form) -> dict[str, Any]:
    """What the card of a structure says, read from its form."""
    area = form.integer("area_id", 1, 2**62)
    return {
        "name": form.required("name", N_("Indiquez un nom.")),
        "area_id": area,
        "address": form.text("address"),
        "phone": form.phone("phone"),
        "description": form.text("description", 4000),
        "house_rules": form.text("house_rules", 4000),
        "animals": form.answer("animals"),
        "compositions": [int(c) for c in form.all("compositions") if c in compositions()],
        "age_min": form.integer("age_min", 0, 120),
        "age_max": form.integer("age_max", 0, 120),
        "support": int(level) if (level := form.choice("support", LEVELS)) else None,
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
    new_structure,
    open_structure,
)
NAV = (NavItem(N_("Structures"), "/structures", "housing.read", order=70, icon="building"),)
