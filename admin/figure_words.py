"""Figures in words, as the pages of figures and their exports say them alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar.response import Response, Stream

from core.figures.rollups import Counted
from core.figures.secrecy import LEAST, Rate, known
from core.figures.waits import Wait
from core.kernel.unit import Unit
from core.territories.settings import read_settings
from core.web.charts import Chart, Mark
from core.web.sheet import Cell, Sheet, download
from core.web.visit import Visit

MONTH = 30.44
"""Days of a month, on average: waits are told in months, and counted in days."""


@dataclass(frozen=True)
class Section:
    """A part of a page: its table, the chart that says the same, and words before both."""

    sheet: Sheet
    chart: Chart | None = None
    also: Chart | None = None
    text: str = ""
    warning: str = ""


async def least_of(unit: Unit) -> int:
    """Under how many nothing is told here."""
    return (await read_settings(unit)).figures_least


def show(
    visit: Visit, counted: Counted, title: str, text: str, sections: Sequence[Section], path: str,
    least: int, template: str = "page", **more: Any,
) -> Response[str]:  # fmt: skip
    """A page of figures: when they were made, its sections, its export, its method."""
    return visit.page(
        f"admin/figures/{template}.html",
        title=title,
        text=text,
        sections=[s for s in sections if s.sheet.rows],
        counted=counted,
        least=least,
        export=visit.href(f"{path}/export"),
        method=visit.href("/chiffres/methode"),
        **more,
    )


def export(
    visit: Visit, counted: Counted, title: str, sections: Sequence[Section], name: str
) -> Stream:
    """What the page shows, as a file."""
    day = counted.made_at.date().isoformat()
    about = [f"{visit.ctx.place.name} – {title}", made(visit, counted)]
    return download(f"{name}-{day}", [s.sheet for s in sections if s.sheet.rows], about)


def made(visit: Visit, counted: Counted) -> str:
    """When the figures were made, and over what."""
    return visit._(
        "Chiffres arrêtés au %(day)s, sur les %(months)s derniers mois.",
        day=counted.made_at.strftime("%d/%m/%Y"),
        months=counted.months,
    )


def small(visit: Visit, least: int) -> str:
    """What stands for a count that is too small."""
    return visit._("moins de %(n)s", n=least)


def count(visit: Visit, number: int, least: int, hidden: bool = False) -> Cell:
    """A count of people, households or acts, or that it is too small."""
    if hidden:
        return visit._("non montré")
    told = known(number, least)
    return small(visit, least) if told is None else told


def rate_cells(visit: Visit, found: Rate | None) -> tuple[str, str, str]:
    """Share, interval and base of a rate, each in a cell."""
    if found is None:
        return visit._("pas assez de données"), "–", "–"
    base = str(found.base)
    if found.rounded:
        base = visit._("de %(low)s à %(high)s", low=max(found.base, LEAST), high=found.base + 9)
    return rate_said(visit, found), interval(visit, found), base


def rate_said(visit: Visit, found: Rate | None) -> str:
    """A rate alone: rounded ones say so."""
    if found is None:
        return visit._("pas assez de données")
    share = f"{found.share}\u00a0%"
    return visit._("environ %(share)s", share=share) if found.rounded else share


def interval(visit: Visit, found: Rate) -> str:
    """The interval of a rate."""
    return visit._("de %(low)s à %(high)s", low=found.low, high=f"{found.high}\u00a0%")


def rate_mark(visit: Visit, label: str, found: Rate | None, apart: bool = False) -> Mark:
    """A rate on a chart."""
    if found is None:
        return Mark(label, visit._("pas assez de données"))
    said = f"{rate_said(visit, found)} ({interval(visit, found)})"
    return Mark(label, said, found.share, found.low, found.high, apart)


def months(days: float) -> float:
    """Days in months, to a tenth, for an axis."""
    return round(days / MONTH, 1)


def duration(visit: Visit, days: int) -> str:
    """How long, as people say it."""
    if days < 60:
        one = visit._("1 jour")
        return one if days == 1 else visit._("%(n)s jours", n=days)
    return visit._("%(n)s mois", n=round(days / MONTH))


def wait_said(visit: Visit, wait: Wait, least: int) -> str:
    """The usual wait: between a quarter and three quarters of the households."""
    if not wait.enough(least) or wait.quarter is None:
        return visit._("pas assez de données")
    end = wait.longest if wait.three is None else wait.three
    low, high = duration(visit, wait.quarter), duration(visit, end)
    if wait.quarter >= 60:  # both are in months: the word is said once
        low = str(round(wait.quarter / MONTH))
    if wait.three is None:
        return visit._("de %(low)s à plus de %(high)s", low=low, high=high)
    if high == duration(visit, wait.quarter):
        return visit._("environ %(share)s", share=high)
    return visit._("de %(low)s à %(high)s", low=low, high=high)


def wait_mark(visit: Visit, label: str, wait: Wait, least: int) -> Mark:
    """A wait on a chart, in months; one that is not reached goes to the longest that was seen."""
    said = wait_said(visit, wait, least)
    if not wait.enough(least) or wait.quarter is None:
        return Mark(label, said)
    high = wait.longest if wait.three is None else wait.three
    middle = None if wait.median is None else months(wait.median)
    return Mark(label, said, middle, months(wait.quarter), months(high))


def days(visit: Visit, number: int | None, wait: Wait, least: int) -> Cell:
    """A day of the curve in a table."""
    if not wait.enough(least):
        return "–"
    return visit._("pas encore") if number is None else number
