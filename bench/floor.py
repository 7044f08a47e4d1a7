"""The floor of row 3, beside core: the same page rendered from values kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get
from litestar.response import Response

from core.extension.hookspecs import hookimpl
from core.web.parts import read_parts
from core.web.visit import Visiting
from portal.home import doables
from portal.pathway import here
from portal.queries import load_self

_kept: dict[str, Any] = {}


@get("/plancher", opt={"permission": "resident"})
async def floor(visit: Visiting) -> Response[str]:
    """The same middlewares and session look-up; what the page needs was read once."""
    if not _kept:
        async with visit.ctx.unit() as unit:
            mine = await load_self(unit)
            cards = await read_parts(
                visit.ctx, unit, [], household_id=mine.household_id, person_id=mine.person_id
            )
        at = here(mine.facts())
        _kept.update(mine=mine, here=at, doables=doables(mine, at), cards=cards)
    visit.counts["messages"] = _kept["mine"].unread
    # The same page: in its menu too one stands at home.
    visit.request.scope["path"] = visit.href("/")
    return visit.page("portal/home.html", fragment="situation", **_kept)


@get("/vide", opt={"permission": "resident"})
async def empty(visit: Visiting) -> Response[str]:
    """An empty page, printed beside for comparison."""
    return Response("", media_type="text/html")


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return (floor, empty) if face == "portal" else ()
