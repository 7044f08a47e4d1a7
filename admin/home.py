"""The back-office's home: what must I do today."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.words import N_
from core.web.visit import Visit


@get("/", opt={"permission": "home.read"})
async def home(visit: Visit) -> Response[str]:
    """Work queues."""
    return visit.page("admin/home.html")


HANDLERS = (home,)
NAV = (NavItem(N_("Aujourd’hui"), "/", "home.read", order=0, icon="home"),)
