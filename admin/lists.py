"""Waiting lists: how many wait for each kind, and each list in its order."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.figure_words import least_of
from admin.figures import by_size
from admin.request_queues import asked, composition_of, sector_id, sectors
from core.extension.contributions import NavItem
from core.figures.rollups import counted
from core.imports.doubts import maybe_doubled
from core.kernel.errors import NotFound
from core.kernel.words import N_
from core.matching.queries import key_of_ref, list_counts, waiting_list
from core.matching.rulehistory import rule_in_force
from core.matching.rules import ENTRY
from core.matching.ruletexts import key_names
from core.requests.recommendations import kind_labels
from core.requests.tags import listed_tags, tag_asked
from core.territories.codes import code_list
from core.web.visit import Visiting

ROWS = 50
ASIDE = ("active", "to_refresh", "paused", "lapsed")
"""States that a list shows, the waiting ones first."""


@get("/listes", opt={"permission": "lists.read"})
async def overview(visit: Visiting) -> Response[str]:
    """Every kind with how many wait, in households and in people."""
    async with visit.ctx.unit() as unit:
        counts = await list_counts(unit)
        labels = await kind_labels(unit)
    rows = [
        {
            "kind": kind,
            "label": label,
            "count": counts.get(kind),
            "aside": {state: n for state, n in counts[kind].aside} if kind in counts else {},
        }
        for kind, label in {**labels, **{k: k for k in counts if k not in labels}}.items()
    ]
    return visit.page("admin/lists/overview.html", rows=rows)


def rank_of(text: str) -> int | None:
    """The rank an address carries on to the next page, if it is one."""
    return int(text) if text.isdigit() and len(text) < 9 else None


@get("/listes/{kind:str}", opt={"permission": "lists.read"})
async def show_list(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """One list in the order of its rule."""
    kept = {n: asked(visit, n) for n in ("etat", "secteur", "composition", "mention")}
    state = kept["etat"] if kept["etat"] in ASIDE else "active"
    tags = listed_tags(visit.ctx)
    async with visit.ctx.unit() as unit:
        labels = await kind_labels(unit)
        counts = await list_counts(unit)
        if kind not in labels and kind not in counts:
            raise NotFound()
        rows = await waiting_list(
            unit,
            kind,
            sector=await sector_id(unit, kept["secteur"]),
            composition=composition_of(kept["composition"]),
            tag=tag_asked(tags, kept["mention"]),
            state=state,
            after=await key_of_ref(unit, kind, asked(visit, "apres")),
            after_rank=rank_of(asked(visit, "rang")),
            limit=ROWS,
        )
        doubled = await maybe_doubled(unit, [r["household_id"] for r in rows[:ROWS]])
        choices = await sectors(unit)
        waits, least = await counted(unit, "waits"), await least_of(unit)
        rule = await rule_in_force(unit, kind)
        today = unit.today
    more, rows = len(rows) > ROWS, rows[:ROWS]
    address = {n: v for n, v in kept.items() if v}
    # The next page goes on from this one's last rank: counting anew would cost more each page.
    last = {"apres": rows[-1]["ref"], "rang": rows[-1]["rank"]} if more else {}
    follow = urlencode({**address, **{n: v for n, v in last.items() if v}}) if more else ""
    count = counts.get(kind)
    by_state = {"active": count.households, **dict(count.aside)} if count else {}
    return visit.page(
        "admin/lists/list.html",
        fragment="results",
        form=visit.blank({**kept, "etat": state}),
        kind=kind,
        label=labels.get(kind, kind),
        order=[visit._(name) for name in key_names(rule.rule)],
        state=state,
        tabs=[
            {
                "label": visit._(ENTRY.states[s].label),
                "href": visit.href(f"/listes/{kind}?" + urlencode({**address, "etat": s})),
                "current": s == state,
                "count": by_state.get(s, 0),
            }
            for s in ASIDE
        ],
        count=count,
        rows=rows,
        doubled=doubled,
        sectors=choices,
        compositions=code_list("composition").labels(),
        tags=tags,
        mentions=[(key, visit._(tag.label)) for key, tag in tags.items()],
        states=ENTRY.states,
        today=today,
        waits=by_size(visit, [w for w in waits.rows if w.kind == kind], least),
        counted=waits,
        least=least,
        pager={
            "shown": len(rows),
            "previous_href": None,
            "next_href": visit.href(f"/listes/{kind}?{follow}") if more else None,
        },
    )


HANDLERS = (overview, show_list)
NAV = (NavItem(N_("Listes d’attente"), "/listes", "lists.read", order=30, icon="list"),)
