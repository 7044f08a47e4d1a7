"""Équité: whether groups are proposed places and admitted alike; differences to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar import get
from litestar.response import Response, Stream

from admin.figure_words import (
    Section,
    count,
    export,
    least_of,
    months,
    rate_cells,
    rate_mark,
    show,
)
from core.figures.fairness import ALL, DIMENSIONS, Group, organisation_names, sector_names
from core.figures.rollups import Counted, counted
from core.figures.secrecy import rate, withheld
from core.kernel.words import N_
from core.requests.recommendations import kind_labels
from core.territories.codes import code_list
from core.web.charts import Mark, chart
from core.web.sheet import Sheet
from core.web.visit import Visit, Visiting

TITLE = N_("Équité")
TEXT = N_(
    "Ménages inscrits sur une liste pendant la période : la part à qui une place a été proposée, "
    "et l’attente jusqu’à l’admission. Un écart signalé ▲ est à regarder, ce n’est pas un "
    "jugement : le type de place, la taille du ménage ou le hasard peuvent l’expliquer. Sur vingt "
    "groupes, il en vient un par hasard."
)

Names = Mapping[str, Mapping[str, str]]


async def _read(visit: Visit) -> tuple[Counted, list[Section], int]:
    async with visit.ctx.unit() as unit:
        found, least = await counted(unit, "fairness"), await least_of(unit)
        names: Names = {
            "composition": _codes("composition"),
            "sector": await sector_names(unit),
            "prescriber": await organisation_names(unit),
            "kind": await kind_labels(unit),
            "reason": _codes("request_reason"),
        }
    whole = next((g for g in found.rows if g.dimension == ALL), None)
    if whole is None or whole.households < least:
        return found, [], least
    sections = [_everybody(visit, whole, least)]
    for dimension, label in DIMENSIONS.items():
        groups = [g for g in found.rows if g.dimension == dimension]
        sections.append(_section(visit, dimension, visit._(label), groups, whole, names, least))
    return found, sections, least


def _codes(name: str) -> dict[str, str]:
    return {str(code): label for code, label in code_list(name).labels().items()}


@get("/chiffres/equite", opt={"permission": "figures.read"})
async def fairness(visit: Visiting) -> Response[str]:
    """Each dimension with its groups, in households and in people."""
    found, sections, least = await _read(visit)
    title, text = visit._(TITLE), visit._(TEXT)
    return show(visit, found, title, text, sections, "/chiffres/equite", least)


@get("/chiffres/equite/export", opt={"permission": "figures.read"})
async def fairness_export(visit: Visiting) -> Stream:
    """The same as a file."""
    found, sections, _ = await _read(visit)
    return export(visit, found, visit._(TITLE), sections, "equite")


def _headers(visit: Visit, first: str) -> tuple[str, ...]:
    return (
        first, visit._("Ménages"), visit._("Personnes"), visit._("Place proposée"),
        visit._("Intervalle à 95\u00a0%"), visit._("Attente médiane, en jours"),
        visit._("Intervalle à 95\u00a0%"), visit._("Écart"),
    )  # fmt: skip


def _median(visit: Visit, group: Group, least: int) -> tuple[str, str]:
    """The median wait and its interval; one that too few admissions carry is not told."""
    if group.admissions < least or group.median is None:
        return visit._("pas assez de données"), "–"
    if group.high is None:
        return str(group.median), visit._("plus de %(n)s", n=group.low)
    return str(group.median), visit._("de %(low)s à %(high)s", low=group.low, high=group.high)


def _everybody(visit: Visit, whole: Group, least: int) -> Section:
    share = rate(whole.referred, whole.households, least)
    cells = (visit._("Tous les ménages"), whole.households, whole.persons)
    row = (*cells, *rate_cells(visit, share)[:2], *_median(visit, whole, least))
    headers = _headers(visit, visit._("Groupe"))[:-1]
    return Section(Sheet("ensemble", visit._("Ensemble"), headers, [row]))


def _later(group: Group, whole: Group, least: int) -> bool:
    """Whether a group's median wait stands apart from everybody's."""
    if group.admissions < least or group.median is None or whole.median is None:
        return False
    above = group.low is not None and group.low > whole.median
    return above or (group.high is not None and group.high < whole.median)


def _section(
    visit: Visit, dimension: str, label: str, groups: Sequence[Group], whole: Group,
    names: Names, least: int,
) -> Section:  # fmt: skip
    hidden = withheld({g.code: g.households for g in groups}, least)
    known = names[dimension]
    order = list(known)
    everybody = rate(whole.referred, whole.households, least)
    rows: list[tuple[object, ...]] = []
    offered, waits = [], []
    for group in sorted(
        (g for g in groups if g.code not in hidden),
        key=lambda g: (order.index(g.code) if g.code in known else len(order), g.code),
    ):
        name = known.get(group.code) or visit._("Non renseigné")
        share = rate(group.referred, group.households, least)
        seldom = share is not None and share.apart(everybody)
        later = _later(group, whole, least)
        said = [visit._("▲ propositions")] if seldom else []
        said += [visit._("▲ attente")] if later else []
        median = _median(visit, group, least)
        rows.append(
            (name, group.households, group.persons, *rate_cells(visit, share)[:2], *median,
             " ".join(said))
        )  # fmt: skip
        offered.append(rate_mark(visit, name, share, seldom))
        waits.append(_wait_mark(name, group, median, later))
    if hidden:
        rest = [g for g in groups if g.code in hidden]
        households = sum(g.households for g in rest)
        share = rate(sum(g.referred for g in rest), households, least)
        few = households < least
        rows.append((
            visit._("Autres, regroupés"), count(visit, households, least),
            "–" if few else sum(g.persons for g in rest), *rate_cells(visit, share)[:2], "–", "–",
            "",
        ))  # fmt: skip
    reference = None if everybody is None else (float(everybody.share), visit._("tous les ménages"))
    middle = None
    if whole.admissions >= least and whole.median is not None:
        middle = (months(whole.median), visit._("tous les ménages"))
    return Section(
        Sheet(dimension, label, _headers(visit, label), rows, words=(0, 7)),  # type: ignore[arg-type]
        chart(
            f"{dimension}-propositions",
            visit._("%(group)s : part à qui une place a été proposée", group=label),
            visit._("Pour chaque groupe : la part et son intervalle à 95 %."),
            offered, unit="\u00a0%", top=100, reference=reference,
        ),
        chart(
            f"{dimension}-attente",
            visit._("%(group)s : attente médiane, en mois", group=label),
            visit._("Pour chaque groupe : la médiane et son intervalle à 95 %."),
            [m for m in waits if m.value is not None], reference=middle,
        ),
    )  # fmt: skip


def _wait_mark(name: str, group: Group, said: tuple[str, str], apart: bool) -> Mark:
    if said[1] == "–" or group.median is None or group.low is None:
        return Mark(name, said[0])
    high = group.high if group.high is not None else group.median
    return Mark(
        name, f"{said[0]} ({said[1]})", months(group.median), months(group.low), months(high), apart
    )


HANDLERS = (fairness, fairness_export)
