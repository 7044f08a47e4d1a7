"""A resident comes in with the card's code and a birth date, and leaves for good."""

from __future__ import annotations

from datetime import date

from litestar import get, post
from litestar.response import Response

from core.accounts.answers import forget_answers
from core.accounts.attempts import code_was_right, count_code
from core.accounts.passwords import read_code
from core.accounts.service import (
    BIRTH_EMPTY,
    CODE_EMPTY,
    CODE_REFUSED,
    CODE_SLIP,
    hash_of_card,
    use_code,
)
from core.accounts.sessions import end_session, open_session
from core.accounts.ways_back import FEW, codes_left
from core.kernel.errors import TooMany
from core.kernel.unit import Unit
from core.web.door import cookie_name
from core.web.forms import Form
from core.web.visit import Visit, Visiting


@get("/entrer", opt={"permission": "public"})
async def ask(visit: Visiting) -> Response[str]:
    """The form. A QR code brings the card's code behind the `#` of the address.

    What stands behind `#` never leaves the browser: no server, proxy or referrer sees it, where
    a query would be written in every log on the way. The script puts it in the field and takes it
    off the address, so that it does not stay in the history either. Without a script the field
    stays empty and the code is typed: the card shows it beside the QR code.
    """
    return visit.page("portal/signin.html", form=visit.blank(device="shared"))


@post("/entrer", opt={"permission": "public"})
async def enter(visit: Visiting) -> Response[str]:
    """Check the code of a card or of a sheet; every code that opens nothing gets the same answer.

    What the form alone shows (nothing written, a slip of the pen that the check character tells, a
    date that does not exist) is said as such and counts for nothing: no row is looked for. Who is
    left with few codes is first asked how they will come back.
    """
    form = await visit.form()
    birth = _complete(visit, form)
    if form.errors:
        return visit.page("portal/signin.html", status=422, form=form)
    try:
        await _count(visit, form)
        card = await hash_of_card(
            form.value("code"), visit.ctx.place.id, visit.ctx.settings.secret_key
        )
    except TooMany as error:
        form.wrong("code", visit._(error.message))
        return visit.page("portal/signin.html", status=429, form=form)
    async with visit.ctx.unit() as unit:
        account_id = await use_code(unit, card, birth)
        if account_id is not None:
            await code_was_right(unit, visit.network)
            own = form.value("device") == "own"
            cookie, _ = await open_session(unit, account_id, "portal", own_device=own)
            person_id = await unit.value(_PERSON, account_id)
            left = await codes_left(unit, person_id)
    if account_id is None:
        form.wrong("code", visit._(CODE_REFUSED))
        return visit.page("portal/signin.html", status=422, form=form)
    response = visit.to("/revenir" if left <= FEW else "/")
    response.set_cookie(visit.session_cookie(cookie))
    return response


_PERSON = "SELECT person_id FROM resident_account WHERE account_id = $1"


def _complete(visit: Visit, form: Form) -> date | None:
    """The birth date; notes beside its field what is missing or cannot be."""
    if not form.value("code"):
        form.wrong("code", visit._(CODE_EMPTY))
    elif read_code(form.value("code")) is None:
        form.wrong("code", visit._(CODE_SLIP))
    birth = form.birth("birth_date")
    if birth is None and not form.error("birth_date"):
        form.wrong("birth_date", visit._(BIRTH_EMPTY))
    if error := form.error("birth_date"):
        form.errors["birth_date"] = visit._(error)
    return birth


async def _count(visit: Visit, form: Form) -> None:
    """Count the try by code and by network, before it is evaluated."""
    # However it is written, it is one code: dashes and spaces buy no further tries.
    code = read_code(form.value("code")) or ""
    async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
        await count_code(unit, visit.ctx.place.slug, code, visit.network)


NEUTRAL = "https://fr.wikipedia.org/"
"""Where a quick exit leads: a site that anybody may be reading. The script knows the same."""


EMPTY = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>…</title>'
    f'<p><a href="{NEUTRAL}">…</a></p></html>'
)


@post("/quitter", opt={"permission": "public"})
async def leave(visit: Visiting) -> Response[str]:
    """Sign out: the session ends in the database, the browser forgets what it saw.

    The quick exit answers 200 with a Refresh: a redirect after a form is held to `form-action`,
    which names this site only. Its page is empty, for the moment it is seen.
    """
    form = await visit.form()
    cookie = visit.request.cookies.get(cookie_name("portal", visit.ctx.settings.https))
    if cookie:
        async with visit.ctx.unit() as unit:
            if unit.actor.account_id is not None:
                await forget_answers(unit)
            await end_session(unit, cookie)
    helper = visit.ctx.actor is not None and visit.ctx.actor.kind == "helper"
    quick = form.value("quick") == "1"
    if quick:
        response = Response(
            EMPTY, status_code=200, media_type="text/html", headers={"Refresh": f"0;url={NEUTRAL}"}
        )
    elif helper:
        response = visit.to(visit.helping_href(), absolute=True)
    else:
        response = visit.to("/au-revoir")
    response.set_cookie(visit.session_cookie(""))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


HANDLERS = (ask, enter, leave)
