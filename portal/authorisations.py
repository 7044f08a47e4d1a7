"""Mes autorisations d'aide: who may act for me, for what, until when, and what they did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.response import Response

from core.accounts.mandates import GIVEN_ONLINE, end_mandate, give_mandate
from core.extension.contributions import NavItem
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.queries import load_self, mandate_acts, own_mandates, possible_helpers

SCOPES = {
    "read": N_("Lire votre situation"),
    "answer": N_("Répondre à une proposition pour vous"),
    "write": N_("Écrire des messages pour vous"),
}
"""What an authorisation lets somebody do, as the person reads it."""

TIMES = {
    "30": N_("1 mois"),
    "91": N_("3 mois"),
    "182": N_("6 mois"),
    "365": N_("1 an"),
}
"""For how long, in days."""

DID = {
    "mandate.used": N_("A ouvert votre espace."),
    "message.written": N_("A écrit un message à l’équipe."),
    "referral.accepted": N_("A dit oui à une proposition."),
    "referral.declined": N_("A dit non à une proposition."),
    "referral.refused_by_household": N_("A dit non à une proposition."),
    "referral.answer_undone": N_("A annulé une réponse."),
}
"""What was done under an authorisation, by the event that was recorded."""

DID_OTHER = N_("A agi pour vous.")

NOBODY = N_("Choisissez une personne.")
HOW_LONG = N_("Choisissez une durée.")
WHAT = N_("Choisissez au moins une chose.")


@get("/autorisations", opt={"permission": "resident"})
async def mandates(visit: Visiting) -> Response[str]:
    """Who may act for me, and the form that lets somebody."""
    return await _page(visit, visit.blank(scope=["read"]))


async def _page(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        given = await own_mandates(unit, mine.person_id)
        acts = await mandate_acts(unit, mine.person_id)
        helpers = await possible_helpers(unit, mine.household_id)
    visit.counts["messages"] = mine.unread
    held = {m["account_id"] for m in given if m["in_force"]}
    return visit.page(
        "portal/mandates.html",
        fragment="mandates",
        status=status,
        mandates=given,
        acts=acts,
        did=lambda kind: visit._(DID.get(kind, DID_OTHER)),
        scopes=SCOPES,
        scope_options=[(key, visit._(label)) for key, label in SCOPES.items()],
        times=[(key, visit._(label)) for key, label in TIMES.items()],
        helpers=[(h["id"], _said(h)) for h in helpers if h["id"] not in held],
        form=form,
    )


def _said(helper: Any) -> str:
    name, organisation = helper["name"], helper["organisation"]
    return f"{name} – {organisation}" if organisation else str(name)


@post("/autorisations/donner", opt={"permission": "resident"})
async def give(visit: Visiting) -> Response[str]:
    """Let one of those who follow my file act for me, for so long, for that."""
    form = await visit.form()
    account_id = form.integer("helper", 1, 2**53)
    scope = [s for s in form.all("scope") if s in SCOPES]
    if account_id is None:
        form.wrong("helper", NOBODY)
    if not scope:
        form.wrong("scope", WHAT)
    if form.value("time") not in TIMES:
        form.wrong("time", HOW_LONG)

    async def work(unit: Unit) -> int:
        form.check()
        mine = await load_self(unit)
        helpers = await possible_helpers(unit, mine.household_id)
        if all(h["id"] != account_id for h in helpers):
            raise Invalid({"helper": NOBODY})
        return await give_mandate(
            unit,
            mine.person_id,
            account_id or 0,
            scope,
            ends_on=unit.today + timedelta(days=int(form.value("time"))),
            given_how=GIVEN_ONLINE,
            household_id=mine.household_id,
        )

    try:
        await visit.once(form, "mandate.give", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), status=422)
    except Refused as error:
        return await _page(visit, keep(visit, form, Invalid({"helper": error.message})), 409)
    return visit.to("/autorisations", said=N_("Cette personne peut maintenant vous aider."))


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


HANDLERS = (mandates, give, end)
NAV = (
    NavItem(N_("Mes autorisations d’aide"), "/autorisations", "resident", order=50, icon="people"),
)
