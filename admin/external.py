"""À reporter dans le SI-SIAO: each change not yet entered there, as text to copy."""

from __future__ import annotations

from datetime import datetime

from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.imports.flags import settle_reports
from core.imports.queries import PAGE, count_to_enter, to_enter
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import whole
from core.web.visit import Visiting

MAY = {"permission": "external.report"}


@get("/a-reporter", opt=MAY)
async def queue(visit: Visiting) -> Response[str]:
    """The changes that wait, the oldest first."""
    after = None
    at, _, last = visit.request.query_params.get("apres", "").partition("~")
    if at and whole(last) is not None:
        try:
            after = (datetime.fromisoformat(at), int(last))
        except ValueError:
            after = None
    async with visit.ctx.unit() as unit:
        rows = await to_enter(unit, after)
        total = await count_to_enter(unit)
    following = None
    if len(rows) == PAGE:
        at = rows[-1]["at"].isoformat().replace("+", "%2B")
        following = visit.href(f"/a-reporter?apres={at}~{rows[-1]['id']}")
    return visit.page(
        "admin/external.html", fragment="results", rows=rows, total=total, form=visit.blank(),
        following=following,
    )  # fmt: skip


@post("/a-reporter", opt=MAY)
async def done(visit: Visiting) -> Response[str]:
    """The ticked changes have been entered."""
    form = await visit.form()
    ids = [i for value in form.all("done") if (i := whole(value)) is not None]

    async def work(unit: Unit) -> dict[str, int]:
        return {"count": await settle_reports(unit, ids)}

    if not ids:
        return visit.to("/a-reporter", N_("Cochez d’abord ce qui a été saisi."), "warn")
    await visit.once(form, "external.entered", work)
    return visit.to("/a-reporter", N_("C’est noté : ces changements quittent la liste."))


HANDLERS = (queue, done)
NAV = (NavItem(N_("À reporter"), "/a-reporter", "external.report", order=85, icon="copy"),)
