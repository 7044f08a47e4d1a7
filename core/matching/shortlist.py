"""Who fits a vacancy: one statement gives the first with their reasons, how many each criterion
excludes, the near misses, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.extension.context import Ctx
from core.kernel.unit import Unit
from core.kernel.words import Sentence
from core.matching.criteria import (
    Bound,
    Conditions,
    conditions_here,
    mask_sql,
    no_bit,
    offer_of,
    offered_sql,
    standing,
    unknown_bit,
)
from core.matching.ranking import FIRST_RULE, Rule, order_by
from core.matching.rulecheck import read_rule
from core.matching.verdicts import Verdict, columns_of, figures_of, read_figures, verdicts

NEAR = 10
"""How many near misses are named; how many there are is counted."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the households that are shown, and never the counts or the ranks.

    `everybody`: those it does not fit too. `certain`: nothing is left to be checked.
    """

    composition: int | None = None
    sector_id: int | None = None
    certain: bool = False
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """The ranking rule that gave the order: its row, version and plain text; None of a list that
    has none yet, which goes by class and seniority."""

    rule: Rule
    id: int | None = None
    version: int | None = None
    text: str = ""
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the list of the vacancy's kind. `rank` is among everybody on that list."""

    request_id: int
    ref: str
    household_id: int
    family_name: str
    given_name: str
    rank: int
    priority: int
    seniority_on: date
    persons: int | None
    composition: int | None
    mask: int
    verdicts: tuple[Verdict, ...]

    @property
    def fits(self) -> bool:
        """No hard criterion says no."""
        return not any(v.bars for v in self.verdicts)

    @property
    def obstacles(self) -> tuple[tuple[str, Sentence], ...]:
        """(reason to be passed over, sentence) of each hard no."""
        return tuple((v.code or "other", v.staff) for v in self.verdicts if v.bars and v.staff)

    @property
    def doubts(self) -> tuple[Sentence, ...]:
        """What is to be checked, and what a soft criterion says against."""
        return tuple(v.staff for v in self.verdicts if v.staff and not v.bars)

    @property
    def wanted_area(self) -> bool:
        return any(v.key == "core.area_wanted" and v.answer is True for v in self.verdicts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one criterion does to a list. `excluded`: households with a hard no of it; `alone`:
    those whom nothing else keeps away, whom a yes would bring; `to_check`: nobody knows; `against`:
    a soft no."""

    key: str
    label: str
    excluded: int = 0
    alone: int = 0
    to_check: int = 0
    against: int = 0


@dataclass(frozen=True, slots=True)
class Shortlist:
    """`total` households on the list, `fitting` of them fit. `candidates`: those asked for, in the
    rule's order; `more`: there are others after them. `near`: the first that one hard criterion
    alone keeps away, of the part of the list that was read. `broken`: (plugin, criterion) that
    failed, and is to be checked for all."""

    candidates: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    tallies: tuple[Tally, ...]
    total: int
    fitting: int
    more: bool
    rule: RuleUsed
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def excluded(self) -> Mapping[str, int]:
        """How many each hard criterion keeps away; somebody may be counted under several."""
        return {t.key: t.excluded for t in self.tallies if t.excluded}


HEAD = 2000
"""How much of a list is read in its order at first: where too few of them fit, all of it is."""


def rule_of(offer: Mapping[str, Any]) -> RuleUsed:
    """The rule that orders the list of a place. Raises BadRule, with the reason, for one that this
    version cannot apply."""
    if offer["rule_id"] is None:
        return RuleUsed(FIRST_RULE)
    keys = offer["keys"]
    rule = read_rule(msgspec.json.decode(keys) if isinstance(keys, str) else keys)
    return RuleUsed(
        rule, offer["rule_id"], offer["rule_version"], offer["rule_text"], offer["starts_on"]
    )


LIST = """
FROM {place} v CROSS JOIN waiting_entry e
JOIN housing_request q ON q.territory_id = $1 AND q.id = e.request_id AND q.state = 'waiting'
LEFT JOIN request_facts r ON r.territory_id = $1 AND r.request_id = e.request_id
WHERE e.territory_id = $1 AND e.kind = {kind} AND e.state = 'active'
"""
"""Everybody on a list, beside the place."""

_NAME = """
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name FROM membership m
  JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  WHERE m.territory_id = $1 AND m.household_id = x.household_id AND m.role = 'main'
  ORDER BY m.ends_on IS NULL DESC, m.id DESC LIMIT 1) n ON true
"""

# The counts read the whole list once, in whatever order; the households come from its head.
_SHORTLIST = """
WITH told AS (SELECT mask, count(*)::int AS n FROM (SELECT {mask} AS mask {list}) j GROUP BY mask),
head AS MATERIALIZED (
  SELECT e.request_id, q.household_id, q.ref, e.priority, e.seniority_on, r.persons, r.composition,
    {mask} AS mask, row_number() OVER (ORDER BY {keys}, {draw})::int AS rank{figures}
  {list} ORDER BY {keys}, {draw} LIMIT {head}),
shown AS (
  SELECT 'shown' AS part, h.* FROM head h WHERE {shown} ORDER BY rank OFFSET {after} LIMIT {limit}),
near AS (SELECT 'near' AS part, h.* FROM head h WHERE {near} ORDER BY rank LIMIT {nearest}),
named AS (SELECT * FROM shown UNION ALL SELECT * FROM near)
SELECT x.*, n.family_name, n.given_name,
  (SELECT array_agg(mask) FROM told) AS masks, (SELECT array_agg(n) FROM told) AS counts
FROM (SELECT 1) one LEFT JOIN named x ON true {name} ORDER BY x.rank
"""


async def shortlist(
    ctx: Ctx,
    unit: Unit,
    vacancy_id: int,
    *,
    limit: int = 50,
    after: int = 0,
    filters: Filters | None = None,
) -> Shortlist:
    """Those on the list of the vacancy's kind, as the criteria that are on here judge them.

    The order is that of the rule in force, then this vacancy's draw among equals
    (`core.matching.rules.tie_break`). `after`: how many were shown on the pages before. What is not
    known excludes nobody. One statement, beside two that read what is set. Raises NotFound, and
    BadRule for a rule that cannot be applied.
    """
    filters = filters or Filters()
    offer = await offer_of(unit, vacancy_id, None)
    used = rule_of(offer)
    head = max(HEAD, 20 * (after + limit))

    async def read(conditions: Conditions, head: int = head) -> list[Any]:
        bind = Bound.of(unit)
        sql = _statement(conditions, bind, used.rule, offer, limit, after, filters, head)
        return await unit.fetch(sql, *bind.values)

    rows, conditions = await standing(unit, await conditions_here(ctx, unit), read)
    found = _shortlist(conditions, rows, limit, used)
    if len(found.candidates) < limit and head < found.total:
        # Those who fit stand further down than its head.
        found = _shortlist(conditions, await read(conditions, found.total), limit, used)
    return found


def list_sql(bind: Bound, offer: Mapping[str, Any]) -> tuple[str, str]:
    """Everybody on the list of a place, and the draw among equals for it."""
    kind, seed = bind("text", offer["kind"]), bind("bytea", offer["draw_seed"])
    everybody = LIST.format(place=offered_sql(bind, offer), kind=kind)
    return everybody, f"sha256({seed} || convert_to(q.ref, 'UTF8'))"


def _statement(
    conditions: Conditions, bind: Bound, rule: Rule, offer: Mapping[str, Any], limit: int,
    after: int, filters: Filters, head: int,
) -> str:  # fmt: skip
    everybody, draw = list_sql(bind, offer)
    barred = f"(mask & {conditions.hard}::bigint)"
    return _SHORTLIST.format(
        list=everybody,
        draw=draw,
        mask=mask_sql(conditions, bind),
        keys=", ".join(order_by(rule, bind)),
        shown=_shown_sql(conditions, bind, filters, barred),
        # One bit alone: taking the lowest away leaves nothing.
        near=f"{barred} <> 0 AND {barred} & ({barred} - 1) = 0",
        # Numbers of the statement itself: PostgreSQL cannot plan for a bound one, and would plan
        # anew each time.
        head=int(head),
        after=int(after),
        limit=int(limit) + 1,
        nearest=NEAR,
        name=_NAME,
        figures=columns_of(figures_of(conditions), facts="r"),
    )


def _shown_sql(conditions: Conditions, bind: Bound, filters: Filters, barred: str) -> str:
    parts = ["true" if filters.everybody else f"{barred} = 0"]
    if filters.certain:
        parts.append(f"mask & {conditions.unknown}::bigint = 0")
    if filters.composition is not None:
        parts.append(f"composition = {bind('smallint', filters.composition)}")
    if filters.sector_id is not None:
        parts.append(
            "EXISTS (SELECT 1 FROM household z WHERE z.territory_id = $1 "  # noqa: S608
            f"AND z.id = h.household_id AND z.sector_id = {bind('bigint', filters.sector_id)})"
        )
    return " AND ".join(parts)


def _shortlist(conditions: Conditions, rows: list[Any], limit: int, used: RuleUsed) -> Shortlist:
    names = figures_of(conditions)
    shown, near = ([r for r in rows if r["part"] == part] for part in ("shown", "near"))
    groups = list(zip(rows[0]["masks"] or (), rows[0]["counts"] or (), strict=True))
    return Shortlist(
        candidates=tuple(_candidate(conditions, r, names) for r in shown[:limit]),
        near=tuple(_candidate(conditions, r, names) for r in near),
        tallies=tallies(conditions, groups),
        total=sum(n for _, n in groups),
        fitting=sum(n for mask, n in groups if not mask & conditions.hard),
        more=len(shown) > limit,
        rule=used,
        broken=conditions.broken,
    )


def tallies(conditions: Conditions, groups: list[tuple[int, int]]) -> tuple[Tally, ...]:
    """What each criterion does to a list, from how many have each mask. Pure."""
    hard = conditions.hard
    counted = []
    for n, one in enumerate(conditions.all):
        no, unknown = no_bit(n), unknown_bit(n)
        refused = sum(m for mask, m in groups if mask & no)
        counted.append(
            Tally(
                one.criterion.key,
                one.criterion.label,
                excluded=refused if one.criterion.hard else 0,
                alone=sum(m for mask, m in groups if one.criterion.hard and mask & hard == no),
                to_check=sum(m for mask, m in groups if mask & unknown),
                against=0 if one.criterion.hard else refused,
            )
        )
    return tuple(counted)


def _candidate(conditions: Conditions, row: Mapping[str, Any], names: list[str]) -> Candidate:
    return Candidate(
        request_id=row["request_id"],
        ref=row["ref"],
        household_id=row["household_id"],
        family_name=row["family_name"] or "",
        given_name=row["given_name"] or "",
        rank=row["rank"],
        priority=row["priority"],
        seniority_on=row["seniority_on"],
        persons=row["persons"],
        composition=row["composition"],
        mask=row["mask"],
        verdicts=verdicts(conditions, row["mask"], read_figures(row, names)),
    )
