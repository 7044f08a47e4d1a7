"""A new demande from five fields; the draft saves itself, and somebody known is not doubled."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from core.households.names import search_key
from core.households.queries import find_people, household_id_of
from core.households.service import NewPerson, create_household, set_situation
from core.kernel.errors import Conflict, Invalid
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.drafts import drop_draft, my_drafts, read_draft, save_draft
from core.requests.facts import known
from core.requests.service import open_request
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

FORM = "request.new"
PATH = "/demandes/nouvelle"
BEGUN = N_("Demande commencée. Complétez-la quand vous voulez.")


class _Known(Invalid):
    """Somebody like this person has a file already: to be looked at before a second one."""

    def __init__(self, alike: list[Any]) -> None:
        super().__init__({"separate": N_("Vérifiez que ce n’est pas la même personne.")})
        self.alike = alike


def situations() -> list[tuple[str, list[tuple[int, str]]]]:
    """Where one may sleep, grouped as it is counted."""
    names = {
        "rue": N_("Rue"), "tiers": N_("Chez quelqu’un"), "hebergement": N_("Hébergement"),
        "logement_accompagne": N_("Logement accompagné"), "logement": N_("Logement"),
        "institution": N_("Institution"), "soin": N_("Soin"), "asile": N_("Asile"),
    }  # fmt: skip
    items = code_list("residential_situation").items
    return [(label, [(i.id, i.label) for i in items if i.group == g]) for g, label in names.items()]


@get(PATH, opt={"permission": "requests.write"})
async def ask(visit: Visiting) -> Response[str]:
    """The five fields, empty or from one of my drafts."""
    subject = str(visit.request.query_params.get("brouillon", ""))[:20]
    values: dict[str, Any] = {}
    if subject:
        async with visit.ctx.unit() as unit:
            values = await read_draft(unit, FORM, subject) or {}
    return await _show(visit, visit.blank({**values, "draft": subject or new_ref()}))


async def _show(
    visit: Visit, form: Form, status: int = 200, alike: list[Any] | None = None
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        drafts = [d for d in await my_drafts(unit, FORM) if d["subject"] != form.value("draft")]
    return visit.page(
        "admin/requests/new.html",
        status=status,
        form=form,
        drafts=drafts,
        alike=alike or [],
        situations=[(visit._(label), items) for label, items in situations()],
        saved_at=None,
    )


@post("/demandes/brouillon", opt={"permission": "requests.write"})
async def keep_draft(visit: Visiting) -> Response[str]:
    """What was typed so far: by itself through htmx, or by the button."""
    form = await visit.form()
    subject = form.value("draft") or new_ref()
    values = {n: v for n, v in form.dump().items() if n not in ("draft", "separate")}
    async with visit.ctx.unit() as unit:
        kept = await save_draft(unit, FORM, subject, values)
        now = unit.now
    if visit.htmx:
        return visit.page(
            "admin/requests/saved.html", fragment="saved", saved_at=now if kept else None
        )
    if not kept:
        return visit.to(PATH, said=N_("Ce brouillon est trop long pour être gardé."), tone="warn")
    return visit.to(f"{PATH}?brouillon={subject}", said=N_("Brouillon enregistré."))


@post("/demandes/brouillon/jeter", opt={"permission": "requests.write"})
async def throw_away(visit: Visiting) -> Response[str]:
    """One of my drafts is no longer wanted."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        await drop_draft(unit, FORM, form.value("draft"))

    await visit.once(form, "request.drop_draft", work)
    return visit.to(PATH, said=N_("Brouillon jeté."))


@post(PATH, opt={"permission": "requests.write"})
async def begin(visit: Visiting) -> Response[str]:
    """Open the file and its demande; only a name is needed, the rest may come over days."""
    form = await visit.form()
    family, given = form.text("family_name", 120), form.text("given_name", 120)
    if not family:
        form.wrong("family_name", N_("Indiquez un nom."))
    if not given:
        form.wrong("given_name", N_("Indiquez un prénom."))
    birth = form.birth("birth")
    if birth and birth > visit.ctx.clock.today(visit.ctx.place.zone):
        form.wrong("birth", N_("Cette date de naissance est dans l’avenir."))
    code = form.choice("situation", code_list("residential_situation").labels())
    phone, email = form.phone("phone", 40), form.email("email", 120)

    async def work(unit: Unit) -> Any:
        # Looked for inside the command: a double click gets the first answer, and is not told
        # that the person it has just opened a file for exists already.
        if not form.value("separate"):
            found = await find_people(unit, f"{family} {given}", limit=10)
            if alike := [r for r in found if _alike(r, family, given, birth)][:10]:
                raise _Known(alike)
        person = NewPerson(family, given, birth, phone=phone, email=email)
        household_id = await create_household(unit, [person], phone=phone, email=email)
        request_id = await open_request(unit, household_id)
        file = await known(unit, request_id)
        if code is not None:
            main = file.people[0]["id"]
            await set_situation(unit, main, int(code), starts_on=unit.today, source="demande")
        await drop_draft(unit, FORM, form.value("draft"))
        return file.request["ref"]

    try:
        form.check()
        ref = await visit.once(form, "request.begin", work)
    except _Known as error:
        return await _show(visit, keep(visit, form, error), 422, error.alike)
    except Invalid as error:
        return await _show(visit, keep(visit, form, error), 422)
    return visit.to(f"/demandes/{ref}", said=BEGUN)


def _alike(row: Any, family: str, given: str, birth: Any) -> bool:
    """Same name but for a slip, unless both dates of birth are known and far apart."""
    if birth and row["birth"] and abs((birth - row["birth"]).days) > 366:
        return search_key(f"{family} {given}") == search_key(
            f"{row['family_name']} {row['given_name']}"
        )
    return True


@post("/demandes/pour", opt={"permission": "requests.write"})
async def for_household(visit: Visiting) -> Response[str]:
    """A demande for a household that has a file already."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        household_id = await household_id_of(unit, form.value("household"))
        request_id = await open_request(unit, household_id)
        await drop_draft(unit, FORM, form.value("draft"))
        return await unit.value("SELECT ref FROM housing_request WHERE id = $1", request_id)

    try:
        ref = await visit.once(form, "request.begin_for", work)
    except Conflict as error:
        return visit.to(f"/menages/{form.value('household')}", said=error.message, tone="warn")
    return visit.to(f"/demandes/{ref}", said=BEGUN)


HANDLERS = (ask, keep_draft, throw_away, begin, for_household)
