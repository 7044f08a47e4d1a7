"""Who fits a vacancy: one statement gives the first with their reasons, how many each criterion
excludes, the near misses, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.extension.context import Ctx
from core.kernel.unit import Unit
from core.matching.criteria import (
    Conditions,
    conditions_here,
    mask_sql,
    no_bit,
    standing,
    unknown_bit,
)
from core.matching.offers import Bound, offer_of, offered_sql
from core.matching.ranking import FIRST_RULE, Rule, order_by
from core.matching.results import Candidate, Filters, RuleUsed, Shortlist, Tally
from core.matching.rulecheck import read_rule
from core.matching.verdicts import columns_of, figures_of, read_figures, verdicts

__all__ = ["Candidate", "Filters", "RuleUsed", "Shortlist", "Tally", "rule_of", "shortlist"]

NEAR = 10
"""How many near misses are named; how many there are is counted."""


HEAD = 1000
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
# OFFSET 0 keeps the number whole: computed once a row, its groups few enough to share the work.
_SHORTLIST = """
WITH head AS MATERIALIZED (
  SELECT e.request_id, q.household_id, q.ref, e.priority, e.seniority_on, r.persons, r.composition,
    {mask} AS mask, row_number() OVER (ORDER BY {keys}, {draw})::int AS rank{figures}
  {list} ORDER BY {keys}, {draw} LIMIT {head}),
shown AS (
  SELECT 'shown' AS part, h.* FROM head h WHERE {shown} ORDER BY rank OFFSET {after} LIMIT {limit}),
near AS (SELECT 'near' AS part, h.* FROM head h WHERE {near} ORDER BY rank LIMIT {nearest}),
named AS (SELECT * FROM shown UNION ALL SELECT * FROM near)
SELECT x.*, n.family_name, n.given_name, told.masks, told.counts
FROM (SELECT array_agg(mask) AS masks, array_agg(n) AS counts FROM (
    SELECT mask, count(*)::int AS n FROM (SELECT {mask} AS mask {list} OFFSET 0) j GROUP BY mask) g
  ) told LEFT JOIN named x ON true {name}
ORDER BY x.rank
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
