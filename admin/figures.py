"""Chiffres: the first page, waits by list and size, vacancy by structure, and the method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar import get
from litestar.params import FromPath
from litestar.response import Response, Stream

from admin.figure_words import (
    Section,
    count,
    days,
    export,
    least_of,
    show,
    wait_mark,
    wait_said,
)
from core.extension.contributions import NavItem
from core.figures.fairness import organisation_names
from core.figures.publications import rounds
from core.figures.rollups import Counted, counted
from core.figures.rules import EVERY, SIZE_LABELS, SIZES
from core.figures.secrecy import withheld
from core.figures.waits import Wait
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.recommendations import kind_labels
from core.web.charts import Mark, chart
from core.web.sheet import Sheet
from core.web.visit import Visit, Visiting

MAY = "figures.read"


@get("/chiffres", opt={"permission": MAY})
async def overview(visit: Visiting) -> Response[str]:
    """Which figures there are, and where the reading by structures stands."""
    async with visit.ctx.unit() as unit:
        found = await rounds(unit)
    return visit.page("admin/figures/overview.html", rounds=found)


@get("/chiffres/methode", opt={"permission": MAY})
async def method(visit: Visiting) -> Response[str]:
    """How each figure is made, in plain words, with its sources."""
    async with visit.ctx.unit() as unit:
        least = await least_of(unit)
    return visit.page("admin/figures/method.html", least=least)


# -- waits ------------------------------------------------------------------------------------


async def _waits(unit: Unit) -> tuple[Counted, dict[str, str], int]:
    found, least = await counted(unit, "waits"), await least_of(unit)
    labels = await kind_labels(unit)
    return found, {**labels, **{w.kind: w.kind for w in found.rows if w.kind not in labels}}, least


@get("/chiffres/attente", opt={"permission": MAY})
async def waits(visit: Visiting) -> Response[str]:
    """How long one waits on each list, all sizes together."""
    async with visit.ctx.unit() as unit:
        found, labels, least = await _waits(unit)
    section = _by_list(visit, found.rows, labels, least)
    return visit.page(
        "admin/figures/waits.html",
        counted=found,
        least=least,
        waits=section,
        kinds=[(w.kind, labels[w.kind]) for w in _ordered(found.rows, labels) if w.size == EVERY],
    )


@get("/chiffres/attente/listes/{kind:str}", opt={"permission": MAY})
async def waits_of_list(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """One list, by size."""
    async with visit.ctx.unit() as unit:
        found, labels, least = await _waits(unit)
    if kind not in labels:
        raise NotFound()
    return visit.page(
        "admin/figures/waits-list.html",
        counted=found,
        least=least,
        label=labels[kind],
        waits=by_size(visit, [w for w in found.rows if w.kind == kind], least),
    )


@get("/chiffres/attente/export", opt={"permission": MAY})
async def waits_export(visit: Visiting) -> Stream:
    """Every list, then each list by size."""
    async with visit.ctx.unit() as unit:
        found, labels, least = await _waits(unit)
    sections = [_by_list(visit, found.rows, labels, least)]
    for kind, label in labels.items():
        own = [w for w in found.rows if w.kind == kind]
        if own:
            sections.append(by_size(visit, own, least, label))
    return export(visit, found, visit._("Temps d’attente"), sections, "attente")


def _ordered(rows: Sequence[Wait], labels: Mapping[str, str]) -> list[Wait]:
    order = list(labels)
    return sorted(rows, key=lambda w: order.index(w.kind))


def _headers(visit: Visit, first: str) -> tuple[str, ...]:
    return (
        first, visit._("Ménages en attente"), visit._("Personnes"),
        visit._("Places libérées en 12 mois"), visit._("Admissions"), visit._("Attente habituelle"),
        visit._("Un quart, en jours"), visit._("La moitié, en jours"),
        visit._("Trois quarts, en jours"),
    )  # fmt: skip


def _cells(visit: Visit, name: str, wait: Wait, least: int, hidden: bool) -> tuple[object, ...]:
    few = wait.households < least
    return (
        name,
        count(visit, wait.households, least, hidden and not few),
        "–" if hidden or few else wait.persons,
        wait.freed,
        count(visit, wait.admissions, least),
        wait_said(visit, wait, least),
        days(visit, wait.quarter, wait, least),
        days(visit, wait.median, wait, least),
        days(visit, wait.three, wait, least),
    )


def _by_list(visit: Visit, rows: Sequence[Wait], labels: Mapping[str, str], least: int) -> Section:
    every = [w for w in _ordered(rows, labels) if w.size == EVERY]
    cells = [_cells(visit, labels[w.kind], w, least, hidden=False) for w in every]
    told = [w for w in every if w.enough(least)]
    drawn = chart(
        "attente",
        visit._("Attente habituelle par liste, en mois"),
        visit._("Pour chaque liste : du premier au troisième quart des ménages, et la moitié."),
        [wait_mark(visit, labels[w.kind], w, least) for w in told],
    )
    title = visit._("Attente par liste, toutes tailles")
    return Section(
        Sheet("par-liste", title, _headers(visit, visit._("Liste")), cells, words=(0, 5)),  # type: ignore[arg-type]
        drawn,
    )


def by_size(visit: Visit, rows: Sequence[Wait], least: int, label: str = "") -> Section:
    """One list by size, all sizes first."""
    of = {w.size: w for w in rows}
    every = of.get(EVERY, Wait(rows[0].kind if rows else "", EVERY))
    sizes = {size: of.get(size, Wait(every.kind, size)) for size in SIZES}
    parts = {size: w.households for size, w in sizes.items()}
    parts["?"] = every.households - sum(parts.values())
    if not parts["?"]:
        del parts["?"]
    hidden = withheld(parts, least)
    names = {size: visit._(name) for size, name in SIZE_LABELS.items()}
    cells = [_cells(visit, visit._("Toutes tailles"), every, least, hidden=False)]
    cells += [_cells(visit, names[s], w, least, s in hidden) for s, w in sizes.items()]
    marks = [wait_mark(visit, visit._("Toutes tailles"), every, least)]
    marks += [wait_mark(visit, names[s], w, least) for s, w in sizes.items() if w.enough(least)]
    title = visit._("Attente par taille de ménage")
    return Section(
        Sheet(
            "par-taille",
            f"{label} – {title}" if label else title,
            _headers(visit, visit._("Taille")),
            cells,  # type: ignore[arg-type]
            words=(0, 5),
        ),
        chart(
            "attente-taille",
            visit._("Attente habituelle par taille, en mois"),
            visit._("Pour chaque taille : du premier au troisième quart, et la moitié."),
            marks,
        ),
    )


# -- vacancy ----------------------------------------------------------------------------------


async def _vacancy(visit: Visit) -> tuple[Counted, list[Section], int]:
    async with visit.ctx.unit() as unit:
        found, least = await counted(unit, "vacancies"), await least_of(unit)
        labels, names = await kind_labels(unit), await organisation_names(unit)
    kinds: dict[str, list[int]] = {}
    programmes = []
    for empty in found.rows:
        sums = kinds.setdefault(empty.kind, [0, 0, 0])
        for n, part in enumerate((empty.declared, empty.days, empty.open)):
            sums[n] += part
        owner = names.get(str(empty.organisation), "")
        label = labels.get(empty.kind, empty.kind)
        cells = (empty.declared, empty.days, empty.open)
        programmes.append((empty.name, owner, label, *cells))
    order = [k for k in labels if k in kinds] + [k for k in kinds if k not in labels]
    figures = visit._("Places déclarées"), visit._("Jours de vacance"), visit._("Libres maintenant")
    by_kind = Sheet(
        "par-type",
        visit._("Vacance par type de place"),
        (visit._("Type de place"), *figures),
        [(labels.get(kind, kind), *kinds[kind]) for kind in order],
    )
    by_structure = Sheet(
        "par-structure",
        visit._("Vacance par structure"),
        (visit._("Structure"), visit._("Organisation"), visit._("Type de place"), *figures),
        programmes,
        words=(0, 1, 2),
    )
    marks = [
        Mark(labels.get(k, k), visit._("%(n)s jours", n=kinds[k][1]), kinds[k][1], 0, kinds[k][1])
        for k in order
    ]
    drawn = chart(
        "vacance",
        visit._("Jours de vacance par type de place"),
        visit._("Pour chaque type de place : le nombre de jours."),
        marks,
    )
    text = visit._("Une place compte quand elle est déclarée libre pendant la période.")
    sections = [Section(by_kind, drawn, text=text), Section(by_structure)]
    return found, sections, least


VACANCY = N_("Vacance des places")
VACANCY_TEXT = N_(
    "Les jours où une place est restée vide et utilisable : du jour où elle est libre au jour où "
    "elle est pourvue ou rendue. Les travaux ne comptent pas."
)


@get("/chiffres/vacance", opt={"permission": MAY})
async def vacancy(visit: Visiting) -> Response[str]:
    """Days during which places stood empty, by kind and by structure."""
    found, sections, least = await _vacancy(visit)
    title, text = visit._(VACANCY), visit._(VACANCY_TEXT)
    return show(visit, found, title, text, sections, "/chiffres/vacance", least)


@get("/chiffres/vacance/export", opt={"permission": MAY})
async def vacancy_export(visit: Visiting) -> Stream:
    """The same as a file."""
    found, sections, _ = await _vacancy(visit)
    return export(visit, found, visit._(VACANCY), sections, "vacance")


HANDLERS = (overview, method, waits, waits_of_list, waits_export, vacancy, vacancy_export)
NAV = (NavItem(N_("Chiffres"), "/chiffres", MAY, order=75, icon="chart"),)
