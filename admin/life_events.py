"""Life events of a household: chosen, previewed with their effects, then confirmed."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_acts import member_id
from admin.household_file import words
from core.households.changes import EVENT_LABELS, PROTECTIONS, Holder, HouseholdFacts, LifeEvent
from core.households.file_reads import file_of
from core.households.life_events import plan
from core.households.living import facts_of
from core.households.people import MAJORITY, Role, Sex, age, is_minor
from core.households.queries import household_id_of
from core.kernel.errors import DomainError, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.life import live_event
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

WRITE = "households.write"
FOR_WHOM = ("child_leaves", "turns_18", "shared_custody", "separation", "guardianship", "death")
"""Kinds that happen to one of the members; the others happen to the household."""


def _concerned(facts: HouseholdFacts) -> dict[str, list[int]]:
    """Whom each kind may happen to, here; a kind that can happen to nobody is not offered. Pure."""
    today = facts.today
    everybody = [m.person_id for m in facts.members]
    minors = [m.person_id for m in facts.members if is_minor(m, today)]
    adults = [i for i in everybody if i not in minors]
    # Somebody who came as a child, grown by now, or of whom nobody knows the birth.
    growing = [
        m.person_id
        for m in facts.members
        if m.role == Role.CHILD and (m.birth is None or age(m.birth, today) >= MAJORITY)
    ]
    return {
        "child_leaves": minors if len(everybody) > 1 else [],
        "turns_18": growing,
        "shared_custody": minors,
        "separation": adults if len(adults) > 1 else [],
        "guardianship": adults,
        "death": everybody,
    }


async def _page(
    visit: Visit,
    ref: str,
    kind: str,
    form: Form | None = None,
    effects: list[str] | None = None,
    status: int = 200,
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        facts = await facts_of(unit, household_id)
        context = words(visit, unit)
        today = unit.today
    minors = {m.person_id for m in facts.members if is_minor(m, today)}
    name = {m["person_id"]: (m["ref"], f"{m['given_name']}") for m in file.members}
    concerned = {one: [name[i] for i in ids if i in name] for one, ids in _concerned(facts).items()}
    kinds = {one: label for one, label in EVENT_LABELS.items() if concerned.get(one, True)}
    if form is None and kind not in kinds:
        kind = ""
    whom = concerned.get(kind, [])
    return visit.page(
        "admin/households/life_event.html",
        status=status,
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        kind=kind,
        kinds=kinds | ({kind: EVENT_LABELS[kind]} if kind else {}),
        form=form or visit.blank(on=today.isoformat()),
        whom=whom,
        children=[name[i] for i in name if i in minors],
        protection_options=[(k, visit._(v)) for k, v in PROTECTIONS.items()],
        effects=effects,
        on=(form or visit.blank()).date("on"),
        tab="file",
        **context,
    )


@get("/menages/{ref:str}/evenement", opt={"permission": WRITE})
async def choose(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Which event, then its form."""
    kind = str(visit.request.query_params.get("type", ""))
    return await _page(visit, ref, kind if kind in EVENT_LABELS else "")


async def _event(unit: Unit, form: Form, household_id: int) -> LifeEvent:
    """The event as the form tells it; raises Invalid."""
    kind = form.choice("kind", EVENT_LABELS, required=True) or ""
    on = form.date("on", required=True)
    person_id = None
    if kind in FOR_WHOM:
        person_id = await member_id(unit, household_id, form.value("person"))
        if person_id is None:
            form.wrong("person", N_("Choisissez une personne."))
    ids = {}
    for name in ("children", "shared_children"):
        found = [await member_id(unit, household_id, r) for r in form.all(name)]
        ids[name] = tuple(i for i in found if i is not None)
    joining: HouseholdFacts | None = None
    if kind == "couple_formed":
        joining = await _joining(unit, form, household_id)
    birth = form.date("birth") if kind == "child_arrives" else None
    if kind == "child_arrives" and birth is None:
        form.wrong("birth", N_("Indiquez la date de naissance de l’enfant."))
    if kind in ("birth", "child_arrives") and not form.value("given_name"):
        form.wrong("given_name", N_("Indiquez le prénom de l’enfant."))
    sex = form.choice("sex", [int(s) for s in Sex])
    holder = Holder(
        form.text("holder", 200),
        form.text("holder_organisation", 200),
        form.phone("holder_phone"),
        form.date("until"),
    )
    form.check()
    assert on is not None
    return LifeEvent(
        kind,
        on,
        person_id=person_id,
        birth=birth,
        sex=Sex(int(sex)) if sex else None,
        protection=form.value("protection") or None,
        holder=holder,
        joining=joining,
        children=ids["children"],
        shared_children=ids["shared_children"],
    )


async def _joining(unit: Unit, form: Form, household_id: int) -> HouseholdFacts | None:
    try:
        other = await household_id_of(unit, form.value("joining"))
    except NotFound:
        form.wrong("joining", N_("Aucun dossier n’a ce numéro."))
        return None
    if other == household_id:
        form.wrong("joining", N_("C’est le même dossier."))
    return await facts_of(unit, other)


def _names(form: Form) -> tuple[str, str] | None:
    family, given = form.text("family_name", 200), form.text("given_name", 200)
    return (family, given) if family or given else None


async def _refused(visit: Visit, ref: str, form: Form, error: DomainError) -> Response[str]:
    kind = form.value("kind") if form.value("kind") in EVENT_LABELS else ""
    if isinstance(error, Invalid):
        return await _page(visit, ref, kind, keep(visit, form, error), status=422)
    form.wrong("on", visit._(error.message) % error.params)
    return await _page(visit, ref, kind, form, status=409)


@post("/menages/{ref:str}/evenement", opt={"permission": WRITE})
async def preview(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What the event would change, in words; nothing is written."""
    form = await visit.form()
    try:
        async with visit.ctx.unit() as unit:
            household_id = await household_id_of(unit, ref)
            event = await _event(unit, form, household_id)
            planned = plan(event, await facts_of(unit, household_id))
            if planned.refused is not None:
                raise Refused(planned.refused.msgid, **planned.refused.params)
    except (Invalid, Refused) as error:
        return await _refused(visit, ref, form, error)
    effects = [effect.render(visit._) for effect in planned.effects]
    return await _page(visit, ref, event.kind, form, effects)


@post("/menages/{ref:str}/evenement/confirmer", opt={"permission": WRITE})
async def confirm(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Carry it out, once."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        event = await _event(unit, form, household_id)
        await live_event(unit, household_id, event, names=_names(form))
        return {}

    try:
        await visit.once(form, "households.life_event", work)
    except (Invalid, Refused) as error:
        return await _refused(visit, ref, form, error)
    return visit.to(f"/menages/{ref}", N_("L’événement est noté."))


HANDLERS = (choose, preview, confirm)
