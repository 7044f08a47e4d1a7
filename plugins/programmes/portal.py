"""The resident's page: what accompanies me, what it brings, who to call."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from core.households.queries import own_household
from core.kernel.errors import NotFound
from core.territories.settings import settings_of
from core.web.visit import Visiting
from plugins.programmes.member_reads import shown_to
from plugins.programmes.settings import Settings


@get("/programmes", opt={"permission": "resident", "helper": "read"})
async def mine(visit: Visiting) -> Response[str]:
    """What accompanies me now, then what has ended."""
    async with visit.ctx.unit() as unit:
        settings = await settings_of(unit, "programmes", Settings)
        if not settings.resident_card:
            raise NotFound()
        household_id = await own_household(unit)
        stays = [] if household_id is None else await shown_to(unit, household_id)
        today = unit.today
    over = [s for s in stays if s["ends_on"] is not None and s["ends_on"] <= today]
    return visit.page(
        "programmes/portal/mine.html", now=[s for s in stays if s not in over], over=over
    )


HANDLERS = (mine,)
