"""Mes informations and mes autorisations d'aide: what is known of me, and who may act with me."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Response

from core.accounts.mandates import end_mandate
from core.extension.contributions import NavItem
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.service import write
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.messages import NOBODY
from portal.queries import load_self, other_members, own_mandates

ROLES = {
    "main": N_("Adulte"),
    "partner": N_("Adulte"),
    "child": N_("Enfant"),
    "other": N_("Autre personne"),
}
"""A place in a household, as its members read it."""

SCOPES = {
    "read": N_("Lire votre situation avec vous"),
    "answer": N_("Répondre à une proposition avec vous"),
    "write": N_("Écrire des messages avec vous"),
}
"""What an authorisation lets somebody do, as the person reads it."""

SEXES = {1: N_("Homme"), 2: N_("Femme")}


@get("/informations", opt={"permission": "resident"})
async def informations(visit: Visiting) -> Response[str]:
    """Who I am here, and with whom I ask."""
    return await _informations(visit, visit.blank())


async def _informations(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        others = []
        if mine.household_id is not None:
            others = await other_members(unit, mine.household_id, mine.person_id)
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/informations.html",
        fragment="informations",
        status=status,
        me=mine.row,
        others=others,
        roles=ROLES,
        sexes=SEXES,
        form=form,
    )


@post("/informations", opt={"permission": "resident"})
async def correct(visit: Visiting) -> Response[str]:
    """Ask for a correction: it goes to the team as a message, with its due date."""
    form = await visit.form()

    async def work(unit: Unit) -> int:
        mine = await load_self(unit)
        if mine.household_id is None:
            raise Invalid({"text": NOBODY})
        text = form.value("text")
        return await write(unit, mine.household_id, mine.person_id, "correction", text)

    try:
        await visit.once(form, "message.correction", work)
    except Invalid as error:
        return await _informations(visit, keep(visit, form, error), status=422)
    return visit.to("/messages", said=N_("Votre demande de correction est envoyée."))


@get("/autorisations", opt={"permission": "resident"})
async def mandates(visit: Visiting) -> Response[str]:
    """Who may act with me, for what, until when."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        given = await own_mandates(unit, mine.person_id)
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/mandates.html",
        fragment="mandates",
        mandates=given,
        scopes=SCOPES,
        form=visit.blank(),
    )


@post("/autorisations", opt={"permission": "resident"})
async def end(visit: Visiting) -> Response[str]:
    """End one, at once."""
    form = await visit.form()
    mandate_id = form.integer("mandate", 1, 2**53)

    async def work(unit: Unit) -> bool:
        mine = await load_self(unit)
        given = await own_mandates(unit, mine.person_id)
        if not any(m["id"] == mandate_id and m["in_force"] for m in given):
            raise NotFound()
        await end_mandate(unit, mandate_id or 0, household_id=mine.household_id)
        return True

    await visit.once(form, "mandate.end", work)
    return visit.to("/autorisations", said=N_("Cette autorisation est terminée."))


HANDLERS = (informations, correct, mandates, end)
NAV = (
    NavItem(
        N_("Mes informations"),
        "/informations",
        "resident",
        order=40,
        icon="person",
        short=N_("Mes infos"),
    ),
    NavItem(N_("Mes autorisations d’aide"), "/autorisations", "resident", order=50, icon="people"),
)
