"""Professionals sign in with a local account."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Response

from core.accounts.answers import forget_answers
from core.accounts.attempts import count_password, password_was_right
from core.accounts.searches import forget_searches
from core.accounts.service import check_password, stored_password
from core.accounts.sessions import end_session, find_actor, open_session
from core.kernel.errors import Invalid, TooMany
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.door import cookie_name
from core.web.visit import Visit, Visiting, keep

CHANGE = N_("Ce mot de passe ne sert qu’une fois : choisissez le vôtre.")
NO_ROLE = N_("Votre compte n’a aucun rôle dans ce territoire.")


@get("/connexion", opt={"permission": "public"})
async def ask(visit: Visiting) -> Response[str]:
    """The form."""
    return visit.page("admin/signin.html", form=visit.blank(suite=_back(visit)))


@post("/connexion", opt={"permission": "public"})
async def enter(visit: Visiting) -> Response[str]:
    """Check the password; the session is always a new one."""
    form = await visit.form()
    email, network = form.value("email"), visit.network
    try:
        async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
            await count_password(unit, email, network)
            found = await stored_password(unit, email)
        account_id = await check_password(found, form.value("password"))
        async with visit.ctx.unit() as unit:
            cookie, _ = await open_session(unit, account_id, "admin")
            if await find_actor(unit, cookie, "admin") is None:
                raise Invalid({"email": NO_ROLE})
            await password_was_right(unit, email, network)
            must_change = await unit.value(
                "SELECT must_change FROM account WHERE id = $1", account_id
            )
    except Invalid as error:
        return visit.page("admin/signin.html", status=422, form=keep(visit, form, error))
    except TooMany as error:
        form.wrong("email", visit._(error.message))
        return visit.page("admin/signin.html", status=429, form=form)
    back = form.value("suite")
    safe = back.startswith(visit.href("/")) and "//" not in back and "\\" not in back
    if must_change:
        response = visit.to("/mon-compte", said=CHANGE, tone="warn")
    else:
        response = visit.to(back, absolute=True) if safe else visit.to("/")
    response.set_cookie(visit.session_cookie(cookie))
    return response


@post("/quitter", opt={"permission": "public"})
async def leave(visit: Visiting) -> Response[str]:
    """Sign out: the session ends in the database."""
    cookie = visit.request.cookies.get(cookie_name("admin", visit.ctx.settings.https))
    if cookie:
        async with visit.ctx.unit() as unit:
            if unit.actor.account_id is not None:
                await forget_searches(unit)
                await forget_answers(unit)
            await end_session(unit, cookie)
    response = visit.to("/connexion")
    response.set_cookie(visit.session_cookie(""))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _back(visit: Visit) -> str:
    return visit.request.query_params.get("suite", "")


HANDLERS = (ask, enter, leave)
