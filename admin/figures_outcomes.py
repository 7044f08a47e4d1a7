"""Orientations et refus: what referrals come to, why and when; by structure after its comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get
from litestar.response import Response, Stream

from admin.figure_words import (
    Section,
    count,
    export,
    least_of,
    rate_cells,
    rate_mark,
    rate_said,
    show,
    small,
)
from core.figures.outcomes import Cell, Tally, tallies, tally
from core.figures.publications import published, values_of
from core.figures.rollups import Counted, counted
from core.figures.rules import OUTCOME_LABELS, quarter_of
from core.figures.secrecy import Rate, rate, withheld
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.versions import AUTHOR_LABELS, reasons_on
from core.requests.recommendations import kind_labels
from core.web.charts import Mark, chart
from core.web.sheet import Sheet
from core.web.visit import Visit, Visiting

TITLE = N_("Orientations et refus")
TEXT = N_(
    "Une orientation compte dans le mois où elle est proposée. Les taux portent sur celles qui "
    "sont terminées."
)
RATES = ("admitted", "structure", "household")
"""The outcomes that have a column of their own."""

EXACT_FROM = 40
"""With fewer in all, a share rounded to five points would still give a small count back."""


@dataclass(frozen=True)
class Read:
    """What the page is made of: the cells, the places, what was published, and words."""

    cells: Counted
    places: Counted
    published: Sequence[Any]
    reasons: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, str]
    least: int
    by_month: bool


async def _read(visit: Visit, unit: Unit) -> Read:
    asked = visit.request.query_params
    reasons: dict[str, dict[str, str]] = {}
    for row in await reasons_on(unit, unit.today):
        reasons.setdefault(row["author"], {})[row["code"]] = row["label"]
    return Read(
        await counted(unit, "outcomes"),
        await counted(unit, "vacancies"),
        await published(unit, _day(asked.get("periode", ""))),
        reasons,
        await kind_labels(unit),
        await least_of(unit),
        asked.get("par") == "mois",
    )


def _day(text: str) -> date | None:
    """The round an address asks for; one that was tampered with is the latest."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@get("/chiffres/orientations", opt={"permission": "figures.read"})
async def outcomes(visit: Visiting) -> Response[str]:
    """Rates with their intervals, reasons, evolution; each structure's with its comment."""
    async with visit.ctx.unit() as unit:
        read = await _read(visit, unit)
    here = visit.href("/chiffres/orientations")
    return show(
        visit, read.cells, visit._(TITLE), visit._(TEXT), _sections(visit, read),
        "/chiffres/orientations", read.least, "outcomes",
        published=read.published,
        tabs=[
            {"label": visit._("Par trimestre"), "href": here, "current": not read.by_month},
            {"label": visit._("Par mois"), "href": f"{here}?par=mois", "current": read.by_month},
        ],
    )  # fmt: skip


@get("/chiffres/orientations/export", opt={"permission": "figures.read"})
async def outcomes_export(visit: Visiting) -> Stream:
    """The same as a file."""
    async with visit.ctx.unit() as unit:
        read = await _read(visit, unit)
    return export(visit, read.cells, visit._(TITLE), _sections(visit, read), "orientations")


def _sections(visit: Visit, read: Read) -> list[Section]:
    whole = tally(read.cells.rows)
    if not whole.ended:
        return []
    sections = [
        _whole(visit, whole, read.least),
        _ratios(visit, whole, read),
        _over_time(visit, read),
        _by_kind(visit, read),
        *(_reasons(visit, author, whole, read) for author in AUTHOR_LABELS),
    ]
    if read.published:
        sections.append(_by_structure(visit, read))
    return sections


def rates(found: Tally, least: int) -> tuple[Rate | None, ...]:
    """The shares of admissions, of refusals by the structure and by the household."""
    return tuple(rate(found.of(outcome), found.ended, least) for outcome in RATES)


def headers_of(visit: Visit, first: str) -> tuple[str, ...]:
    """The columns of a table of outcomes; `first` names its rows."""
    return (
        first, visit._("Orientations terminées"), visit._("Admissions"),
        visit._("Refus de la structure"), visit._("Intervalle à 95\u00a0%"),
        visit._("Refus du ménage"), visit._("Intervalle à 95\u00a0%"),
    )  # fmt: skip


def row_of(visit: Visit, label: str, found: Tally, least: int) -> tuple[str, ...]:
    """A row of it: of how many, and the three shares."""
    admitted, structure, household = rates(found, least)
    share, between, base = rate_cells(visit, structure)
    other = rate_cells(visit, household)
    # Of the three, one that is rounded rounds what they are shares of.
    bases = {rate_cells(visit, r)[2] for r in (admitted, structure, household) if r}
    base = next((b for b in bases if not b.isdecimal()), base)
    if structure is None:
        base = small(visit, least)
    return label, base, rate_said(visit, admitted), share, between, *other[:2]


def _whole(visit: Visit, found: Tally, least: int) -> Section:
    hidden = withheld({o: found.of(o) for o in OUTCOME_LABELS}, least)
    rows: list[tuple[Any, ...]] = []
    marks: list[Mark] = []
    for outcome, label in OUTCOME_LABELS.items():
        share = rate(found.of(outcome), found.ended, least, coarse=outcome in hidden)
        if outcome in hidden and found.ended < EXACT_FROM:
            share = None
        name = visit._(label)
        told = count(visit, found.of(outcome), least, outcome in hidden)
        rows.append((name, told, *rate_cells(visit, share)[:2]))
        marks.append(rate_mark(visit, name, share))
    rows.append((visit._("Ensemble des orientations terminées"), found.ended, "100\u00a0%", "–"))
    rows.append((visit._("En cours"), count(visit, found.running, least), "–", "–"))
    return Section(
        Sheet(
            "ensemble",
            visit._("Ce que deviennent les orientations"),
            (visit._("Issue"), visit._("Orientations"), visit._("Part"),
             visit._("Intervalle à 95\u00a0%")),
            rows,
        ),
        chart(
            "ensemble",
            visit._("Part de chaque issue"),
            visit._("Pour chaque issue : la part et son intervalle à 95 %."),
            marks, unit="\u00a0%", top=100,
        ),
    )  # fmt: skip


def _ratios(visit: Visit, whole: Tally, read: Read) -> Section:
    declared = sum(e.declared for e in read.places.rows)
    admitted = sum(e.admitted for e in read.places.rows)
    rows = [
        (visit._("Admissions ÷ orientations terminées"),
         *rate_cells(visit, rate(whole.of("admitted"), whole.ended, read.least))),
        (visit._("Admissions ÷ places déclarées libres"),
         *rate_cells(visit, rate(admitted, declared, read.least))),
    ]  # fmt: skip
    return Section(
        Sheet(
            "ratios",
            visit._("Admissions rapportées aux orientations et aux places"),
            (
                visit._("Rapport"),
                visit._("Part"),
                visit._("Intervalle à 95\u00a0%"),
                visit._("Sur"),
            ),
            rows,
        )
    )


def _over_time(visit: Visit, read: Read) -> Section:
    """Each month or quarter; one that is too small, or would be found from the others, is not."""
    key = (lambda c: c.month) if read.by_month else (lambda c: quarter_of(c.month))
    found: dict[date, Tally] = tallies(read.cells.rows, key)
    hidden = withheld({day: t.ended for day, t in found.items()}, read.least)
    rows: list[tuple[Any, ...]] = []
    marks: list[Mark] = []
    for day, one in sorted(found.items()):
        quarter = visit._("T%(n)s %(year)s", n=(day.month + 2) // 3, year=day.year)
        label = day.strftime("%m/%Y") if read.by_month else quarter
        if day in hidden:
            few = small(visit, read.least) if one.ended < read.least else visit._("non montré")
            rows.append((label, few, "–", "–", "–", "–", "–"))
            marks.append(Mark(label, few))
            continue
        rows.append(row_of(visit, label, one, read.least))
        marks.append(rate_mark(visit, label, rates(one, read.least)[1]))
    name = visit._("Mois") if read.by_month else visit._("Trimestre")
    return Section(
        Sheet("evolution", visit._("Évolution"), headers_of(visit, name), rows),
        chart(
            "evolution",
            visit._("Part des refus de la structure dans le temps"),
            visit._("Pour chaque période : la part et son intervalle à 95 %."),
            marks, shape="columns", unit="\u00a0%", top=100,
        ),
    )  # fmt: skip


def _grouped(cells: Sequence[Cell], key: Any, least: int) -> tuple[dict[Any, Tally], Tally | None]:
    """The groups that may be shown one by one, and the sum of the others."""
    found = tallies(cells, key)
    hidden = withheld({k: t.ended for k, t in found.items()}, least)
    rest = tally(c for c in cells if key(c) in hidden) if hidden else None
    return {k: t for k, t in found.items() if k not in hidden}, rest


def _by_kind(visit: Visit, read: Read) -> Section:
    shown, rest = _grouped(read.cells.rows, lambda c: c.kind, read.least)
    order = [k for k in read.kinds if k in shown] + [k for k in shown if k not in read.kinds]
    rows = [row_of(visit, read.kinds.get(k, k), shown[k], read.least) for k in order]
    marks = [rate_mark(visit, read.kinds.get(k, k), rates(shown[k], read.least)[1]) for k in order]
    if rest is not None:
        rows.append(row_of(visit, visit._("Autres types, regroupés"), rest, read.least))
    return Section(
        Sheet("types", visit._("Par type de place"), headers_of(visit, visit._("Type de place")),
              rows),
        chart(
            "types",
            visit._("Part des refus de la structure par type de place"),
            visit._("Pour chaque type : la part et son intervalle à 95 %."),
            marks, unit="\u00a0%", top=100,
        ),
    )  # fmt: skip


def _reasons(visit: Visit, author: str, whole: Tally, read: Read) -> Section:
    """Each reason an author may give, those never given too: that nobody gave it is small."""
    total, given = whole.of(author), whole.reasons.get(author, {})
    alone = author not in withheld({o: whole.of(o) for o in OUTCOME_LABELS}, read.least)
    labels = {**read.reasons.get(author, {}), **{c: c for c in given if c not in read.reasons}}
    counts = {code: given.get(code, 0) for code in labels}
    if left := total - sum(counts.values()):
        counts[""] = left
    hidden = withheld(counts, read.least) if alone else frozenset(counts)
    labels[""] = visit._("Motif non indiqué")
    rows: list[tuple[Any, ...]] = []
    for code in sorted(counts, key=lambda c: (c in hidden, -counts[c] if c not in hidden else 0)):
        few = counts[code] < read.least
        if code in hidden:
            told = small(visit, read.least) if few else visit._("non montré")
            rows.append((visit._(labels[code]), told, "–", "–"))
        else:
            share = rate_cells(visit, rate(counts[code], total, read.least))
            rows.append((visit._(labels[code]), counts[code], *share[:2]))
    text = ""
    if len(hidden) == len(counts):
        sum_told = total if alone else visit._("non montré")
        rows = [(visit._("Tous les motifs ensemble"), sum_told, "–", "–")]
        text = visit._("Trop peu de refus pour séparer les motifs.")
    title = visit._("Motifs : %(author)s", author=visit._(AUTHOR_LABELS[author]))
    return Section(
        Sheet(
            f"motifs-{author}", title,
            (visit._("Motif"), visit._("Refus"), visit._("Part"),
             visit._("Intervalle à 95\u00a0%")),
            rows,
        ),
        text=text,
    )  # fmt: skip


def _by_structure(visit: Visit, read: Read) -> Section:
    """What structures have read and commented; those that are too small are one row together."""
    found = {row["organisation"]: values_of(row).outcomes for row in read.published}
    hidden = withheld({name: t.ended for name, t in found.items()}, read.least)
    everybody = _sum(found.values())
    all_of_them = rate(everybody.of("structure"), everybody.ended, read.least)
    rows: list[tuple[Any, ...]] = []
    marks: list[Mark] = []
    for name, one in found.items():
        if name in hidden:
            continue
        refused = rates(one, read.least)[1]
        look = refused is not None and refused.apart(all_of_them)
        words = visit._("▲ à regarder") if look else ""
        rows.append((*row_of(visit, name, one, read.least), words))
        marks.append(rate_mark(visit, name, refused, look))
    if hidden:
        rest = _sum(found[name] for name in hidden)
        label = visit._("Autres structures, regroupées")
        rows.append((*row_of(visit, label, rest, read.least), ""))
        marks.append(rate_mark(visit, label, rates(rest, read.least)[1]))
    reference = None
    if all_of_them is not None:
        reference = (float(all_of_them.share), visit._("toutes les structures"))
    first, last = read.published[0]["starts_on"], read.published[0]["last_on"]
    return Section(
        Sheet(
            "structures",
            visit._("Par structure, du %(first)s au %(last)s", first=first.strftime("%d/%m/%Y"),
                    last=last.strftime("%d/%m/%Y")),
            (*headers_of(visit, visit._("Structure")), visit._("Écart")),
            rows,
            words=(0, 7),
        ),
        chart(
            "structures",
            visit._("Part des refus de la structure"),
            visit._("Pour chaque structure : la part et son intervalle à 95 %."),
            marks, unit="\u00a0%", top=100, reference=reference,
        ),
        text=visit._(
            "Un écart signalé ▲ est à regarder, ce n’est pas un jugement : les publics et les "
            "places diffèrent, et le hasard joue. Lisez aussi les commentaires."
        ),
    )  # fmt: skip


def _sum(found: Any) -> Tally:
    """Several structures as one."""
    whole = Tally()
    for one in found:
        whole.ended += one.ended
        whole.running += one.running
        whole.persons += one.persons
        for outcome, n in one.by.items():
            whole.by[outcome] = whole.of(outcome) + n
    return whole


HANDLERS = (outcomes, outcomes_export)
