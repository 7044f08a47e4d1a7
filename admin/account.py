"""One's own account: who I am here, and my password."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from core.accounts.team import change_own_password
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep


@get("/mon-compte", opt={"permission": "signed_in"})
async def account(visit: Visiting) -> Response[str]:
    """My name, my roles, my password."""
    return await _show(visit, visit.blank())


async def _show(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        me = await unit.row(
            "SELECT name, email, phone, must_change FROM account WHERE id = $1",
            visit.ctx.who.account_id,
        )
    return visit.page("admin/account.html", status=status, form=form, me=me)


@post("/mon-compte/mot-de-passe", opt={"permission": "signed_in"})
async def change(visit: Visiting) -> Response[str]:
    """A new password; every session ends, so one signs in again."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        await change_own_password(
            unit, form.value("current"), form.value("password"), form.value("again")
        )

    try:
        await visit.once(form, "account.change_password", work)
    except Invalid as error:
        return await _show(visit, keep(visit, form, error), 422)
    response = visit.to(
        "/connexion", said=N_("Votre mot de passe est changé. Connectez-vous avec le nouveau.")
    )
    response.set_cookie(visit.session_cookie(""))
    return response


HANDLERS = (account, change)
