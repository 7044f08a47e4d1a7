"""Row 4: the back-office waiting list, page 1 and the page after the 499th cursor."""

from __future__ import annotations

from typing import Any

from bench.data import analyse, fill_waiting, new_place
from bench.frame import SIZES, Result, in_turn
from core.kernel.database import ENGINE
from core.kernel.unit import Unit
from core.matching.queries import waiting_list
from core.testing import counting

PAGE = 50

_FLOOR = """
SELECT e.request_id, e.seniority_on, r.ref, r.refresh_due, f.composition, f.persons,
       p.family_name, p.given_name
FROM (SELECT territory_id, request_id, priority, seniority_on FROM waiting_entry
      WHERE kind = 'chrs' AND state = 'active'
        AND (priority, coalesce(order_on, seniority_on), request_id) > ($1, $2, $3)
      ORDER BY priority, coalesce(order_on, seniority_on), request_id LIMIT 51) e
JOIN housing_request r ON r.id = e.request_id
JOIN request_facts f ON f.territory_id = e.territory_id AND f.request_id = e.request_id
JOIN membership m ON m.territory_id = e.territory_id AND m.household_id = r.household_id
JOIN person p ON p.id = m.person_id
ORDER BY e.priority, e.seniority_on, e.request_id
"""


async def measure(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Sizes S, and M and L in the full run; growth is L (or M) over S."""
    results: list[Result] = []
    await ENGINE.open(app_url, 2)
    try:
        first_page_at_s: float | None = None
        for name in ("S",) if small else ("S", "M", "L"):
            place = await new_place(f"waiting-{name.lower()}")
            await fill_waiting(place, SIZES[name])
            await analyse(admin_url)
            cursors = await _cursors(place.id, SIZES[name])
            figures = {}
            for page, after in cursors.items():
                figures[page], result = await _one(place.id, name, page, *after)
                result.growth = (
                    figures[page] / figures["page 1"]
                    if page != "page 1"
                    else (figures[page] / first_page_at_s if first_page_at_s else None)
                )
                if result.growth is not None:
                    result.held = result.held and result.growth <= 1.5
                results.append(result)
            first_page_at_s = first_page_at_s or figures["page 1"]
    finally:
        await ENGINE.close()
    return results


async def _cursors(
    territory_id: int, size: int
) -> dict[str, tuple[tuple[Any, ...] | None, int | None]]:
    """Page 1, and the page after the 499th (or the last but one where the list is shorter)."""
    async with Unit(territory_id=territory_id) as unit:
        at = min(499 * PAGE, size - 2 * PAGE)
        row = await unit.row(
            "SELECT priority, seniority_on, request_id FROM waiting_entry "
            "WHERE kind = 'chrs' AND state = 'active' "
            "ORDER BY priority, coalesce(order_on, seniority_on), request_id OFFSET $1 LIMIT 1",
            at,
        )
    return {"page 1": (None, None), f"page {at // PAGE + 1}": (tuple(row), at + 1)}


async def _one(
    territory_id: int, size: str, page: str, after: tuple[Any, ...] | None, after_rank: int | None
) -> tuple[float, Result]:
    async def ours() -> list[int]:
        async with Unit(territory_id=territory_id) as unit:
            rows = await waiting_list(unit, "chrs", after=after, after_rank=after_rank, limit=PAGE)
            return [r["request_id"] for r in rows][:PAGE]

    async def floor() -> list[int]:
        from datetime import date

        start = after or (0, date(1900, 1, 1), 0)
        async with Unit(territory_id=territory_id) as unit:
            return [r["request_id"] for r in await unit.fetch(_FLOOR, *start)][:PAGE]

    with counting() as seen:
        await ours()
    mine, theirs = await in_turn(ours, floor, same=lambda a, b: a == b, runs=40)
    return mine, Result(
        scenario=f"4 waiting list, {page}",
        size=size,
        ours_s=mine,
        floor_s=theirs,
        ratio=mine / theirs,
        goal="≤ 3 ×; page 500 as page 1; L ≤ 1.5 × S",
        held=mine <= 3 * theirs,
        statements=len(seen),
    )
