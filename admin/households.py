"""Households: the list with its filters, and the one box that finds people, numbers and places."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response

from core.accounts.searches import keep_search, kept_search
from core.extension.contributions import NavItem
from core.households.names import search_key
from core.households.people import age
from core.households.queries import (
    HouseholdFilter,
    count_without_key_worker,
    find_people,
    list_households,
    overdue_before,
)
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.lifecycle import STATES
from core.web.layout import page_info
from core.web.visit import Visit, Visiting

ROWS = 50
FOLLOWED = (
    ("moi", N_("Mes dossiers")),
    ("sans", N_("Sans référent")),
)
"""Whose files, as the list is asked for in its address."""


def _asked(visit: Visit, name: str) -> str:
    return str(visit.request.query_params.get(name, "")).strip()[:100]


async def _sectors(unit: Unit) -> list[tuple[str, str]]:
    rows = await unit.fetch(
        "SELECT code, name FROM sector WHERE ended_on IS NULL OR ended_on > $1 ORDER BY name",
        unit.today,
    )
    return [(r["code"], r["name"]) for r in rows]


FILTERS = ("secteur", "etat", "suivi", "clos")
"""What a list is narrowed to in its address; a name never is: it stands behind `recherche`."""


async def _searched(visit: Visit, unit: Unit) -> tuple[str, str, bool]:
    """The reference of the address, the words behind it, and whether they are gone."""
    ref = _asked(visit, "recherche")
    text = await kept_search(unit, ref) if ref else ""
    return ref, text or "", bool(ref) and text is None


@post("/menages", opt={"permission": "households.read"})
async def narrow(visit: Visiting) -> Response[str]:
    """Keep the words typed, and go to the list that they narrow."""
    form = await visit.form()
    kept = {name: form.value(name)[:100] for name in FILTERS if form.value(name)}
    if form.value("q"):
        async with visit.ctx.unit() as unit:
            kept = {"recherche": await keep_search(unit, form.value("q")), **kept}
    return visit.to("/menages" + (f"?{urlencode(kept)}" if kept else ""))


@get("/menages", opt={"permission": "households.read"})
async def show_list(visit: Visiting) -> Response[str]:
    """Households by name; the filter is the address, so that it can be kept and sent, but for
    the words of a search, which are kept here for whoever typed them."""
    asked = {n: _asked(visit, n) for n in FILTERS}
    async with visit.ctx.unit() as unit:
        searched, text, gone = await _searched(visit, unit)
        sectors = await _sectors(unit)
        sector_id = await unit.value("SELECT id FROM sector WHERE code = $1", asked["secteur"])
        # An unknown sector shows nothing rather than everything.
        wanted = (sector_id or 0) if asked["secteur"] else None
        worker = {"moi": visit.ctx.who.account_id, "sans": 0}.get(asked["suivi"])
        narrowed = HouseholdFilter(text, wanted, asked["etat"], worker, asked["clos"] == "oui")
        rows = await list_households(unit, narrowed, after=_asked(visit, "apres"), limit=ROWS)
        alone, overdue = await count_without_key_worker(unit, visit.ctx.place.country)
        today = unit.today
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    kept = {name: value for name, value in {"recherche": searched, **asked}.items() if value}
    follow = urlencode({**kept, "apres": rows[-1]["ref"]}) if more else ""
    states = [(key, visit._(state.label)) for key, state in STATES.items()]
    return visit.page(
        "admin/households/list.html",
        fragment="results",
        form=visit.blank(asked, q=text),
        gone=gone,
        rows=rows,
        states=STATES,
        state_options=[("none", visit._(N_("Sans demande"))), *states],
        sector_options=sectors,
        followed=[(key, visit._(label)) for key, label in FOLLOWED],
        pager={
            "shown": len(rows),
            "previous_href": None,
            "next_href": visit.href(f"/menages?{follow}") if more else None,
        },
        narrowed=bool(kept),
        alone=alone,
        overdue=overdue,
        late=overdue_before(today, visit.ctx.place.country),
        age=lambda birth: age(birth, today) if birth else None,
    )


_PLACES = """
SELECT 'structure' AS what, g.ref, g.name, o.name AS detail FROM programme g
JOIN organisation o ON o.id = g.organisation_id
WHERE (g.search_key LIKE $1 OR g.ref = $2) AND (g.closed_on IS NULL OR g.closed_on > $3)
UNION ALL
SELECT 'place', v.ref, u.label, g.name FROM vacancy v
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
WHERE v.ref = $2 ORDER BY 1, 3 LIMIT 10
"""


@post("/recherche", opt={"permission": "home.read"})
async def ask(visit: Visiting) -> Response[str]:
    """Keep the words typed, and go to what they find."""
    form = await visit.form()
    if not form.value("q"):
        return visit.to("/recherche")
    async with visit.ctx.unit() as unit:
        ref = await keep_search(unit, form.value("q"))
    return visit.to(f"/recherche?recherche={ref}")


@get("/recherche", opt={"permission": "home.read"})
async def search(visit: Visiting) -> Response[str]:
    """One box: a person, a number, a place, or something to do. Works as a plain page."""
    ctx = visit.ctx
    people: list[Any] = []
    places: list[Any] = []
    async with ctx.unit() as unit:
        searched, text, gone = await _searched(visit, unit)
        key = search_key(text)
        if text and ctx.can("households.read"):
            people = await find_people(unit, text, after=_asked(visit, "apres"), limit=ROWS)
        if key and ctx.can("housing.read"):
            like = "%" + key.replace("\\", "").replace("%", "").replace("_", "") + "%"
            places = await unit.fetch(_PLACES, like, text.upper(), unit.today)
        today = unit.today
    more = len(people) > ROWS
    people = people[:ROWS]
    words = key.split()
    actions = [
        item
        for item in page_info(visit).nav
        if words and all(w in search_key(item.label) for w in words)
    ]
    follow = urlencode({"recherche": searched, "apres": people[-1]["ref"]}) if more else ""
    return visit.page(
        "admin/households/search.html",
        fragment="results",
        form=visit.blank(q=text),
        text=text,
        gone=gone,
        people=people,
        places=places,
        actions=actions,
        states=STATES,
        next_href=visit.href(f"/recherche?{follow}") if more else None,
        age=lambda birth: age(birth, today) if birth else None,
    )


HANDLERS = (show_list, narrow, search, ask)
NAV = (
    NavItem(N_("Ménages"), "/menages", "households.read", order=10, icon="people", count="files"),
)
