"""Pages open to all: access for everybody, privacy, and the page one leaves by."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from core.web.visit import Visiting


@get("/acces", opt={"permission": "public"})
async def access(visit: Visiting) -> Response[str]:
    """What was done so that everybody can use this site, what is missing, whom to tell."""
    return visit.page("portal/access.html")


@get("/vie-privee", opt={"permission": "public"})
async def privacy(visit: Visiting) -> Response[str]:
    """Who reads what, for how long, and the rights one has."""
    return visit.page("portal/privacy.html")


@get("/au-revoir", opt={"permission": "public"})
async def goodbye(visit: Visiting) -> Response[str]:
    """The space is closed."""
    return visit.page("portal/goodbye.html")


HANDLERS = (access, privacy, goodbye)
