"""Why, why not, what would help and what if: the shortlist's own judgement of one household.

The same predicates, compiled by the same engine, over the same facts: an explanation cannot say
anything else than what decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from core.extension.context import Ctx
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.matching.criteria import Conditions, conditions_here, mask_sql, standing
from core.matching.offers import Bound, facts_sql, offer_of, offered_sql, open_places_sql
from core.matching.ranking import order_by
from core.matching.shortlist import RuleUsed, list_sql, rule_of
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
WITH pair AS (
  SELECT q.id AS request_id, q.state = 'waiting' AND e.id IS NOT NULL AS on_list, v.kind,
    {place_columns}v.free_on, {mask} AS mask{figures}
  FROM {place} v CROSS JOIN housing_request q
  LEFT JOIN {facts} r ON r.territory_id = $1 AND r.request_id = q.id
  LEFT JOIN waiting_entry e ON e.territory_id = $1 AND e.request_id = q.id AND e.kind = v.kind
    AND e.state = 'active'
  WHERE q.territory_id = $1 AND q.id = {request})
"""

_RANK = """, judged AS NOT MATERIALIZED (SELECT e.request_id, {keys}, {draw} AS draw {list}),
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
    changed = dict(what_if or {})
    offer = await offer_of(unit, vacancy_id, kind)
    used = rule_of(offer)

    async def read(conditions: Conditions) -> Any:
        bind = Bound.of(unit)
        sql = _pair(conditions, bind, request_id, changed, offer)
        sql += _rank(bind, used, offer, request_id) if ranked else _UNRANKED
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


_UNRANKED = "SELECT pair.*, NULL::int AS rank FROM pair"


def _rank(bind: Bound, used: RuleUsed, offer: Mapping[str, Any], request_id: int) -> str:
    everybody, draw = list_sql(bind, offer)
    keys = order_by(used.rule, bind)
    names = [*(f"k{n}" for n in range(len(keys))), "draw"]
    return _RANK.format(
        list=everybody,
        draw=draw,
        keys=", ".join(f"{sql} AS k{n}" for n, sql in enumerate(keys)),
        order=", ".join(names),
        request=bind("bigint", request_id),
        theirs=", ".join(f"b.{n}" for n in names),
        ours=", ".join(f"mine.{n}" for n in names),
    )


def _pair(
    conditions: Conditions, bind: Bound, request_id: int, changed: Mapping[str, Any],
    offer: Mapping[str, Any] | None,
) -> str:  # fmt: skip
    """One demande beside one place, or beside every open one where no `offer` is given."""
    one = offer is not None
    return _PAIR.format(
        place=offered_sql(bind, offer) if offer is not None else open_places_sql(),
        place_columns="" if one else "v.vacancy_id, v.ref, v.programme, v.label, ",
        mask=mask_sql(conditions, bind),
        figures=columns_of(figures_of(conditions), facts="r"),
        facts=facts_sql(bind, changed),
        request=bind("bigint", request_id),
    )


class PlaceJudged(NamedTuple):
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
    row: Mapping[str, Any]
    """What was read, with its figures."""

    @property
    def fits(self) -> bool:
        return not self.bars

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every answer in words: made when it is read, for a page shows few of the places."""
        figures = read_figures(self.row, figures_of(self.conditions))
        return verdicts(self.conditions, self.mask, figures)


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


_OPEN = "SELECT * FROM pair ORDER BY free_on, vacancy_id LIMIT {limit}"


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
        sql = _pair(conditions, bind, request_id, changed, None)
        sql += _OPEN.format(limit=int(limit))
        return await unit.fetch(sql, *bind.values)

    rows, conditions = await standing(unit, await conditions_here(ctx, unit), read)
    places = tuple(
        PlaceJudged(
            row["vacancy_id"], row["ref"], row["kind"], row["programme"], row["label"],
            row["free_on"], row["on_list"], row["mask"], conditions.barring(row["mask"]),
            conditions, row,
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
