"""Two rules on today's list: who moves, by how much, and how groups fare. Two statements.

Both orders are computed anew from the same facts and the same draw, so that nothing moves but by
the rule. Without a place, its size and its commune decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.ranking import Bind, Place, Rule, class_sql, date_sql, order_by

DIMENSIONS: Mapping[str, str] = {
    "composition": N_("Composition du ménage"),
    "sector": N_("Secteur"),
    "prescriber": N_("Type de prescripteur"),
}
"""What households are grouped by: an organisation's kind, never a worker."""

HEAD = 10
"""The head of a list: its first tenth, and never fewer households than this."""


@dataclass(frozen=True, slots=True)
class GroupMove:
    """A group on the list: how many rise, fall, and stand in the head before and after.

    `code` is '' where it is not known; `dimension` '' for everybody. `median`: the middle move, in
    ranks, positive upwards.
    """

    dimension: str
    code: str
    households: int
    up: int
    down: int
    head_before: int
    head_after: int
    median: float


@dataclass(frozen=True, slots=True)
class Mover:
    """A household whose rank changes: 1 is the first."""

    ref: str
    family_name: str
    given_name: str
    before: int
    after: int
    class_before: int
    class_after: int
    tied: bool

    @property
    def by(self) -> int:
        """How many ranks it rises; negative when it falls."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a second rule does to a list. `tied`: those that only the draw sets apart under it."""

    everybody: GroupMove
    groups: tuple[GroupMove, ...]
    movers: tuple[Mover, ...]
    tied: int
    seed: str
    head: int

    @property
    def total(self) -> int:
        return self.everybody.households

    @property
    def moved(self) -> int:
        return self.everybody.up + self.everybody.down


_RANKED = """
WITH v AS (SELECT {place}), ranked AS (
  SELECT e.request_id, q.ref, q.household_id,
    coalesce(r.composition::text, '') AS composition, coalesce(s.name, '') AS sector,
    coalesce(o.kind, '') AS prescriber, {class_a} AS class_a, {class_b} AS class_b,
    row_number() OVER (ORDER BY {a}, {draw}) AS before,
    row_number() OVER (ORDER BY {b}, {draw}) AS after,
    count(*) OVER (PARTITION BY {b}) > 1 AS tied, count(*) OVER () AS size
  FROM waiting_entry e
  JOIN housing_request q ON q.territory_id = e.territory_id AND q.id = e.request_id
  JOIN household x ON x.territory_id = q.territory_id AND x.id = q.household_id
  LEFT JOIN request_facts r ON r.territory_id = e.territory_id AND r.request_id = e.request_id
  LEFT JOIN sector s ON s.territory_id = x.territory_id AND s.id = x.sector_id
  LEFT JOIN organisation o ON o.id = q.organisation_id
  CROSS JOIN v
  WHERE e.kind = {kind} AND e.state = 'active'
)"""

_GROUPS = """
SELECT composition, sector, prescriber, grouping(composition) = 0 AS of_composition,
  grouping(sector) = 0 AS of_sector, grouping(prescriber) = 0 AS of_prescriber,
  count(*)::int AS households, count(*) FILTER (WHERE after < before)::int AS up,
  count(*) FILTER (WHERE after > before)::int AS down, count(*) FILTER (WHERE tied)::int AS tied,
  count(*) FILTER (WHERE before <= greatest({head}, size / 10))::int AS head_before,
  count(*) FILTER (WHERE after <= greatest({head}, size / 10))::int AS head_after,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY before - after), 0) AS median
FROM ranked GROUP BY GROUPING SETS ((), (composition), (sector), (prescriber))
ORDER BY of_composition, of_sector, of_prescriber, households DESC, composition, sector, prescriber
"""

_MOVERS = """
SELECT m.*, n.family_name, n.given_name FROM (
  (SELECT * FROM ranked WHERE before > after ORDER BY before - after DESC, after LIMIT {limit})
  UNION ALL
  (SELECT * FROM ranked WHERE before < after ORDER BY after - before DESC, before LIMIT {limit})) m
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name FROM membership b JOIN person p
    ON p.territory_id = b.territory_id AND p.id = b.person_id
  WHERE b.household_id = m.household_id AND b.role = 'main'
  ORDER BY b.ends_on IS NULL DESC, b.id DESC LIMIT 1) n ON true
ORDER BY m.before - m.after DESC, m.after
"""


async def compare_rules(
    unit: Unit,
    kind: str,
    before: Rule,
    after: Rule,
    *,
    seed: bytes,
    place: Place | None = None,
    limit: int = 25,
    named: bool = True,
) -> Comparison:
    """What `after` does to a list that `before` orders, for everybody who waits on it today.

    `place`: as if for that place, whomever it fits. `named`: with the households that move most,
    `limit` upwards and as many downwards; one statement less without.
    """
    ranked, bound = _ranked(unit, kind, before, after, seed, place)
    rows = await unit.fetch(ranked + _GROUPS.format(head=HEAD), *bound)
    everybody = rows[0]
    movers = await unit.fetch(ranked + _MOVERS.format(limit=int(limit)), *bound) if named else []
    return Comparison(
        everybody=_group(everybody),
        groups=tuple(_group(r) for r in rows[1:]),
        movers=tuple(
            Mover(
                ref=m["ref"],
                family_name=m["family_name"] or "",
                given_name=m["given_name"] or "",
                before=m["before"],
                after=m["after"],
                class_before=m["class_a"],
                class_after=m["class_b"],
                tied=m["tied"],
            )
            for m in movers
        ),
        tied=everybody["tied"],
        seed=seed.hex(),
        head=max(HEAD, everybody["households"] // 10),
    )


def _ranked(
    unit: Unit, kind: str, before: Rule, after: Rule, seed: bytes, place: Place | None
) -> tuple[str, list[Any]]:
    bound: list[Any] = []

    def bind(cast: str, value: Any) -> str:
        bound.append(value)
        return f"${len(bound)}::{cast}"

    free = place or Place()
    class_a, class_b = (class_sql(rule, bind, unit.today) for rule in (before, after))
    return (
        _RANKED.format(
            place=f"{bind('int', free.max_persons)} AS max_persons, "
            f"{bind('bigint', free.area_id)} AS area_id",
            class_a=class_a,
            class_b=class_b,
            a=_order(unit, before, class_a, bind),
            b=_order(unit, after, class_b, bind),
            draw=f"sha256({bind('bytea', seed)} || convert_to(q.ref, 'UTF8'))",
            kind=bind("text", kind),
        ),
        bound,
    )


def _order(unit: Unit, rule: Rule, class_of: str, bind: Bind) -> str:
    date_of = date_sql(rule, bind, unit.zone)
    return ", ".join(order_by(rule, bind, class_of=class_of, date_of=date_of))


def _group(row: Mapping[str, Any]) -> GroupMove:
    dimension = next((d for d in DIMENSIONS if row[f"of_{d}"]), "")
    return GroupMove(
        dimension=dimension,
        code=row[dimension] if dimension else "",
        households=row["households"],
        up=row["up"],
        down=row["down"],
        head_before=row["head_before"],
        head_after=row["head_after"],
        median=float(row["median"]),
    )


_OPEN_PLACES = """
SELECT v.ref, v.draw_seed, u.max_persons, coalesce(u.area_id, p.area_id) AS area_id,
  p.name || ' · ' || u.label AS name
FROM vacancy v JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
WHERE v.kind = $1 AND v.state IN ('declared', 'held') ORDER BY v.free_on, v.id LIMIT 100
"""


async def open_places(unit: Unit, kind: str) -> list[Any]:
    """The places of a kind that are open now, to compare two rules as if for one of them."""
    return await unit.fetch(_OPEN_PLACES, kind)


def place_of(rows: list[Any], ref: str) -> tuple[Place, bytes]:
    """One of `open_places` and the seed of its own draw. Raises NotFound."""
    for row in rows:
        if row["ref"] == ref:
            return Place(row["max_persons"], row["area_id"]), row["draw_seed"]
    raise NotFound()
