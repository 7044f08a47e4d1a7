"""A resident comes in with the card's code and a birth date, and leaves for good."""

from __future__ import annotations

from datetime import timedelta

from litestar import get, post
from litestar.response import Response

from core.accounts.service import CODE_REFUSED, use_code
from core.accounts.sessions import end_session, open_session
from core.accounts.throttle import count_try
from core.kernel.errors import TooMany
from core.kernel.unit import Unit
from core.web.door import cookie_name
from core.web.forms import Form
from core.web.visit import Visit

TRIES, WINDOW = 5, timedelta(minutes=15)
NETWORK_TRIES = 60
"""A day centre shares one address: the limit by network is soft."""


@get("/entrer", opt={"permission": "public"})
async def ask(visit: Visit) -> Response[str]:
    """The form; a QR code brings the code in the address's fragment-free query, once."""
    code = visit.request.query_params.get("code", "")
    return visit.page("portal/signin.html", form=visit.blank(code=code))


@post("/entrer", opt={"permission": "public"})
async def enter(visit: Visit) -> Response[str]:
    """Check the card; every mistake gets the same answer."""
    form = await visit.form()
    try:
        await _count(visit, form)
    except TooMany as error:
        form.wrong("code", visit._(error.message))
        return visit.page("portal/signin.html", status=429, form=form)
    birth = form.birth("birth_date")
    settings = visit.ctx.settings
    async with visit.ctx.unit() as unit:
        account_id = await use_code(unit, form.value("code"), birth, settings.secret_key)
        if account_id is not None:
            own = form.value("device") == "own"
            cookie, _ = await open_session(unit, account_id, "portal", own_device=own)
    if account_id is None:
        form.wrong("code", visit._(CODE_REFUSED))
        return visit.page("portal/signin.html", status=422, form=form)
    response = visit.to("/")
    response.set_cookie(visit.session_cookie(cookie))
    return response


async def _count(visit: Visit, form: Form) -> None:
    """Count the try by code and by network, before it is evaluated."""
    client = visit.request.client
    place = visit.ctx.place.slug
    async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
        await count_try(unit, f"code {place} {form.value('code').upper()}", TRIES, WINDOW)
    async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
        network = client.host if client else "?"
        await count_try(unit, f"network {network}", NETWORK_TRIES, WINDOW)


@post("/quitter", opt={"permission": "public"})
async def leave(visit: Visit) -> Response[str]:
    """Sign out: the session ends in the database, the browser forgets what it saw."""
    cookie = visit.request.cookies.get(cookie_name("portal", visit.ctx.settings.https))
    if cookie:
        async with visit.ctx.unit() as unit:
            await end_session(unit, cookie)
    response = visit.to("/entrer")
    response.set_cookie(visit.session_cookie(""))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


HANDLERS = (ask, enter, leave)
