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
from core.extension.criteria import predicate
from core.extension.permissions import FIELD_CLASSES
from core.kernel.unit import Unit
from core.matching.offers import ON, Bound
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
