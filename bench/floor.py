"""The floor of row 3, beside core: the same page rendered from values kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get
from litestar.response import Response

from core.extension.hookspecs import hookimpl
from core.testing import counting
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
            parts = visit.ctx.hooks.gather("resident_cards", ctx=visit.ctx)
            cards = await read_parts(
                visit.ctx, unit, parts, household_id=mine.household_id, person_id=mine.person_id
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


def counted(app: Any) -> Any:
    """The application, which tells who asks for it how many statements a page sent."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or (b"x-count", b"1") not in scope["headers"]:
            await app(scope, receive, send)
            return
        with counting() as seen:

            async def tell(message: Any) -> None:
                if message["type"] == "http.response.start":
                    told = (b"x-statements", str(len(seen)).encode())
                    message = {**message, "headers": [*message["headers"], told]}
                await send(message)

            await app(scope, receive, tell)

    return answer


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return (floor, empty) if face == "portal" else ()
