"""Relectures: a round opened by hand, so that structures read their figures before others do."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Response

from core.figures.publications import rounds
from core.figures.service import open_round
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import read_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "figures.publish"


@get("/chiffres/relectures", opt={"permission": MAY})
async def ask_round(visit: Visiting) -> Response[str]:
    """Which period to look back on, and what follows."""
    return await _ask(visit, visit.blank(ends_on=visit.ctx.clock.today(visit.ctx.place.zone)))


async def _ask(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        settings, last = await read_settings(unit), await rounds(unit)
    return visit.page(
        "admin/figures/round.html",
        status=status,
        form=form,
        settings=settings,
        last=last[0] if last else None,
    )


@post("/chiffres/relectures", opt={"permission": MAY})
async def open_a_round(visit: Visiting) -> Response[str]:
    """Draft every structure's figures; each may comment its own until the last day."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, int]:
        ends_on = form.date("ends_on", required=True)
        form.check()
        assert ends_on is not None
        return {"drafted": await open_round(unit, ends_on)}

    try:
        done = await visit.once(form, "figures.open_round", work)
    except Invalid as error:
        return await _ask(visit, keep(visit, form, error), 422)
    if not done["drafted"]:
        said = N_("Aucune orientation terminée sur cette période : rien à relire.")
        return visit.to("/chiffres", said=said, tone="info")
    return visit.to("/chiffres", said=N_("Relecture ouverte : chaque structure lit ses chiffres."))


HANDLERS = (ask_round, open_a_round)
