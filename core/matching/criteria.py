"""The criteria of what is on here, over the shortlist of a vacancy: yes, no, or to be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.extension.context import Ctx
from core.extension.contributions import Criterion
from core.extension.criteria import FACTS, predicate
from core.extension.permissions import FIELD_CLASSES
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.matching.shortlist import Candidate, shortlist
from core.territories.queries import settings_on

OTHER = N_("Une autre condition n’est pas remplie.")
OTHER_UNKNOWN = N_("Une autre condition est à vérifier.")

_FACTS = f"""
SELECT {", ".join(f"f.{name}::{kind}" for name, kind in FACTS.items())}, f.request_id, (
  SELECT array_agg(t.key) FROM request_tag t WHERE t.territory_id = f.territory_id
    AND t.request_id = f.request_id AND t.starts_on <= $2
    AND (t.ends_on IS NULL OR t.ends_on > $2)) AS tags
FROM request_facts f WHERE f.request_id = ANY($3)
"""  # noqa: S608

_OFFERED = """
SELECT v.kind, u.typology, u.min_persons, u.max_persons, u.accessible,
  coalesce(u.area_id, p.area_id) AS area_id, p.animals, v.free_on
FROM vacancy v JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
WHERE v.id = $1
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the criteria say of one demande: sentences for the staff."""

    against: tuple[Sentence, ...] = ()
    doubts: tuple[Sentence, ...] = ()
    out: bool = False
    """A hard criterion says no: off the shortlist."""


def criteria_here(ctx: Ctx) -> list[Criterion]:
    """The criteria of this territory, in their order: core's, and those of what is on."""
    registry, on = ctx.registry, ctx.hooks.enabled
    found = (c for key, c in registry.criteria.items() if registry.owners["criterion", key] in on)
    return sorted(found, key=lambda c: (c.order, c.key))


async def shortlist_here(
    ctx: Ctx, unit: Unit, vacancy_id: int, limit: int = 50, *, everybody: bool = False
) -> list[Candidate]:
    """The shortlist as what is switched on here sees it: `shortlist`, then each criterion.

    A hard no takes a demande off (or stands among its obstacles, with `everybody`); a soft no and
    what nobody knows are said. Four times as many are read, so that a page stays full.
    """
    if not criteria_here(ctx):
        return await shortlist(unit, vacancy_id, limit, everybody=everybody)
    found = await shortlist(unit, vacancy_id, limit * 4, everybody=everybody)
    verdicts = await judge(ctx, unit, vacancy_id, [one.request_id for one in found])
    seen = [_with(one, verdicts.get(one.request_id, Judged())) for one in found]
    return [one for one in seen if everybody or one.fits][:limit]


def _with(one: Candidate, judged: Judged) -> Candidate:
    against = tuple(("criterion", text) for text in judged.against)
    if judged.out:
        return replace(one, obstacles=(*one.obstacles, *against))
    soft = (text for _, text in against)
    return replace(one, doubts=(*one.doubts, *soft, *judged.doubts))


async def judge(
    ctx: Ctx, unit: Unit, vacancy_id: int, request_ids: Sequence[int]
) -> dict[int, Judged]:
    """What each criterion that is on says of these demandes and this place. One statement for all
    (and one per plugin with settings); none where nothing is registered."""
    wanted = criteria_here(ctx)
    if not wanted or not request_ids:
        return {}
    on = unit.today
    values: dict[str, Mapping[str, Any]] = {}
    for owner in {ctx.registry.owners["criterion", c.key] for c in wanted}:
        known = ctx.registry.tunables.get(owner, {})
        stored = await settings_on(unit, on, owner) if known else {}
        values[owner] = {n: stored.get(n, one.default) for n, one in known.items()}
    bound: list[Any] = [vacancy_id, on, list(request_ids)]

    def bind(kind: str, value: Any) -> str:
        bound.append(value)
        return f"${len(bound)}::{kind}"

    columns = [
        f"{predicate(c, bind, values[ctx.registry.owners['criterion', c.key]], '$2::date')} AS c{n}"
        for n, c in enumerate(wanted)
    ]
    rows = await unit.fetch(
        f"SELECT r.request_id, {', '.join(columns)} FROM ({_FACTS}) r CROSS JOIN ({_OFFERED}) v",  # noqa: S608
        *bound,
    )
    return {row["request_id"]: _judged(ctx, row, wanted) for row in rows}


def _judged(ctx: Ctx, row: Mapping[str, Any], wanted: Sequence[Criterion]) -> Judged:
    against, doubts, out = [], [], False
    for n, criterion in enumerate(wanted):
        verdict = row[f"c{n}"]
        if verdict is True:
            continue
        readable = bool(ctx.can(FIELD_CLASSES[criterion.field_class]))
        if verdict is None:
            doubts.append(Sentence(criterion.unknown if readable else OTHER_UNKNOWN))
        else:
            against.append(Sentence(criterion.no if readable else OTHER))
            out = out or criterion.hard
    return Judged(tuple(against), tuple(doubts), out)
