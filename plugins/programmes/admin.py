"""The back-office pages of programmes: the list, one programme, its card and what it aims at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.accounts.team import team
from core.extension.contributions import NavItem
from core.housing.queries import organisations
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import settings_of
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep
from plugins.programmes import admin_members
from plugins.programmes.codes import KINDS, MEASURES, OUTCOMES, ROLES, TONES
from plugins.programmes.queries import figures, programme_of, programmes, standing
from plugins.programmes.rules import milestone_state
from plugins.programmes.service import (
    CARD,
    add_milestone,
    add_partner,
    change_programme,
    end_milestone,
    end_partner,
    open_programme,
    set_goal,
)
from plugins.programmes.settings import Settings

READ, MANAGE = {"permission": "programmes.read"}, {"permission": "programmes.manage"}


@get("/programmes", opt=READ)
async def list_programmes(visit: Visiting) -> Response[str]:
    """The territory's programmes, with what was reached and what is late."""
    ended = visit.request.query_params.get("clos") == "oui"
    async with visit.ctx.unit() as unit:
        settings = await settings_of(unit, "programmes", Settings)
        rows = await programmes(unit, settings.alert_days, ended=ended)
        reached = await figures(unit, [r["id"] for r in rows])
        today = unit.today
    return visit.page(
        "programmes/admin/list.html",
        rows=[(row, reached[row["id"]]) for row in rows],
        kinds=KINDS,
        ended=ended,
        today=today,
    )


async def _show(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        programme = await programme_of(unit, ref)
        stands = await standing(unit, programme["id"])
        settings = await settings_of(unit, "programmes", Settings)
        manages = visit.ctx.can("programmes.manage")
        offered = await organisations(unit) if manages else []
        people = await team(unit) if manages else []
        today = unit.today
    return visit.page(
        "programmes/admin/one.html",
        status=status,
        programme=programme,
        stands=stands,
        milestones=[
            (m, milestone_state(m["due_on"], m["outcome"], today, settings.alert_days))
            for m in stands.milestones
        ],
        form=form or visit.blank(),
        kinds=KINDS,
        roles=_words(visit, ROLES),
        measures=_words(visit, MEASURES),
        outcomes=OUTCOMES,
        tones=TONES,
        organisations=[(o["id"], o["name"]) for o in offered],
        people=[(p.id, p.name) for p in people if p.current],
    )


def _words(visit: Visit, codes: Mapping[str, str]) -> dict[str, str]:
    return {key: visit._(label) for key, label in codes.items()}


@get("/programmes/{ref:str}", opt=READ)
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One programme: goals against figures, milestones, partners."""
    return await _show(visit, ref)


def _card(form: Form) -> dict[str, Any]:
    card: dict[str, Any] = {name: form.text(name) for name in CARD if not name.endswith("_on")}
    card["starts_on"] = form.date("starts_on", required=True)
    card["ends_on"] = form.date("ends_on")
    return card


def _edit(visit: Visit, form: Form, ref: str = "", status: int = 200) -> Response[str]:
    kinds = list(_words(visit, KINDS).items())
    return visit.page("programmes/admin/edit.html", status=status, form=form, ref=ref, kinds=kinds)


@get("/programmes/nouveau", opt=MANAGE)
async def new(visit: Visiting) -> Response[str]:
    """A blank card."""
    return _edit(visit, visit.blank())


@post("/programmes/nouveau", opt=MANAGE)
async def create(visit: Visiting) -> Response[str]:
    """Open a programme."""
    form = await visit.form()
    card = _card(form)
    try:
        form.check()
        ref = await visit.once(form, "programmes.open", lambda unit: open_programme(unit, card))
    except Invalid as error:
        return _edit(visit, keep(visit, form, error), status=422)
    return visit.to(f"/programmes/{ref}", N_("Le programme est ouvert."))


@get("/programmes/{ref:str}/modifier", opt=MANAGE)
async def edit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The card as it stands, to change it."""
    async with visit.ctx.unit() as unit:
        programme = await programme_of(unit, ref)
    values = {name: programme[name] for name in (*CARD, "version")}
    return _edit(visit, visit.blank(values), programme["ref"])


@post("/programmes/{ref:str}/modifier", opt=MANAGE)
async def change(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Change the card; what somebody else changed meanwhile is not overwritten."""
    form = await visit.form()
    card = _card(form)
    version = form.integer("version") or 0

    async def work(unit: Unit) -> bool:
        programme = await programme_of(unit, ref)
        await change_programme(unit, programme["id"], card, version)
        return True

    try:
        form.check()
        await visit.once(form, "programmes.change", work)
    except Invalid as error:
        return _edit(visit, keep(visit, form, error), ref, 422)
    return visit.to(f"/programmes/{ref}", N_("La fiche est enregistrée."))


@post("/programmes/{ref:str}/partenaires", opt=MANAGE)
async def partner(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """An organisation takes part."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        programme = await programme_of(unit, ref)
        organisation = whole(form.value("organisation")) or 0
        await add_partner(unit, programme["id"], organisation, form.value("role"))
        return True

    return await _act(visit, ref, form, work, N_("Le partenaire est ajouté."))


@post("/programmes/{ref:str}/partenaires/{partner_id:int}", opt=MANAGE)
async def part(visit: Visiting, ref: FromPath[str], partner_id: FromPath[int]) -> Response[str]:
    """An organisation no longer takes part."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        await end_partner(unit, (await programme_of(unit, ref))["id"], partner_id)
        return True

    return await _act(visit, ref, form, work, N_("Le partenaire est retiré."))


@post("/programmes/{ref:str}/objectifs", opt=MANAGE)
async def goal(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A number to reach by a day."""
    form = await visit.form()
    target = form.integer("target", 1, 1_000_000)
    due_on = form.date("goal_due_on", required=True)

    async def work(unit: Unit) -> bool:
        assert due_on is not None
        programme = await programme_of(unit, ref)
        await set_goal(
            unit, programme["id"], measure=form.value("measure"), target=target or 0, due_on=due_on
        )
        return True

    return await _act(visit, ref, form, work, N_("L’objectif est fixé."))


@post("/programmes/{ref:str}/jalons", opt=MANAGE)
async def milestone(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What must be there by a day."""
    form = await visit.form()
    due_on = form.date("due_on", required=True)
    label = form.text("label", 200)

    async def work(unit: Unit) -> bool:
        assert due_on is not None
        programme = await programme_of(unit, ref)
        holder = whole(form.value("holder"))
        await add_milestone(unit, programme["id"], label=label, due_on=due_on, holder_id=holder)
        return True

    return await _act(visit, ref, form, work, N_("Le jalon est ajouté."))


@post("/programmes/{ref:str}/jalons/{milestone_id:int}", opt=MANAGE)
async def settle(visit: Visiting, ref: FromPath[str], milestone_id: FromPath[int]) -> Response[str]:
    """A milestone is reached, or given up."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        programme = await programme_of(unit, ref)
        await end_milestone(unit, programme["id"], milestone_id, form.value("outcome"))
        return True

    return await _act(visit, ref, form, work, N_("Le jalon est clos."))


async def _act(visit: Visit, ref: str, form: Form, work: Any, said: str) -> Response[str]:
    """One act on a programme: back to its page, or the page again with what is to be mended."""
    try:
        form.check()
        await visit.once(form, "programmes.act", work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    return visit.to(f"/programmes/{ref}", said)


NAV = (NavItem(N_("Programmes"), "/programmes", "programmes.read", order=70, icon="list"),)
HANDLERS = (
    list_programmes, show, new, create, edit, change, partner, part, goal, milestone, settle,
    *admin_members.HANDLERS,
)  # fmt: skip
