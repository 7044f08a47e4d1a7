"""Mes chiffres: what a structure reads of itself and comments, before anybody else."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, version_of
from admin.figure_words import Section, count, least_of, rate_cells
from admin.figures_outcomes import headers_of, row_of
from core.extension.contributions import NavItem
from core.figures.publications import (
    LONGEST,
    Published,
    own_publication,
    own_publications,
    values_of,
)
from core.figures.rollups import counted
from core.figures.rules import OUTCOME_LABELS
from core.figures.secrecy import rate, withheld
from core.figures.service import comment
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.sheet import Sheet
from core.web.visit import Visit, Visiting, keep

MAY = "figures.own"
COMMENT = Card({"comment": N_("Commentaire")})


@get("/mes-chiffres", opt={"permission": MAY})
async def own_figures(visit: Visiting) -> Response[str]:
    """The structure's figures: those to read first, and how long its places stood empty."""
    async with visit.ctx.unit() as unit:
        rows, found = await own_publications(unit), await counted(unit, "vacancies")
        own = unit.scope(MAY).over_places
        today = unit.today
    empty = [e for e in found.rows if own is None or e.organisation in own]
    return visit.page("admin/figures/own.html", rows=rows, today=today, empty=empty, counted=found)


@get("/mes-chiffres/{ref:str}", opt={"permission": MAY})
async def one_own(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One period, with the structure's comment while it may give one."""
    return await _one(visit, ref)


async def _one(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200, compared: object = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row, least = await own_publication(unit, ref), await least_of(unit)
        today = unit.today
    return visit.page(
        "admin/figures/own-one.html",
        status=status,
        row=row,
        today=today,
        sections=(_counts(visit, values_of(row), least), _told(visit, row, least)),
        values=values_of(row),
        least=least,
        longest=LONGEST,
        compared=compared,
        form=form or visit.blank(comment=row["comment"], version=row["version"]),
        open=row["published_at"] is None and today <= row["comment_until"],
    )


def _counts(visit: Visit, values: Published, least: int) -> Section:
    found = values.outcomes
    hidden = withheld({o: found.of(o) for o in OUTCOME_LABELS}, least)
    rows = [
        (
            visit._(label),
            count(visit, found.of(o), least, o in hidden),
            *rate_cells(visit, rate(found.of(o), found.ended, least) if o not in hidden else None)[
                :2
            ],
        )
        for o, label in OUTCOME_LABELS.items()
    ]
    rows.append((visit._("Ensemble"), count(visit, found.ended, least), "–", "–"))
    headers = (
        visit._("Issue"), visit._("Orientations"), visit._("Part"),
        visit._("Intervalle à 95\u00a0%"),
    )  # fmt: skip
    return Section(Sheet("issues", visit._("Ce que deviennent les orientations"), headers, rows))


def _told(visit: Visit, row: Any, least: int) -> Section:
    """The line that others will read, or that the structure is too small to have one."""
    found = values_of(row).outcomes
    title, first = visit._("Ce que les autres liront"), visit._("Structure")
    if found.ended < least:
        text = visit._(
            "Moins de %(n)s orientations terminées : vos chiffres sont regroupés avec ceux "
            "d’autres structures. Votre commentaire est publié.",
            n=least,
        )
        few = row_of(visit, row["organisation"], found, least)
        return Section(Sheet("lus", title, headers_of(visit, first), [few]), text=text)
    cells = row_of(visit, row["organisation"], found, least)
    return Section(Sheet("lus", title, headers_of(visit, first), [cells]))


@post("/mes-chiffres/{ref:str}", opt={"permission": MAY})
async def give_comment(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The structure's comment, published beside its figures."""
    form = await visit.form()
    text = form.text("comment", LONGEST)

    async def work(unit: Unit) -> dict[str, str]:
        form.check()
        await comment(unit, ref, version_of(form), text)
        return {}

    try:
        await visit.once(form, "figures.comment", work)
    except Invalid as error:
        return await _one(visit, ref, keep(visit, form, error), 422)
    except Conflict as error:
        rows = COMMENT.compared(visit, error, {"comment": text}, {})
        mine = COMMENT.upon(form, error, error.theirs)
        return await _one(visit, ref, mine, 409, rows)
    return visit.to(f"/mes-chiffres/{ref}", said=N_("Commentaire enregistré."))


HANDLERS = (own_figures, one_own, give_comment)
NAV = (NavItem(N_("Mes chiffres"), "/mes-chiffres", MAY, order=76, icon="chart"),)
