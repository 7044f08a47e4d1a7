"""Sectors of a territory and the communes in them; sectors may overlap."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response

from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.service import add_area, end_sector, open_sector
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"

_SECTORS = """
SELECT s.id, s.code, s.name, s.authority, s.ended_on,
       coalesce(json_agg(a.name ORDER BY a.search_key) FILTER (WHERE a.id IS NOT NULL), '[]')
         AS areas
FROM sector s LEFT JOIN sector_area x ON x.sector_id = s.id LEFT JOIN area a ON a.id = x.area_id
GROUP BY s.id ORDER BY s.ended_on NULLS FIRST, s.name, s.id
"""


@get("/reglages/secteurs", opt={"permission": MAY})
async def sectors(visit: Visiting) -> Response[str]:
    """Every sector with its communes and its authority."""
    return await _show(visit)


async def _show(
    visit: Visit, sector: Form | None = None, area: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        found = await unit.fetch(_SECTORS)
        elsewhere = await unit.fetch(
            "SELECT name FROM area a WHERE NOT EXISTS "
            "(SELECT 1 FROM sector_area x WHERE x.area_id = a.id) ORDER BY search_key LIMIT 200"
        )
    known = [{**dict(r), "areas": msgspec.json.decode(r["areas"])} for r in found]
    return visit.page(
        "admin/sectors.html",
        status=status,
        sectors=known,
        without=[r["name"] for r in elsewhere],
        sector_form=sector or visit.blank(),
        area_form=area or visit.blank(),
    )


@post("/reglages/secteurs", opt={"permission": MAY})
async def add_sector(visit: Visiting) -> Response[str]:
    """A new sector."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        return await open_sector(
            unit,
            code=form.required("code"),
            name=form.required("name"),
            authority=form.text("authority", 200),
        )

    try:
        await visit.once(form, "territory.open_sector", work)
    except Invalid as error:
        return await _show(visit, sector=keep(visit, form, error), status=422)
    except Conflict as error:
        form.wrong("code", visit._(error.message))
        return await _show(visit, sector=form, status=409)
    return visit.to("/reglages/secteurs", said=N_("Secteur ajouté."))


@post("/reglages/communes", opt={"permission": MAY})
async def place_area(visit: Visiting) -> Response[str]:
    """A commune, in one sector or several."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        known = {
            str(r["id"]) for r in await unit.fetch("SELECT id FROM sector WHERE ended_on IS NULL")
        }
        chosen = [int(s) for s in form.all("sectors") if s in known]
        if not chosen:
            raise Invalid({"sectors": N_("Choisissez au moins un secteur.")})
        return await add_area(
            unit,
            name=form.text("area", 120),
            postcode=form.text("postcode", 10),
            sector_ids=chosen,
        )

    try:
        await visit.once(form, "territory.add_area", work)
    except Invalid as error:
        return await _show(visit, area=keep(visit, form, error), status=422)
    return visit.to("/reglages/secteurs", said=N_("Commune rattachée."))


@post("/reglages/secteurs/fin", opt={"permission": MAY})
async def stop_sector(visit: Visiting) -> Response[str]:
    """A sector ends today; what refers to it stays readable."""
    form = await visit.form()
    text = form.value("sector")

    async def work(unit: Unit) -> Any:
        await end_sector(unit, int(text) if text.isdecimal() and len(text) < 18 else 0)

    try:
        await visit.once(form, "territory.end_sector", work)
    except NotFound as error:
        return visit.to("/reglages/secteurs", said=error.message, tone="warn")
    return visit.to("/reglages/secteurs", said=N_("Secteur terminé."))


HANDLERS = (sectors, add_sector, place_area, stop_sector)
