"""Pour revenir: ten codes, each for one more visit, shown once to whoever came in."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from core.accounts.ways_back import FEW, SHEET_DAYS, codes_left, draw_sheet, issue_sheet
from core.extension.contributions import NavItem
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import settings_on
from core.web.visit import Visit, Visiting
from portal.queries import load_self

DONE = N_("Vos codes ne s’affichent qu’une fois. Vous pouvez en faire dix nouveaux.")


@get("/revenir", opt={"permission": "resident"})
async def ways(visit: Visiting) -> Response[str]:
    """How many codes are left, and the button that makes ten."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        left = await codes_left(unit, mine.person_id)
    visit.counts["messages"] = mine.unread
    return visit.page("portal/coming-back.html", form=visit.blank(), left=left, few=FEW)


@post("/revenir", opt={"permission": "resident"})
async def make(visit: Visiting) -> Response[str]:
    """Make ten codes and show them, this once: they are kept nowhere, no other page could.

    The same form sent again makes no second sheet: it leads to the page that says so.
    """
    form = await visit.form()
    sheet = await draw_sheet(visit.ctx.place.id, visit.ctx.settings.secret_key)
    made: dict[str, Any] = {}

    async def work(unit: Unit) -> dict[str, Any]:
        mine = await load_self(unit)
        days = (await settings_on(unit, unit.today)).get("sheet_days", SHEET_DAYS)
        made["until"] = await issue_sheet(unit, mine.person_id, sheet, days=int(days))
        return {}

    await visit.once(form, "access.issue_sheet", work)
    if not made:
        return visit.to("/revenir", said=DONE, tone="info")
    response = visit.page(
        "portal/coming-back-codes.html",
        codes=[code for code, _ in sheet],
        until=made["until"].date(),
        address=_address(visit),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(visit: Visit) -> str:
    return visit.ctx.settings.public_url.rstrip("/") + visit.href("/entrer")


HANDLERS = (ways, make)
NAV = (NavItem(N_("Pour revenir"), "/revenir", "resident", order=75, icon="key"),)
