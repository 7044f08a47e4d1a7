"""Demandes by queue: what is to handle, incomplete, adjourned, to refresh, refused…"""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.lifecycle import STATES
from core.requests.queries import QUEUES, RequestFilter, queue, queue_counts, queue_key
from core.requests.recommendations import kind_labels
from core.requests.tags import listed_tags, tag_asked
from core.territories.codes import code_list
from core.web.visit import Visit, Visiting

ROWS = 50
DATES = {
    "a-completer": N_("À compléter avant"),
    "ajournees": N_("Revient le"),
    "a-actualiser": N_("À actualiser depuis"),
    "en-attente": N_("À actualiser le"),
    "validees": N_("À actualiser le"),
    "brouillons": N_("Commencée le"),
}
"""What the date of a queue means, where it is not the last transmission."""


def asked(visit: Visit, name: str) -> str:
    """A filter of the address, short and stripped."""
    return str(visit.request.query_params.get(name, "")).strip()[:60]


async def sectors(unit: Unit) -> list[tuple[str, str]]:
    """(code, name) of the territory's sectors, for a filter."""
    rows = await unit.fetch(
        "SELECT code, name FROM sector WHERE ended_on IS NULL OR ended_on > $1 ORDER BY name",
        unit.today,
    )
    return [(r["code"], r["name"]) for r in rows]


async def sector_id(unit: Unit, code: str) -> int | None:
    """The sector of a filter; an unknown one (0) shows nothing rather than everything."""
    if not code:
        return None
    return await unit.value("SELECT id FROM sector WHERE code = $1", code) or 0


def composition_of(text: str) -> int | None:
    """A composition code of a filter, or None."""
    return int(text) if text.isdecimal() and len(text) <= 3 else None


@get("/demandes", opt={"permission": "requests.read"})
async def show_queue(visit: Visiting) -> Response[str]:
    """One queue, what is due first on top; the filter is the address."""
    kept = {n: asked(visit, n) for n in ("file", "secteur", "composition", "suivi", "mention")}
    name = kept["file"] if kept["file"] in QUEUES else "a-traiter"
    tags = listed_tags(visit.ctx)
    async with visit.ctx.unit() as unit:
        narrowed = RequestFilter(
            queue=name,
            sector_id=await sector_id(unit, kept["secteur"]),
            worker=visit.ctx.who.account_id if kept["suivi"] == "moi" else None,
            composition=composition_of(kept["composition"]),
            tag=tag_asked(tags, kept["mention"]),
        )
        after = await queue_key(unit, narrowed, asked(visit, "apres"))
        rows = await queue(unit, narrowed, after=after, limit=ROWS)
        counts = await queue_counts(unit)
        labels = await kind_labels(unit)
        choices = await sectors(unit)
        today = unit.today
    more, rows = len(rows) > ROWS, rows[:ROWS]
    address = {n: v for n, v in kept.items() if v}
    follow = urlencode({**address, "apres": rows[-1]["ref"]}) if more else ""
    compositions = code_list("composition").labels()
    return visit.page(
        "admin/requests/queue.html",
        fragment="results",
        form=visit.blank({**kept, "file": name}),
        name=name,
        title=visit._(QUEUES[name][0]),
        tabs=[
            {
                "label": visit._(label),
                "href": visit.href("/demandes?" + urlencode({**address, "file": key})),
                "current": key == name,
                "count": counts[key][0],
            }
            for key, (label, _) in QUEUES.items()
        ],
        households=counts[name][0],
        persons=counts[name][1],
        rows=rows,
        states=STATES,
        reasons=code_list("request_reason").labels(),
        compositions=compositions,
        kinds=labels,
        sectors=choices,
        tags=tags,
        mentions=[(key, visit._(tag.label)) for key, tag in tags.items()],
        date_label=visit._(DATES.get(name, N_("Transmise le"))),
        today=today,
        pager={
            "shown": len(rows),
            # What a filter leaves is not counted: the page says how many it shows.
            "total": None if {*address} - {"file"} else counts[name][0],
            "previous_href": None,
            "next_href": visit.href(f"/demandes?{follow}") if more else None,
        },
    )


HANDLERS = (show_queue,)
NAV = (NavItem(N_("Demandes"), "/demandes", "requests.read", order=20, icon="document"),)
