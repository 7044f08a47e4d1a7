"""A household's circle: somebody close, without an account, who may receive what is sent."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_acts import WRITE, member_id
from admin.household_file import act
from core.accounts.circle import LETTER, add_to_circle, circle_ever, leave_circle
from core.households.queries import household_id_of, members_on
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting
from core.web.words import direction, format_date

BASE = "/menages/{ref:str}/proches"


@post(BASE, opt={"permission": WRITE})
async def join(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Note that a person lets somebody close receive what is sent to them."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        person_id = await member_id(unit, household_id, form.value("circle_person"))
        ends_on = form.date("circle_ends_on", required=True)
        phone, email = form.phone("circle_phone"), form.email("circle_email")
        if person_id is None:
            form.wrong("circle_person", N_("Choisissez une personne."))
        form.check()
        assert person_id is not None and ends_on is not None
        await add_to_circle(
            unit,
            person_id,
            name=form.text("circle_name", 200),
            tie=form.value("circle_tie"),
            scope=form.all("circle_scope"),
            ends_on=ends_on,
            given_how=form.text("circle_given_how", 300),
            phone=phone,
            email=email,
            address=form.text("circle_address", 500),
            household_id=household_id,
        )

    return await act(visit, ref, "circle", work, N_("Le proche est noté."))


async def _one(unit: Unit, household_id: int, ref: str) -> Any:
    members = await members_on(unit, household_id, unit.today)
    for one in await circle_ever(unit, [m["person_id"] for m in members]):
        if one["ref"] == ref.upper():
            return one
    raise NotFound()


@post(BASE + "/fin", opt={"permission": WRITE})
async def leave(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The person stops it, or the one who helped does not want to any more."""

    async def work(unit: Unit, form: Form, household_id: int) -> None:
        one = await _one(unit, household_id, form.value("circle_ref"))
        await leave_circle(unit, one["ref"], one["person_id"], household_id=household_id)

    return await act(visit, ref, "circle", work, N_("Ce proche ne reçoit plus rien."))


@get(BASE + "/{person:str}", opt={"permission": "households.read"})
async def letter(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """The letter to print for somebody close: what they may receive, until when, nothing else."""
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        one = await _one(unit, household_id, person)
    if not one["now"]:
        raise NotFound(N_("Cette autorisation est terminée : il n’y a plus de lettre."))
    place = visit.ctx.place
    lang = one["language"] if one["language"] in place.langs else place.langs[0]
    return visit.page(
        "admin/households/circle_letter.html",
        ref=ref.upper(),
        one=one,
        letters=[_letter(visit, code, one) for code in dict.fromkeys((lang, "fr"))],
    )


def _letter(visit: Visit, lang: str, one: Any) -> dict[str, Any]:
    said = visit.request.app.state.templates.catalogue(lang, visit.vocabulary).gettext
    base = lang.split("@")[0]
    filled = {
        "name": one["name"],
        "person": f"{one['given_name']} {one['family_name']}",
        "day": format_date(one["last_day"], lang=base),
    }
    lines = {key: said(text) % filled for key, text in LETTER.items()}
    return {"lang": base, "dir": direction(lang), **lines}


HANDLERS = (join, leave, letter)
