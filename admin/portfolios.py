"""Portfolios: who follows what."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.households.handing_over import KINDS
from core.households.portfolios import (
    end_portfolio,
    open_portfolio,
    portfolios,
)
from core.households.publics import PUBLICS
from core.households.queries import count_without_key_worker
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

MAY = "households.hand_over"
_SECTORS = "SELECT id, name FROM sector WHERE ended_on IS NULL ORDER BY name"


async def _page(visit: Visit, form: Form | None = None, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        rows = [
            {**dict(r), "portfolios": msgspec.json.decode(r["portfolios"] or "[]")}
            for r in await portfolios(unit)
        ]
        sectors = [(r["id"], r["name"]) for r in await unit.fetch(_SECTORS)]
        alone, overdue = await count_without_key_worker(unit, visit.ctx.place.country)
        today = unit.today
    return visit.page(
        "admin/households/portfolios.html",
        status=status,
        rows=rows,
        form=form or visit.blank(),
        sectors=sectors,
        publics={key: visit._(label) for key, label in PUBLICS.items()},
        worker_options=[(r["id"], r["name"]) for r in rows],
        kinds={key: visit._(label) for key, label in KINDS.items()},
        alone=alone,
        overdue=overdue,
        today=today,
    )


@get("/equipe/portefeuilles", opt={"permission": MAY})
async def show(visit: Visiting) -> Response[str]:
    """Each worker, their portfolios, their files; who is away; who is alone."""
    return await _page(visit)


def _id(form: Form, name: str) -> int:
    return whole(form.value(name)) or 0


@post("/equipe/portefeuilles", opt={"permission": MAY})
async def add(visit: Visiting) -> Response[str]:
    """Give a worker a sector, a public, or a public of a sector; or take one back."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        if form.value("end"):
            await end_portfolio(unit, _id(form, "end"))
            return {}
        allowed = {str(r["id"]) for r in await unit.fetch(_SECTORS)}
        sector = form.choice("sector", allowed)
        public = form.choice("public", PUBLICS)
        if not _id(form, "worker"):
            form.wrong("worker", N_("Choisissez une personne."))
        if not sector and not public:
            form.wrong("sector", N_("Choisissez un secteur, un public, ou les deux."))
        form.check()
        sector_id = int(sector) if sector else None
        await open_portfolio(unit, _id(form, "worker"), sector_id=sector_id, public=public or "")
        return {}

    try:
        await visit.once(form, "households.portfolio", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), 422)
    except Refused as error:
        form.wrong("worker", visit._(error.message))
        return await _page(visit, form, 409)
    return visit.to("/equipe/portefeuilles", N_("Les portefeuilles sont à jour."))


HANDLERS = (show, add)
NAV = (NavItem(N_("Portefeuilles"), "/equipe/portefeuilles", MAY, order=96, icon="people"),)
