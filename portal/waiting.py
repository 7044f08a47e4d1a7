"""Mon attente: who waits, places freed, the usual wait, what counts; never a rank alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.figures.rollups import Counted, counted
from core.figures.rules import EVERY, size_of
from core.figures.waits import Wait
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.queries import entries_of
from core.matching.rules import ENTRY
from core.requests.recommendations import kind_labels
from core.territories.settings import BAND, RANK, CoreSettings, read_settings
from core.web.charts import Chart, Mark, chart
from core.web.visit import Visit, Visiting
from portal.queries import load_self

WAITS = ("active", "paused", "to_refresh")
MONTH, WEEK = 30.44, 7
MONTHLY = 60
"""From how many days on a wait is told in months."""

BAND_OF = 10
"""How many ranks are told as one."""

SIZES = {
    "1": N_("Pour une personne"),
    "2": N_("Pour 2 personnes"),
    "3-4": N_("Pour 3 ou 4 personnes"),
    "5+": N_("Pour 5 personnes ou plus"),
}


@dataclass(frozen=True)
class Usual:
    """The usual wait as it is told: three sentences, or that too little is known."""

    range: str
    sooner: str = ""
    later: str = ""
    size: str = ""
    drawn: Chart | None = None


@dataclass(frozen=True)
class OnList:
    """One list that the household is on. `few`: too few wait for their number to be told."""

    label: str
    since: date
    lasted: str
    said: str
    waiting: Wait | None
    few: bool
    own: Wait | None
    own_size: str
    usual: Usual
    rank: str = ""


@get("/attente", opt={"permission": "resident", "helper": "read"})
async def waiting(visit: Visiting) -> Response[str]:
    """Each list with what is known of its waits; the same number of statements for any file."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        settings = await read_settings(unit)
        found, labels = await counted(unit, "waits"), await kind_labels(unit)
        request_id = mine.row["request_id"] or 0
        entries = [e for e in await entries_of(unit, request_id) if e["state"] in WAITS]
        size = size_of(await _persons(unit, request_id))
        today = unit.today
    visit.counts["messages"] = mine.unread
    shown = [_on_list(visit, e, found, labels, settings, size, today) for e in entries]
    return visit.page(
        "portal/waiting.html",
        fragment="waiting",
        lists=shown,
        counted=found,
        least=settings.figures_least,
        mine=mine,
    )


async def _persons(unit: Unit, request_id: int) -> int | None:
    found: int | None = await unit.value(
        "SELECT persons FROM request_facts WHERE request_id = $1", request_id
    )
    return found


def _on_list(
    visit: Visit, entry: Any, found: Counted, labels: dict[str, str], settings: CoreSettings,
    size: str | None, today: date,
) -> OnList:  # fmt: skip
    rows = {w.size: w for w in found.rows if w.kind == entry["kind"]}
    every, own = rows.get(EVERY), rows.get(size) if size else None
    least, state = settings.figures_least, entry["state"]
    lasted = max(0, (today - entry["seniority_on"]).days)
    return OnList(
        label=visit._(labels.get(entry["kind"], entry["kind"])),
        since=entry["seniority_on"],
        lasted=duration(visit, lasted),
        said=visit._(ENTRY.states[state].resident) if state != "active" else "",
        waiting=every,
        few=every is None or every.households < least,
        own=own,
        own_size=visit._(SIZES[size]) if size else "",
        usual=_usual(visit, [w for w in (own, every) if w is not None], least, lasted),
        rank=_rank(visit, entry["rank"], settings.wait_shown),
    )


def _usual(visit: Visit, best: Sequence[Wait], least: int, lasted: int) -> Usual:
    """Of the household's own size where enough is known, else of the whole list."""
    told = next((w for w in best if w.enough(least)), None)
    if told is None or told.quarter is None:
        return Usual(visit._("Pas assez de données pour le dire."))
    end = told.longest if told.three is None else told.three
    low, high = duration(visit, told.quarter), duration(visit, end)
    # Both in months: the word is said once.
    first = str(round(told.quarter / MONTH)) if told.quarter >= MONTHLY and low != high else low
    between = {"low": first, "high": high}
    reached = told.three is not None
    said = visit._("Entre %(low)s et %(high)s.", **between)
    later = visit._("Une demande sur quatre attend plus de %(high)s.", high=high)
    if reached and low == high:
        said = visit._("Environ %(high)s.", high=high)
    if not reached:
        said = visit._("Entre %(low)s et plus de %(high)s.", **between)
        later = visit._("Plus d’une demande sur quatre attend encore plus longtemps.")
    marks = [
        Mark(visit._("Attente habituelle"), said, None, _months(told.quarter), _months(end)),
        Mark(visit._("Vous"), duration(visit, lasted), _months(lasted)),
    ]
    return Usual(
        said,
        visit._("Une demande sur quatre attend moins de %(low)s.", low=low),
        later,
        visit._(SIZES[told.size]) if told.size else visit._("Pour toutes les tailles"),
        chart(
            f"attente-{told.kind}",
            visit._("Votre attente et l’attente habituelle, en mois"),
            f"{said} {visit._('Vous :')} {duration(visit, lasted)}.",
            marks,
        ),
    )


def _months(days: int) -> float:
    return round(days / MONTH, 1)


def _rank(visit: Visit, rank: int | None, shown: str) -> str:
    """The place on the list as the territory tells it: exactly, by ten, or not at all."""
    if rank is None:
        return ""
    if shown == RANK:
        return visit._("Votre rang aujourd’hui : %(n)s.", n=rank)
    if shown == BAND:
        first = (rank - 1) // BAND_OF * BAND_OF + 1
        last = first + BAND_OF - 1
        return visit._(
            "Votre rang aujourd’hui : entre %(first)s et %(last)s.", first=first, last=last
        )
    return ""


def duration(visit: Visit, days: int) -> str:
    """How long, as people say it: days, weeks, then months."""
    if days < 14:
        return visit._("1 jour") if days == 1 else visit._("%(n)s jours", n=days)
    if days < MONTHLY:
        return visit._("%(n)s semaines", n=round(days / WEEK))
    return visit._("%(n)s mois", n=round(days / MONTH))


HANDLERS = (waiting,)
NAV = (NavItem(N_("Mon attente"), "/attente", "resident", order=25, icon="clock", helper="read"),)
