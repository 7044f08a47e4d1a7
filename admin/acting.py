"""Agir pour quelqu'un: the authorisations one was given, and the way into that person's space."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Response

from core.accounts.mandates import SCOPES, begin_helping, mandates_held
from core.accounts.sessions import end_session, open_session
from core.extension.contributions import Face, NavItem
from core.kernel.errors import NotFound
from core.kernel.words import N_
from core.web.door import cookie_name
from core.web.visit import Visit, Visiting

MAY = "mandates.use"


def _residents(visit: Visit) -> Face | None:
    """The face where residents are: the one that speaks their languages."""
    faces = visit.ctx.registry.faces.values()
    return next((face for face in faces if face.languages), None)


@get("/agir", opt={"permission": MAY})
async def held(visit: Visiting) -> Response[str]:
    """Whom one may act for today, for what, until when."""
    return await _page(visit)


async def _page(visit: Visit, refused: str = "", status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        rows = await mandates_held(unit, visit.ctx.who.account_id or 0)
    return visit.page(
        "admin/acting.html",
        status=status,
        rows=rows,
        scopes=SCOPES,
        refused=refused,
        reads=bool(visit.ctx.can("households.read")),
        form=visit.blank(),
    )


@post("/agir", opt={"permission": MAY})
async def begin(visit: Visiting) -> Response[str]:
    """Into the person's space: a session of its own, that ends with the authorisation.

    Beginning twice opens two sessions, as signing in twice does: there is nothing to do once.
    A space that was open in this browser, the resident's own included, is closed first.
    """
    form = await visit.form()
    mandate_id = form.integer("mandate", 1, 2**53)
    face, ctx = _residents(visit), visit.ctx
    if mandate_id is None or face is None:
        raise NotFound()
    before = visit.request.cookies.get(cookie_name(face.name, ctx.settings.https))
    try:
        async with ctx.unit() as unit:
            account_id = ctx.who.account_id or 0
            await begin_helping(unit, account_id, mandate_id)
            if before:
                await end_session(unit, before)
            cookie, _ = await open_session(unit, account_id, face.name, mandate_id=mandate_id)
    except NotFound as error:
        return await _page(visit, visit._(error.message), status=404)
    lang = ctx.lang if ctx.lang in ctx.place.langs else ctx.place.langs[0]
    response = visit.to(f"{face.prefix}/{ctx.place.slug}/{lang}/", absolute=True)
    response.set_cookie(visit.session_cookie(cookie, face.name))
    return response


HANDLERS = (held, begin)
NAV = (NavItem(N_("Agir pour…"), "/agir", MAY, order=65, icon="people"),)
