"""Mes informations: what is known of me, and asking for a correction."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.households.stops import has_stopped, resume_messages, stop_messages
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.contacts import choice_of
from core.notifications.reach import OUTSIDE
from core.notifications.service import write
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.messages import NOBODY
from portal.queries import load_self, other_members

ROLES = {
    "main": N_("Adulte"),
    "partner": N_("Adulte"),
    "child": N_("Enfant"),
    "other": N_("Autre personne"),
}
"""A place in a household, as its members read it."""

WAYS = {"email": N_("E-mail"), "sms": N_("SMS"), "letter": N_("Lettre")}
"""The ways to be told, as a person says them."""

SEXES = {1: N_("Homme"), 2: N_("Femme")}


@get("/informations", opt={"permission": "resident", "helper": "read"})
async def informations(visit: Visiting) -> Response[str]:
    """Who I am here, and with whom I ask."""
    return await _informations(visit, visit.blank())


async def _informations(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        stopped = await has_stopped(unit, mine.person_id)
        choice = await choice_of(unit, mine.person_id)
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
        stopped=stopped,
        reach_form=visit.blank(
            first=(choice["prefers"] or [""])[0] if choice else "",
            unsafe=choice["unsafe"] if choice else [],
        ),
        reach_options=[(key, visit._(WAYS[key])) for key in OUTSIDE],
        form=form,
    )


@post("/informations", opt={"permission": "resident", "helper": "write"})
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


@post("/informations/messages", opt={"permission": "resident"})
async def be_told(visit: Visiting) -> Response[str]:
    """Be written to outside of here, or no more: the news stays to be read here either way."""
    form = await visit.form()
    wanted = form.value("told") == "yes"

    async def work(unit: Unit) -> bool:
        mine = await load_self(unit)
        if wanted:
            await resume_messages(unit, mine.person_id)
        elif not await has_stopped(unit, mine.person_id):
            await stop_messages(unit, mine.person_id, "own_wish")
        return True

    await visit.once(form, "message.be_told", work)
    said = N_("Nous vous préviendrons.") if wanted else N_("Nous ne vous écrirons plus.")
    return visit.to("/informations", said=said)


HANDLERS = (informations, correct, be_told)
NAV = (
    NavItem(
        N_("Mes informations"),
        "/informations",
        "resident",
        order=40,
        icon="person",
        short=N_("Mes infos"),
        helper="read",
    ),
)
