"""The engine: the criteria of what is on here as SQL, and what their answers mean.

One list of criteria is compiled into one number per pair of a demande and a place: two bits each,
"no" and "to be checked". The shortlist, the explanation, the near misses and what would help all
read this number; there is no second way to judge.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import asyncpg
import structlog

from core.extension.context import Ctx
from core.extension.contributions import Criterion
from core.extension.criteria import FACTS, OFFERED, predicate
from core.extension.permissions import FIELD_CLASSES
from core.housing.rules import MAIN_ROOMS
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.classing import GOVERNING
from core.territories.queries import settings_of_several

log = structlog.get_logger()
T = TypeVar("T")

CORE = "core"


@dataclass(frozen=True, slots=True)
class Condition:
    """A criterion that is on here: who brought it, whether this reader may read what it says, and
    whether PostgreSQL failed on it, which makes it "to be checked" for everybody."""

    criterion: Criterion
    owner: str
    readable: bool
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """The criteria of this territory in their order, with what their owners set here."""

    all: tuple[Condition, ...]
    values: Mapping[str, Mapping[str, Any]]

    hard: int = field(init=False)
    """The bits that bar a referral."""
    unknown: int = field(init=False)
    """The bits of what is to be checked."""
    _barring: dict[int, tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        bits = [no_bit(n) for n, one in enumerate(self.all) if one.criterion.hard]
        object.__setattr__(self, "hard", sum(bits))
        object.__setattr__(self, "unknown", sum(unknown_bit(n) for n in range(len(self.all))))

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """(who brought it, its key) of each that failed."""
        return tuple((one.owner, one.criterion.key) for one in self.all if one.broken)

    def barring(self, mask: int) -> tuple[str, ...]:
        """The keys of the hard criteria that say no."""
        if not mask & self.hard:
            return ()
        if (known := self._barring.get(mask)) is not None:
            return known
        self._barring[mask] = found = tuple(
            one.criterion.key
            for n, one in enumerate(self.all)
            if one.criterion.hard and mask & no_bit(n)
        )
        return found

    def answers(self, mask: int) -> tuple[bool | None, ...]:
        """Yes, no, or None (to be checked) of each, in their order."""
        return tuple(
            False if mask & no_bit(n) else None if mask & unknown_bit(n) else True
            for n in range(len(self.all))
        )


def no_bit(n: int) -> int:
    return 1 << 2 * n


def unknown_bit(n: int) -> int:
    return 2 << 2 * n


async def conditions_here(ctx: Ctx, unit: Unit) -> Conditions:
    """What judges a pair here today: core's criteria and those of the plugins that are on, less
    the soft ones that the territory switched off. One statement, for their owners' settings."""
    registry, on = ctx.registry, ctx.hooks.enabled
    found = sorted(
        (c for key, c in registry.criteria.items() if registry.owners["criterion", key] in on),
        key=lambda c: (c.order, c.key),
    )
    owners = {c.key: registry.owners["criterion", c.key] for c in found}
    tuned = {owner: registry.tunables.get(owner, {}) for owner in owners.values()}
    stored = await settings_of_several(unit, unit.today, sorted(o for o, k in tuned.items() if k))
    values = {
        owner: {
            name: stored.get(owner, {}).get(name, one.default)
            if one.takes(stored.get(owner, {}).get(name, one.default))
            else one.default
            for name, one in known.items()
        }
        for owner, known in tuned.items()
    }
    return Conditions(
        tuple(
            Condition(c, owners[c.key], bool(ctx.can(FIELD_CLASSES[c.field_class])))
            for c in found
            if c.hard or values[owners[c.key]].get(switch_of(c)) is not False
        ),
        values,
    )


def switch_of(criterion: Criterion) -> str:
    """The setting of its owner that switches a soft criterion off."""
    return f"criterion_{criterion.key.rpartition('.')[2]}"


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


def mask_sql(conditions: Conditions, bind: Bound) -> str:
    """The number that holds every answer, over `r` and `v`. Each predicate is evaluated once."""
    parts = []
    for n, one in enumerate(conditions.all):
        sql = (
            "NULL::boolean"
            if one.broken
            else predicate(one.criterion, bind, conditions.values[one.owner], ON)
        )
        parts.append(
            f"CASE {sql} WHEN true THEN 0::bigint WHEN false THEN {no_bit(n)}::bigint "
            f"ELSE {unknown_bit(n)}::bigint END"
        )
    return " + ".join(parts) or "0::bigint"


# -- what the predicates read -------------------------------------------------------------------

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


# -- a criterion that fails ---------------------------------------------------------------------


async def standing(
    unit: Unit, conditions: Conditions, work: Callable[[Conditions], Awaitable[T]]
) -> tuple[T, Conditions]:
    """Do `work`; where PostgreSQL fails on a plugin's criterion, again without it.

    What failed is to be checked for everybody, and said with its plugin's name: the others stand.
    """
    plugins = [n for n, one in enumerate(conditions.all) if one.owner != CORE]
    if not plugins:
        return await work(conditions), conditions
    try:
        async with unit.savepoint():
            return await work(conditions), conditions
    except asyncpg.DataError:
        mended = conditions
        for n in plugins:
            alone = _broken(conditions, set(plugins) - {n})
            try:
                async with unit.savepoint():
                    await work(alone)
            except asyncpg.DataError as error:
                one = conditions.all[n]
                log.error("criterion failed", plugin=one.owner, criterion=one.criterion.key,
                          error=type(error).__name__)  # fmt: skip
                mended = _broken(mended, {n})
        if mended is conditions:
            raise
        return await work(mended), mended


def _broken(conditions: Conditions, which: Sequence[int] | set[int]) -> Conditions:
    return replace(
        conditions,
        all=tuple(
            replace(one, broken=True) if n in which else one for n, one in enumerate(conditions.all)
        ),
    )
