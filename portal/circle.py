"""Mes proches: who, close to me and without an account, may receive what is sent to me."""

from __future__ import annotations

from datetime import timedelta

from litestar import get, post
from litestar.response import Response

from core.accounts.circle import add_to_circle, circle_ever, leave_circle
from core.accounts.mandates import GIVEN_ONLINE
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.authorisations import HOW_LONG, TIMES
from portal.queries import load_self

SCOPES = {
    "card": N_("La lettre avec mon code"),
    "notices": N_("Une copie de mes avis"),
}
"""What somebody close may receive, as the person reads it."""

TIES = {
    "family": N_("Ma famille"),
    "friend": N_("Une amie, un ami"),
    "neighbour": N_("Une voisine, un voisin"),
    "volunteer": N_("Bénévole d’une association"),
    "other": N_("Une autre personne"),
}
"""Who they are to the person."""

PATH = "/autorisations/proches"


@get(PATH, opt={"permission": "resident"})
async def circle(visit: Visiting) -> Response[str]:
    """Those whom I let, and the form that lets somebody."""
    return await _page(visit, visit.blank(scope=["card"], tie="family"))


async def _page(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        people = await circle_ever(unit, [mine.person_id])
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/circle.html",
        fragment="circle",
        status=status,
        people=people,
        scopes=SCOPES,
        ties=TIES,
        scope_options=[(key, visit._(label)) for key, label in SCOPES.items()],
        tie_options=[(key, visit._(label)) for key, label in TIES.items()],
        times=[(key, visit._(label)) for key, label in TIMES.items()],
        form=form,
    )


@post(PATH, opt={"permission": "resident"})
async def join(visit: Visiting) -> Response[str]:
    """Let somebody close receive that, for so long."""
    form = await visit.form()
    phone, email = form.phone("phone"), form.email("email")
    if form.value("time") not in TIMES:
        form.wrong("time", HOW_LONG)

    async def work(unit: Unit) -> int:
        form.check()
        mine = await load_self(unit)
        return await add_to_circle(
            unit,
            mine.person_id,
            name=form.text("name", 200),
            tie=form.value("tie"),
            scope=form.all("scope"),
            ends_on=unit.today + timedelta(days=int(form.value("time"))),
            given_how=GIVEN_ONLINE,
            phone=phone,
            email=email,
            address=form.text("address", 500),
            household_id=mine.household_id,
        )

    try:
        await visit.once(form, "circle.join", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), status=422)
    except Refused as error:
        return await _page(visit, keep(visit, form, Invalid({"name": error.message})), 409)
    return visit.to(PATH, said=N_("Cette personne peut maintenant recevoir vos lettres."))


@post(PATH + "/fin", opt={"permission": "resident"})
async def leave(visit: Visiting) -> Response[str]:
    """Stop it, at once."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        mine = await load_self(unit)
        await leave_circle(
            unit, form.value("close"), mine.person_id, household_id=mine.household_id
        )
        return True

    await visit.once(form, "circle.leave", work)
    return visit.to(PATH, said=N_("Cette personne ne reçoit plus vos lettres."))


HANDLERS = (circle, join, leave)
