"""Why, why not, what would help and what if: the shortlist's own judgement of one household.

The same predicates, compiled by the same engine, over the same facts: an explanation cannot say
anything else than what decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.extension.context import Ctx
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.matching.criteria import (
    Bound,
    Conditions,
    conditions_here,
    facts_sql,
    mask_sql,
    place_sql,
    standing,
)
from core.matching.shortlist import RuleUsed, judged_sql, rule_on_list
from core.matching.verdicts import Verdict, columns_of, figures_of, read_figures, verdicts

PLACES = 200
"""How many open places one household is compared with at once."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One household and one place, or one list as such (`vacancy_id` None: what depends on the
    place is then to be checked). `rank`: where it stands on that list for this place, None when it
    does not wait there. `what_if`: the facts that were changed in place, nothing written."""

    request_id: int
    kind: str
    vacancy_id: int | None
    verdicts: tuple[Verdict, ...]
    mask: int
    on_list: bool
    rank: int | None
    rule: RuleUsed
    on: date
    what_if: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def fits(self) -> bool:
        """No hard criterion says no: what decides on the shortlist, and at a referral."""
        return not any(v.bars for v in self.verdicts)

    @property
    def bars(self) -> tuple[Verdict, ...]:
        """What keeps the household away."""
        return tuple(v for v in self.verdicts if v.bars)

    @property
    def to_check(self) -> tuple[Verdict, ...]:
        """What nobody knows."""
        return tuple(v for v in self.verdicts if v.answer is None)

    @property
    def would_help(self) -> tuple[Verdict, ...]:
        """The "no" that something may change, and what."""
        return tuple(v for v in self.verdicts if v.help_staff or v.help_plain)

    def snapshot(self) -> dict[str, Any]:
        """What a referral keeps of the judgement it was decided on."""
        return {
            "mask": self.mask,
            "verdicts": {v.key: v.answer for v in self.verdicts},
            "broken": [key for _, key in self.broken],
        }


_PAIR = """
WITH v AS MATERIALIZED ({place}),
pair AS (
  SELECT q.id AS request_id, q.state = 'waiting' AND e.id IS NOT NULL AS on_list, v.kind,
    v.vacancy_id, {mask} AS mask{figures}
  FROM v CROSS JOIN housing_request q
  LEFT JOIN {facts} r ON r.territory_id = $1 AND r.request_id = q.id
  LEFT JOIN waiting_entry e ON e.territory_id = $1 AND e.request_id = q.id AND e.kind = v.kind
    AND e.state = 'active'
  WHERE q.territory_id = $1 AND q.id = {request})
"""

_WHERE = """
SELECT v.kind, v.draw_seed FROM vacancy v WHERE v.id = $1
"""

_RANK = """, judged AS NOT MATERIALIZED ({judged}),
mine AS (SELECT {order} FROM judged WHERE request_id = {request})
SELECT pair.*, CASE WHEN on_list THEN (SELECT count(*) + 1 FROM judged b, mine
  WHERE ({theirs}) < ({ours}))::int END AS rank FROM pair
"""


async def explain(
    ctx: Ctx,
    unit: Unit,
    request_id: int,
    *,
    vacancy_id: int | None = None,
    kind: str | None = None,
    what_if: Mapping[str, Any] | None = None,
    ranked: bool = False,
) -> Explanation:
    """Why a household fits a place, or the list of a kind, or why not.

    For any demande, on that list or not, and any vacancy, open or not. `what_if` changes facts in
    place. `ranked`: also where it stands, which reads the whole list. Raises NotFound.
    """
    changed, seed = dict(what_if or {}), b""
    if vacancy_id is not None:
        where = await unit.row(_WHERE, vacancy_id)
        if where is None:
            raise NotFound()
        kind, seed = where["kind"], where["draw_seed"]
    if kind is None:
        raise NotFound()
    used = await rule_on_list(unit, kind)
    told_kind = kind

    async def read(conditions: Conditions) -> Any:
        bind = Bound.of(unit)
        sql = _pair(conditions, bind, request_id, changed, vacancy_id, told_kind)
        if ranked:
            judged, order = judged_sql(conditions, bind, used.rule, told_kind, seed)
            names = order.split(", ")
            sql += _RANK.format(
                judged=judged,
                order=order,
                request=bind("bigint", request_id),
                theirs=", ".join(f"b.{n}" for n in names),
                ours=", ".join(f"mine.{n}" for n in names),
            )
        else:
            sql += "SELECT pair.*, NULL::int AS rank FROM pair"
        return await unit.row(sql, *bind.values)

    row, conditions = await standing(unit, await conditions_here(ctx, unit), read)
    if row is None:
        raise NotFound()
    return Explanation(
        request_id=request_id,
        kind=row["kind"],
        vacancy_id=vacancy_id,
        verdicts=verdicts(conditions, row["mask"], read_figures(row, figures_of(conditions))),
        mask=row["mask"],
        on_list=row["on_list"],
        rank=row["rank"],
        rule=used,
        on=unit.today,
        what_if=tuple(changed),
        broken=conditions.broken,
    )


def _pair(
    conditions: Conditions, bind: Bound, request_id: int, changed: Mapping[str, Any],
    vacancy_id: int | None, kind: str | None,
) -> str:  # fmt: skip
    return _PAIR.format(
        place=place_sql(bind, vacancy_id=vacancy_id, kind=None if vacancy_id else kind),
        mask=mask_sql(conditions, bind),
        figures=columns_of(figures_of(conditions), facts="r"),
        facts=facts_sql(bind, changed),
        request=bind("bigint", request_id),
    )


@dataclass(frozen=True, slots=True)
class PlaceJudged:
    """An open place as it is judged for one household."""

    vacancy_id: int
    ref: str
    kind: str
    programme: str
    label: str
    free_on: date
    on_list: bool
    mask: int
    bars: tuple[str, ...]
    """The keys of the hard criteria that say no."""
    conditions: Conditions
    figures: Mapping[str, Any]

    @property
    def fits(self) -> bool:
        return not self.bars

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every answer in words: made when it is read, for a page shows few of the places."""
        return verdicts(self.conditions, self.mask, self.figures)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One household against every open place. `binding`: how many places each hard criterion
    keeps from it; `would_open`: how many it alone keeps, which a yes would open."""

    places: tuple[PlaceJudged, ...]
    binding: Mapping[str, int]
    would_open: Mapping[str, int]
    labels: Mapping[str, str]
    what_if: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def fitting(self) -> int:
        return sum(place.fits for place in self.places)


_OPEN = """
SELECT pair.*, x.ref, x.free_on, p.name AS programme, u.label
FROM pair JOIN vacancy x ON x.territory_id = $1 AND x.id = pair.vacancy_id
JOIN housing_unit u ON u.territory_id = $1 AND u.id = x.unit_id
JOIN programme p ON p.territory_id = $1 AND p.id = u.programme_id
ORDER BY x.free_on, x.id LIMIT {limit}
"""


async def why_not(
    ctx: Ctx,
    unit: Unit,
    request_id: int,
    *,
    what_if: Mapping[str, Any] | None = None,
    limit: int = PLACES,
) -> WhyNot:
    """A household against all open places at once: what binds, and what would open how many.

    The longest empty first. One statement beside the settings. A demande that is not here, like a
    territory without a free place, gives none.
    """
    changed = dict(what_if or {})

    async def read(conditions: Conditions) -> list[Any]:
        bind = Bound.of(unit)
        sql = _pair(conditions, bind, request_id, changed, None, None)
        sql += _OPEN.format(limit=bind("int", limit))
        return await unit.fetch(sql, *bind.values)

    rows, conditions = await standing(unit, await conditions_here(ctx, unit), read)
    names = figures_of(conditions)
    places = tuple(
        PlaceJudged(
            row["vacancy_id"], row["ref"], row["kind"], row["programme"], row["label"],
            row["free_on"], row["on_list"], row["mask"], conditions.barring(row["mask"]),
            conditions, read_figures(row, names),
        )
        for row in rows
    )  # fmt: skip
    return WhyNot(
        places,
        binding=Counter(key for place in places for key in place.bars),
        would_open=Counter(place.bars[0] for place in places if len(place.bars) == 1),
        labels={one.criterion.key: one.criterion.label for one in conditions.all},
        what_if=tuple(changed),
        broken=conditions.broken,
    )
