"""Ma situation: where I am, what I can do now, who helps me."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from core.web.visit import Visit


@get("/", opt={"permission": "resident"})
async def home(visit: Visit) -> Response[str]:
    """Where I am in one sentence."""
    return visit.page("portal/home.html")


HANDLERS = (home,)
