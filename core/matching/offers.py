"""What predicates read: the facts of a demande and what a place offers, as relations of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.extension.criteria import FACTS, OFFERED
from core.housing.rules import MAIN_ROOMS
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.classing import GOVERNING


@dataclass
class Bound:
    """What a statement binds: `bind(type, value)` gives the value its place. $1 is the territory,
    on every table; $2 the day."""

    territory_id: int
    on: Any
    values: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values += [self.territory_id, self.on]

    def __call__(self, kind: str, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    @classmethod
    def of(cls, unit: Unit) -> Bound:
        return cls(unit.territory_id or 0, unit.today)


ON = "$2::date"


_ROOMS = " ".join(f"WHEN '{code}' THEN {rooms}" for code, rooms in MAIN_ROOMS.items())

_OFFER = {
    "kind": "x.kind",
    "device": "k.device",
    "lease": "k.lease_kind",
    "typology": "u.typology",
    "rooms": f"CASE u.typology {_ROOMS} END",
    "min_persons": "u.min_persons",
    "max_persons": "u.max_persons",
    "accessible": "u.accessible",
    "area_id": "coalesce(u.area_id, p.area_id)",
    "animals": "p.animals",
    "compositions": "coalesce(nullif(u.compositions, '{}'), nullif(p.compositions, '{}'))",
    "audience_said": "cardinality(p.audience) > 0",
    "age_min": "coalesce(p.age_min, k.age_min)",
    "age_max": "coalesce(p.age_max, k.age_max)",
    "support": "p.support",
    "cost_cents": "u.cost_cents",
    "effort_percent": "k.effort_percent_max",
    "stay_months_max": "k.stay_months_max",
    "lawful_stay_required": "k.lawful_stay_required",
    "number_required": "k.number_required",
    "free_on": "x.free_on",
}
"""Where each fact of a place comes from: the vacancy, its unit and programme, and what its kind
asks on that day (dated data of the territory)."""

_OF_KIND = {name: sql for name, sql in _OFFER.items() if sql.startswith("k.")} | {
    "kind": "k.code",
    "age_min": "k.age_min",
    "age_max": "k.age_max",
    "audience_said": "true",
}
"""What a kind says by itself; the rest depends on the place, and is to be checked."""

_IN_FORCE = f"k.starts_on <= {ON} AND (k.ends_on IS NULL OR k.ends_on > {ON})"

_FACTS_OF_PLACE = ", ".join(f"({_OFFER[n]})::{t} AS {n}" for n, t in OFFERED.items())
_FROM_PLACE = f"""
FROM vacancy x
JOIN housing_unit u ON u.territory_id = $1 AND u.id = x.unit_id
JOIN programme p ON p.territory_id = $1 AND p.id = u.programme_id
LEFT JOIN housing_kind k ON k.territory_id = $1 AND k.code = x.kind AND {_IN_FORCE}"""

_OFFERED = f"""
SELECT x.id AS vacancy_id, x.ref, p.name AS programme, u.label, {_FACTS_OF_PLACE} {_FROM_PLACE}
WHERE x.territory_id = $1 AND"""

RULE = f"""
SELECT r.id, r.version, r.text, r.keys, r.starts_on FROM ranking_rule r
WHERE r.kind = {{kind}} AND r.starts_on <= {{on}} AND {GOVERNING}
ORDER BY r.starts_on DESC, r.version DESC LIMIT 1
"""  # noqa: S608
"""The rule whose order the entries of a list stand in: the next one holds once it was applied."""

_RULED = "g.id AS rule_id, g.version AS rule_version, g.text AS rule_text, g.keys, g.starts_on"

_OF_ONE = f"""
SELECT x.draw_seed, {_FACTS_OF_PLACE}, {_RULED} {_FROM_PLACE}
LEFT JOIN LATERAL ({RULE.format(kind="x.kind", on=ON)}) g ON true
WHERE x.territory_id = $1 AND x.id = $3
"""

_OF_LIST = f"""
SELECT ''::bytea AS draw_seed,
  {", ".join(f"({_OF_KIND.get(n, 'NULL')})::{t} AS {n}" for n, t in OFFERED.items())}, {_RULED}
FROM housing_kind k LEFT JOIN LATERAL ({RULE.format(kind="k.code", on=ON)}) g ON true
WHERE k.territory_id = $1 AND {_IN_FORCE} AND k.code = $3
"""  # noqa: S608


async def offer_of(unit: Unit, vacancy_id: int | None, kind: str | None) -> Mapping[str, Any]:
    """What a vacancy offers, or a list as such (`kind`: what depends on the place is None), with
    the draw and the rule of its list. Raises NotFound."""
    sql = _OF_ONE if vacancy_id is not None else _OF_LIST
    asked = vacancy_id if vacancy_id is not None else kind
    row = await unit.row(sql, unit.territory_id, unit.today, asked)
    if row is None:
        raise NotFound()
    return dict(row)


def offered_sql(bind: Bound, offer: Mapping[str, Any]) -> str:
    """The relation `v` of one place, as what is bound: PostgreSQL folds its facts into each
    predicate, and may share the work among processes."""
    columns = ", ".join(f"{bind(kind, offer[name])} AS {name}" for name, kind in OFFERED.items())
    return f"(SELECT {columns})"


def open_places_sql() -> str:
    """The relation `v` of every open vacancy."""
    return f"({_OFFERED} x.state = 'declared')"


def facts_sql(bind: Bound, what_if: Mapping[str, Any]) -> str:
    """The relation `r`: the facts as they are, or with some changed in place, nothing written.

    Raises Invalid for a fact that matching does not read.
    """
    if not what_if:
        return "request_facts"
    if unknown := set(what_if) - set(FACTS):
        raise Invalid({name: N_("Ce fait n’est pas lu pour les places.") for name in unknown})
    told = ", ".join(
        f"{bind(kind, what_if[name])} AS {name}" if name in what_if else f"f.{name}"
        for name, kind in FACTS.items()
    )
    return (
        f"(SELECT f.territory_id, f.request_id, f.tags, {told} FROM request_facts f "  # noqa: S608
        "WHERE f.territory_id = $1)"
    )
