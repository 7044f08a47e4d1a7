"""Free places: the list, declaring one, one place with who it fits, and each of its steps."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, version_of
from admin.paging import SIZE, asked, page_of
from admin.shortlists import read_shortlist
from core.extension.contributions import NavItem
from core.housing.labels import typology_labels
from core.housing.queries import has_units, kinds_on, sectors, unit_id_of, units_to_declare
from core.housing.rules import VACANCY
from core.housing.service import declare_vacancy, note_vacancy, vacancy_step
from core.housing.vacancy_reads import (
    OPEN_VACANCY,
    empty_days,
    vacancies,
    vacancy,
    vacancy_counts,
    vacancy_history,
)
from core.journal.changes import card_changes
from core.kernel.clock import last_moment
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

STEPS = {
    "geler": ("freeze", N_("Geler la place")),
    "degeler": ("unfreeze", N_("Rendre de nouveau disponible")),
    "rendre": ("give_back", N_("Rendre la place à la structure")),
    "redeclarer": ("declare_again", N_("Déclarer à nouveau")),
    "liberer": ("release", N_("Lever la réservation")),
}
"""Steps that a person takes from a place's page, by the word of their address."""

WORKS_CROSSED = N_("La fin des travaux est avant le jour où la place est libre.")
NOTE = Card({"note": N_("À savoir")})
FILTERS = ("declared", "held", "frozen", "filled", "given_back")


FREE, ALL = "declared", "tous"
SEVERAL = {
    "held": N_("Réservées"),
    "frozen": N_("Gelées"),
    "filled": N_("Pourvues"),
    "given_back": N_("Rendues"),
}


def _states(visit: Visit, state: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The free places, those that somebody keeps, all to be filled, and those of before."""
    kept = {n: v for n in ("secteur", "type") if (v := asked(visit, n))}
    every = sum(counts.get(one, 0) for one in OPEN_VACANCY)
    shown: list[tuple[str, str, int | None]] = [(FREE, N_("Libres"), counts.get(FREE, 0))]
    shown += [(one, SEVERAL[one], counts.get(one, 0)) for one in ("held", "frozen")]
    shown += [(ALL, N_("Toutes à pourvoir"), every)]
    shown += [(one, SEVERAL[one], None) for one in ("filled", "given_back")]
    return [
        {
            "label": visit._(label),
            "href": visit.href("/places?" + urlencode({**kept, "etat": key})),
            "current": key == state,
            "count": count,
        }
        for key, label, count in shown
    ]


@get("/places", opt={"permission": "vacancies.read"})
async def places(visit: Visiting) -> Response[str]:
    """Places to fill, the longest empty first; a structure sees its own."""
    sector, state = asked(visit, "secteur"), asked(visit, "etat")
    async with visit.ctx.unit() as unit:
        rows = await vacancies(
            unit,
            states=OPEN_VACANCY if state == ALL else (state if state in FILTERS else FREE,),
            kind=asked(visit, "type"),
            sector_id=whole(sector or ""),
            after=asked(visit, "apres"),
            limit=SIZE + 1,
        )
        counts = await vacancy_counts(unit)
        kinds, all_sectors = await kinds_on(unit, unit.today), await sectors(unit)
        days = await empty_days(unit, rows)
    shown, pager = page_of(visit, rows)
    return visit.page(
        "admin/places/list.html",
        fragment="results",
        rows=shown,
        pager=pager,
        days=days,
        kinds=[(k["code"], k["label"]) for k in kinds],
        sectors=[(s["id"], s["name"]) for s in all_sectors],
        states=VACANCY.states,
        tabs=_states(visit, state or FREE, counts),
        held=sum(counts.get(one, 0) for one in OPEN_VACANCY if one != FREE),
        form=visit.blank(visit.request.query_params.dict()),
        filtered=any(asked(visit, name) for name in ("secteur", "type")),
        state=state or FREE,
    )


@get("/places/declarer", opt={"permission": "vacancies.declare"})
async def ask_place(visit: Visiting) -> Response[str]:
    """Which place, free when, and what is to be known."""
    today = visit.ctx.clock.today(visit.ctx.place.zone)
    form = visit.blank(free_on=today, place=asked(visit, "place"))
    return await _declare(visit, form)


async def _declare(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        units = await units_to_declare(unit)
        # Nothing is left to declare, or nothing was ever entered: not the same thing to do next.
        known = bool(units) or await has_units(unit)
    groups: dict[str, list[tuple[str, str]]] = {}
    for u in units:
        label = u["label"]
        if u["occupied"]:
            label = visit._(N_("%(place)s (occupée)"), place=label)
        groups.setdefault(u["programme"], []).append((u["ref"], label))
    return visit.page(
        "admin/places/declare.html",
        status=status,
        form=form,
        units=list(groups.items()),
        known=known,
    )


@post("/places/declarer", opt={"permission": "vacancies.declare"})
async def declare(visit: Visiting) -> Response[str]:
    """Declare it; its page, with who it fits, is next."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        ref = form.required("place", N_("Choisissez une place."))
        free_on, works = form.date("free_on", required=True), form.date("works_until")
        note = form.text("note")
        form.check()
        assert free_on is not None
        unit_id = await unit_id_of(unit, ref)
        made = await declare_vacancy(unit, unit_id, free_on=free_on, note=note)
        if works is not None:
            if works < max(free_on, unit.today):
                raise Invalid({"works_until": WORKS_CROSSED})
            await vacancy_step(
                unit, made, "freeze", reason=visit._(N_("Travaux")), frozen_until=works
            )
        return {"ref": await unit.value("SELECT ref FROM vacancy WHERE id = $1", made)}

    try:
        done = await visit.once(form, "housing.declare_vacancy", work)
    except Invalid as error:
        return await _declare(visit, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("place", visit._(error.message, **error.params))
        return await _declare(visit, form, 409)
    return visit.to(f"/places/{done['ref']}", said=N_("Place déclarée libre."))


@get("/places/{ref:str}", opt={"permission": "vacancies.read"})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A free place: what it is, who it fits in the list's order, its steps."""
    return await _show(visit, ref, visit.blank())


async def _show(
    visit: Visit, ref: str, form: Form, status: int = 200, compared: Any = ()
) -> Response[str]:
    decides = bool(visit.ctx.can("referrals.decide"))
    async with visit.ctx.unit() as unit:
        row = await vacancy(unit, ref)
        history = await vacancy_history(unit, row["id"])
        days = (await empty_days(unit, [row]))[row["id"]]
        past = await card_changes(unit, "vacancy", {row["id"]: row}, NOTE.labels)
        ranked = (
            await read_shortlist(visit, unit, row)
            if decides and row["state"] in ("declared", "held")
            else {"found": None}
        )
    steps = [
        (slug, label)
        for slug, (verb, label) in STEPS.items()
        if (step := VACANCY.find(row["state"], verb)) is not None
        and visit.ctx.can(step.permission)
        and not (verb == "release" and row["referral_ref"])
    ]
    return visit.page(
        "admin/places/one.html",
        fragment="shortlist",
        status=status,
        row=row,
        form=form,
        days=days,
        history=history,
        past=NOTE.told(visit, past, {}),
        compared=compared,
        **ranked,
        decides=decides and row["referral_ref"] is None and row["state"] in ("declared", "held"),
        steps=steps,
        may_hold=row["state"] == "declared" and bool(visit.ctx.can("vacancies.hold")),
        states=VACANCY.states,
        verbs={**{t.verb: t.staff for t in VACANCY.transitions}, "declare": N_("Place déclarée.")},
        typologies=typology_labels(),
    )


@post("/places/{ref:str}/note", opt={"permission": "vacancies.declare"})
async def write_note(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What is to be known of the place; what somebody else wrote in between is shown beside."""
    form = await visit.form()
    text = form.text("note")

    async def work(unit: Unit) -> dict[str, Any]:
        row = await vacancy(unit, ref)
        form.check()
        await note_vacancy(unit, row["id"], version_of(form), text)
        return {}

    try:
        await visit.once(form, "housing.note_vacancy", work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    except Conflict as error:
        rows = NOTE.compared(visit, error, {"note": text}, {})
        return await _show(visit, ref, NOTE.upon(form, error, error.theirs), 409, rows)
    return visit.to(f"/places/{ref}", said=N_("Note enregistrée."))


@post("/places/{ref:str}/reserver", opt={"permission": "vacancies.hold"})
async def hold(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Keep the place for a household until a day, before proposing it."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await vacancy(unit, ref)
        until = form.date("held_until", required=True)
        typed = form.required("household", N_("Indiquez la référence du ménage."))
        form.check()
        assert until is not None
        if until < unit.today:
            raise Invalid({"held_until": N_("Indiquez une date à venir.")})
        household_id = await unit.value("SELECT id FROM household WHERE ref = $1", typed.upper())
        if household_id is None:
            raise Invalid({"household": N_("Aucun ménage n’a cette référence.")})
        await vacancy_step(
            unit,
            row["id"],
            "hold",
            household_id=household_id,
            held_until=last_moment(until, unit.zone),
        )
        return {}

    return await _act(visit, ref, form, "housing.hold", work, N_("Place réservée."))


@post("/places/{ref:str}/{slug:str}", opt={"permission": "vacancies.read"})
async def step(visit: Visiting, ref: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """Freeze, free again, give back, declare again, release."""
    form = await visit.form()
    if slug not in STEPS:
        return visit.to(f"/places/{ref}")
    verb, _ = STEPS[slug]

    async def work(unit: Unit) -> dict[str, Any]:
        row = await vacancy(unit, ref)
        reason, until = form.text("reason", 500), form.date("frozen_until")
        form.check()
        needs = {n.key for t in VACANCY.transitions if t.verb == verb for n in t.needs}
        if "reason" in needs and not reason:
            raise Invalid({"reason": N_("Indiquez un motif.")})
        await vacancy_step(unit, row["id"], verb, reason=reason, frozen_until=until)
        return {}

    return await _act(visit, ref, form, f"housing.{verb}", work, N_("Place mise à jour."))


async def _act(
    visit: Visit, ref: str, form: Form, verb: str, work: Any, said: str
) -> Response[str]:
    try:
        await visit.once(form, verb, work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("reason", visit._(error.message, **error.params))
        return await _show(visit, ref, form, 409)
    return visit.to(f"/places/{ref}", said=said)


HANDLERS = (places, ask_place, declare, show, write_note, hold, step)
NAV = (NavItem(N_("Places libres"), "/places", "vacancies.read", order=40, icon="bed"),)
