"""The shortlist of a free place: who fits and why, who nearly does, its order; side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.fact_words import fact_words
from admin.paging import SIZE, asked
from core.housing.queries import sectors
from core.housing.vacancy_reads import vacancy
from core.imports.doubts import maybe_doubled
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.explain import Explanation, explain
from core.matching.queries import entries_of
from core.matching.shortlist import Filters, shortlist
from core.placements.queries import candidate
from core.placements.snapshot import FACT_LABELS, facts_now
from core.territories.codes import code_list
from core.web.forms import whole
from core.web.visit import Visit, Visiting

MOST, FEWEST = 4, 2
"""How many households are set side by side."""

DEEPEST = 10_000
"""The furthest that an address leads down a list."""

FILTERS = ("tous", "certain", "composition", "secteur")


async def read_shortlist(visit: Visit, unit: Unit, place: Any) -> dict[str, Any]:
    """What the page of a place shows of its list: the address holds filters and how far one is."""
    after = min(whole(asked(visit, "debut") or "", 6) or 0, DEEPEST)
    everybody, certain = (asked(visit, name) == "oui" for name in ("tous", "certain"))
    filters = Filters(
        composition=whole(asked(visit, "composition") or "", 4),
        sector_id=whole(asked(visit, "secteur") or ""),
        certain=certain,
        everybody=everybody,
    )
    found = await shortlist(visit.ctx, unit, place["id"], limit=SIZE, after=after, filters=filters)
    kept = {n: v for n in FILTERS if (v := asked(visit, n))}
    path = f"/places/{place['ref']}"

    def at(start: int) -> str:
        query = urlencode({**kept, **({"debut": start} if start else {})})
        return visit.href(f"{path}?{query}" if query else path)

    labels = code_list("composition").labels()
    doubled = await maybe_doubled(unit, [c.household_id for c in found.candidates])
    return {
        "doubled": doubled,
        "found": found,
        "candidates": found.candidates,
        "list_form": visit.blank(visit.request.query_params.dict()),
        "filtered": bool(kept),
        "compositions": list(labels.items()),
        "sector_options": [(s["id"], s["name"]) for s in await sectors(unit)],
        "seed": place["draw_seed"].hex(),
        "list_pager": {
            "shown": len(found.candidates),
            "previous_href": at(max(0, after - SIZE)) if after else None,
            "next_href": at(after + SIZE) if found.more else None,
        },
    }


@get("/places/{ref:str}/comparer", opt={"permission": "referrals.decide"})
async def compare(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Two to four households side by side: what is known, what each condition answers, the wait."""
    refs = list(dict.fromkeys(r.upper() for r in visit.request.query_params.getall("d", [])))
    too_many, refs = len(refs) > MOST, refs[:MOST]
    async with visit.ctx.unit() as unit:
        place = await vacancy(unit, ref)
        # As many statements as households are compared, four at most.
        columns = [await _column(visit, unit, place, one) for one in refs]
        say = await fact_words(visit, unit)
    return visit.page(
        "admin/places/compare.html",
        place=place,
        columns=columns,
        enough=len(columns) >= FEWEST,
        too_many=too_many,
        facts=[
            (visit._(label), [say(name, c["facts"].get(name)) for c in columns])
            for name, label in FACT_LABELS.items()
        ],
        verdicts=_rows(visit, [c["judged"] for c in columns]),
    )


async def _column(visit: Visit, unit: Unit, place: Any, ref: str) -> dict[str, Any]:
    row = await candidate(unit, ref)
    await unit.let_in("referrals.decide", row["household_id"])
    judged = await explain(visit.ctx, unit, row["id"], vacancy_id=place["id"], ranked=True)
    entry = next((e for e in await entries_of(unit, row["id"]) if e["kind"] == place["kind"]), None)
    since = entry["seniority_on"] if entry else row["seniority_on"]
    return {
        "row": row,
        "judged": judged,
        "facts": await facts_now(unit, row["id"]),
        "since": since,
        "days": (unit.today - since).days if since else None,
    }


def _rows(visit: Visit, judged: list[Explanation]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(condition, [(tone, answer, why) of each household])."""
    if not judged:
        return []
    rows = []
    for of_each in zip(*(one.verdicts for one in judged), strict=True):
        label = visit._(of_each[0].label) if of_each[0].readable else visit._(OTHER)
        cells = [
            (
                "warn" if v.answer is None or (v.answer is False and not v.hard)
                else "ok" if v.answer else "error",
                visit._({True: YES, False: NO, None: CHECK}[v.answer]),
                v.staff.render(visit._) if v.staff else "",
            )
            for v in of_each
        ]  # fmt: skip
        rows.append((label, cells))
    return rows


YES, NO, CHECK, OTHER = N_("Oui"), N_("Non"), N_("À vérifier"), N_("Autre condition")

HANDLERS = (compare,)
