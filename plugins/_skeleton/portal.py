"""The resident's page: what was agreed with me, and for when."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.households.queries import own_household
from core.kernel.words import N_
from core.web.visit import Visiting
from plugins._skeleton.queries import steps_of
from plugins._skeleton.rules import OUTCOMES


@get("/skeleton", opt={"permission": "resident", "helper": "read"})
async def my_steps(visit: Visiting) -> Response[str]:
    """My steps, those still open first."""
    async with visit.ctx.unit() as unit:
        household_id = await own_household(unit)
        steps = [] if household_id is None else await steps_of(unit, household_id)
    return visit.page("skeleton/portal/steps.html", steps=steps, outcomes=OUTCOMES)


NAV = (NavItem(N_("Mes étapes"), "/skeleton", "resident", icon="calendar", helper="read"),)
HANDLERS = (my_steps,)
