"""Who stands above somebody for a place: everybody of the list whom nothing bars, in its order.

The same order and the same criteria as the shortlist's: whoever is here and is not proposed the
place is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.extension.context import Ctx
from core.kernel.unit import Unit
from core.matching.criteria import Conditions, conditions_here, mask_sql, standing
from core.matching.offers import Bound, offer_of
from core.matching.ranking import order_by
from core.matching.results import Candidate
from core.matching.shortlist import NAME, candidate_of, list_sql, rule_of
from core.matching.verdicts import columns_of, figures_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a demande stands on the list of a place: its rank among all, None when it does not
    wait there; `above`: those before it whom no hard criterion bars, all of them then."""

    rank: int | None
    above: tuple[Candidate, ...]


_ABOVE = """
WITH ranked AS MATERIALIZED (
  SELECT e.request_id, q.household_id, q.ref, e.priority, e.seniority_on, r.persons, r.composition,
    {mask} AS mask, row_number() OVER (ORDER BY {keys}, {draw})::int AS rank{figures} {list}),
mine AS (SELECT (SELECT rank FROM ranked WHERE request_id = {request}) AS own)
SELECT mine.own, x.*, n.family_name, n.given_name, hh.ref AS household_ref FROM mine
LEFT JOIN ranked x ON x.mask & {hard}::bigint = 0 AND x.request_id <> {request}
  AND x.rank < coalesce(mine.own, 2147483647)
{name} ORDER BY x.rank
"""


async def standing_above(ctx: Ctx, unit: Unit, vacancy_id: int, request_id: int) -> Standing:
    """Who comes before this demande for this vacancy, the first first; nobody is left out.

    A fact to be checked bars nobody: they stand here too. One statement, beside two that read
    what is set. Raises NotFound.
    """
    offer = await offer_of(unit, vacancy_id, None)
    used = rule_of(offer)

    async def read(conditions: Conditions) -> list[Any]:
        bind = Bound.of(unit)
        everybody, draw = list_sql(bind, offer)
        sql = _ABOVE.format(
            list=everybody,
            draw=draw,
            mask=mask_sql(conditions, bind),
            keys=", ".join(order_by(used.rule, bind)),
            figures=columns_of(figures_of(conditions), facts="r"),
            request=bind("bigint", request_id),
            hard=conditions.hard,
            name=NAME,
        )
        return await unit.fetch(sql, *bind.values)

    rows, conditions = await standing(unit, await conditions_here(ctx, unit), read)
    names = figures_of(conditions)
    return Standing(
        rows[0]["own"],
        tuple(candidate_of(conditions, r, names) for r in rows if r["request_id"] is not None),
    )
