"""Rows 1 and 2: a vacancy and its shortlist; one household against every open place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from bench.data import NOW, analyse, fill_waiting, new_place
from bench.frame import SIZES, Disagreement, Result, in_turn
from core.app import CORE
from core.extension.context import Ctx, Place
from core.extension.registry import Registry
from core.housing.service import seed_kinds
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.settings import DEMO_SECRET, Settings
from core.kernel.unit import Actor
from core.matching.explain import why_not
from core.matching.shortlist import shortlist
from core.testing import counting

PLACES = 200
_AREAS = "INSERT INTO area (name) SELECT 'Commune ' || n FROM generate_series(1, 20) n"
_RULES = """
UPDATE housing_kind SET effort_percent_max = 60, age_min = 18, age_max = 60 WHERE code = 'chrs'
"""

_VACANT = """
WITH o AS (
  INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Bench') RETURNING id
), p AS (
  INSERT INTO programme (ref, organisation_id, name, opened_on, area_id, animals, compositions,
    support)
  SELECT 'P' || lpad(n::text, 9, '0'), o.id, 'Programme ' || n, date '2020-01-01',
    (SELECT min(id) FROM area) + n % 20, (ARRAY[1, 2, 4])[1 + n % 3],
    CASE WHEN n % 4 = 0 THEN ARRAY[10, 20, 40] END, n % 5
  FROM o, generate_series(1, $1::int) n RETURNING id
), u AS (
  INSERT INTO housing_unit (ref, programme_id, label, typology, min_persons, max_persons,
    accessible, cost_cents, opened_on)
  SELECT 'U' || lpad(id::text, 9, '0'), id, 'Logement ' || id, 't' || (2 + id % 3), 1,
    2 + id % 4, (ARRAY[1, 2, 4])[1 + id / 3 % 3], 20000 + id % 7 * 9000, date '2020-01-01'
  FROM p RETURNING id
)
INSERT INTO vacancy (ref, unit_id, kind, state, free_on, draw_seed, declared_at)
SELECT 'V' || lpad(id::text, 9, '0'), id, CASE WHEN id % 5 > 0 THEN 'chrs' ELSE 'alt' END,
  'declared', $2::date - (id % 90)::int, sha256(id::text::bytea), $3 FROM u
"""

# What the engine compiles from its criteria, written by hand.
_YES = """
  v.kind = ANY(r.kinds) AS kind,
  r.persons >= u.min_persons AND r.persons <= u.max_persons AS size,
  r.persons <> u.max_persons OR CASE WHEN r.soon_on < {on} - 60 THEN NULL
    ELSE r.persons_soon <= u.max_persons END AS size_soon,
  CASE WHEN r.rooms_from IS NOT NULL THEN
    coalesce(r.rooms_from[right(u.typology, 1)::int + 1] > {on} + interval '1 year', true)
  END AS rooms,
  true AS dormitory,
  p.compositions IS NULL OR r.composition = ANY(p.compositions) AS audience,
  (k.age_min IS NULL OR r.main_birth <= {on} - make_interval(years => k.age_min))
    AND (k.age_max IS NULL OR r.main_birth > {on} - make_interval(years => k.age_max + 1)) AS age,
  u.cost_cents = 0 OR k.effort_percent_max IS NULL
    OR u.cost_cents * 100 <= r.resources_cents * k.effort_percent_max AS resources,
  p.area_id <> ALL(r.areas_refused) AS area_refused,
  cardinality(r.areas_wanted) = 0 OR p.area_id = ANY(r.areas_wanted) AS area_wanted,
  nullif(u.accessible, 4) = 1 OR NOT r.accessible_needed AS accessibility,
  nullif(p.animals, 4) = 1 OR NOT r.animals AS animals,
  true AS lease,
  r.support = 0 OR r.support <= p.support AS support,
  NOT k.number_required OR r.social_housing_no AS social_housing_no,
  NOT k.lawful_stay_required OR r.lawful_stay AS lawful_stay
"""
ALL = (
    "kind", "size", "size_soon", "rooms", "dormitory", "audience", "age", "resources",
    "area_refused", "area_wanted", "accessibility", "animals", "lease", "support",
    "social_housing_no", "lawful_stay",
)  # fmt: skip
HARD = tuple(
    name for name in ALL
    if name not in ("size_soon", "rooms", "dormitory", "area_wanted", "lease", "support",
                    "social_housing_no")
)  # fmt: skip

_PLACE = """
FROM vacancy v JOIN housing_unit u ON u.territory_id = $1 AND u.id = v.unit_id
JOIN programme p ON p.territory_id = $1 AND p.id = u.programme_id
JOIN housing_kind k ON k.territory_id = $1 AND k.code = v.kind AND k.starts_on <= {on}
  AND (k.ends_on IS NULL OR k.ends_on > {on})
"""

_BOUND = {
    "v.kind": "text", "u.min_persons": "int", "u.max_persons": "int", "u.typology": "text",
    "p.compositions": "smallint[]", "k.age_min": "int", "k.age_max": "int",
    "u.cost_cents": "bigint", "k.effort_percent_max": "int", "p.area_id": "bigint",
    "u.accessible": "int", "p.animals": "int", "p.support": "int", "k.number_required": "boolean",
    "k.lawful_stay_required": "boolean",
}  # fmt: skip
_YES_HERE = _YES.format(on="$3::date")
for _place, (_name, _type) in enumerate(_BOUND.items(), start=5):
    _YES_HERE = _YES_HERE.replace(_name, f"${_place}::{_type}")
_THE_PLACE = f"""
SELECT v.draw_seed, {", ".join(_BOUND)} {_PLACE.format(on="$3::date")}
WHERE v.territory_id = $1 AND v.id = $2
"""

_COUNTED = ", ".join(
    f"count(*) FILTER (WHERE NOT {name}) AS {name}, "
    f"count(*) FILTER (WHERE {name} IS NULL) AS {name}_unknown"
    for name in ALL
)
_FREE = " AND ".join(f"{name} IS NOT FALSE" for name in HARD)
_LIST = """
FROM waiting_entry e
JOIN housing_request q ON q.territory_id = $1 AND q.id = e.request_id AND q.state = 'waiting'
JOIN request_facts r ON r.territory_id = $1 AND r.request_id = e.request_id
WHERE e.territory_id = $1 AND e.kind = $2 AND e.state = 'active'
"""

# More than fifty of the first 1,000 fit in the bench: a hand would know, and read no further.
_FLOOR = f"""
SELECT c.*, f.ids
FROM (SELECT count(*) AS total, {_COUNTED} FROM (SELECT {_YES_HERE} {_LIST} OFFSET 0) j) c,
  (SELECT array_agg(request_id ORDER BY priority, day, draw) AS ids FROM (
    SELECT * FROM (
      SELECT e.request_id, e.priority, coalesce(e.order_on, e.seniority_on) AS day,
        sha256($4::bytea || convert_to(q.ref, 'UTF8')) AS draw, {_YES_HERE} {_LIST}
      ORDER BY e.priority, coalesce(e.order_on, e.seniority_on), draw LIMIT 1000) head
    WHERE {_FREE} ORDER BY priority, day, draw LIMIT 50) first) f
"""

_FLOOR_OF_ONE = f"""
SELECT v.id, {_YES.format(on="$3::date")} {_PLACE.format(on="$3::date")}
LEFT JOIN request_facts r ON r.territory_id = $1 AND r.request_id = $2
WHERE v.territory_id = $1 AND v.state = 'declared' ORDER BY v.free_on, v.id LIMIT 200
"""


async def measure_shortlist(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Sizes S, and M and L in the full run; then S again, beside all the others."""
    results: list[Result] = []
    await ENGINE.open(app_url, 2)
    try:
        alone: float | None = None
        first: Ctx | None = None
        for name in ("S",) if small else ("S", "M", "L"):
            ctx = await _territory(f"match-{name.lower()}", SIZES[name], admin_url)
            ours, result = await _shortlist(ctx, name, 10 if name == "L" else 30)
            result.growth = ours / alone if alone else None
            results.append(result)
            alone, first = alone or ours, first or ctx
        if not small and first is not None and alone:
            ours, result = await _shortlist(first, "S", 30, "1 shortlist, beside the others")
            result.growth, result.goal = ours / alone, "≤ 2 × what it costs alone"
            result.held = ours <= 2 * alone
            results.append(result)
    finally:
        await ENGINE.close()
    return results


async def _territory(slug: str, size: int, admin_url: str) -> Ctx:
    place = await new_place(slug)
    ctx = _ctx(place)
    async with ctx.unit() as unit:
        await unit.fetch(_AREAS)
    await fill_waiting(place, size)
    async with ctx.unit() as unit:
        await seed_kinds(unit)
        await unit.fetch(_RULES)
        await unit.fetch(_VACANT, PLACES, NOW.date(), NOW)
    await analyse(admin_url)
    return ctx


def _ctx(place: Place) -> Ctx:
    settings = Settings(environment="test", secret_key=DEMO_SECRET, public_url="http://127.0.0.1")
    actor = Actor("professional", grants=frozenset({("coordinator", None)}))
    ctx = Ctx(settings, Registry.build(CORE, {}), StillClock(NOW), territory=place)
    return replace(ctx, actor=actor)


async def _shortlist(
    ctx: Ctx, size: str, runs: int, scenario: str = "1 shortlist"
) -> tuple[float, Result]:
    async with ctx.unit() as unit:
        vacancy_id = await unit.value(
            "SELECT v.id FROM vacancy v JOIN housing_unit u ON u.id = v.unit_id "
            "JOIN programme p ON p.id = u.programme_id WHERE v.kind = 'chrs' "
            "AND p.compositions IS NOT NULL AND p.animals = 2 AND u.accessible = 2 "
            "AND u.cost_cents > 40000 ORDER BY v.id LIMIT 1"
        )

    async def ours() -> Any:
        async with ctx.unit() as unit:
            found = await shortlist(ctx, unit, vacancy_id)
        counts = [n for t in found.tallies for n in (t.excluded + t.against, t.to_check)]
        return [c.request_id for c in found.candidates], found.total, counts

    async def floor() -> Any:
        async with ctx.unit() as unit:
            place = await unit.row(_THE_PLACE, ctx.place.id, vacancy_id, unit.today)
            assert place is not None
            bound = (ctx.place.id, place["kind"], unit.today, *place)
            row = await unit.row(_FLOOR, *bound)
        assert row is not None
        counts = [row[n] for name in ALL for n in (name, f"{name}_unknown")]
        return list(row["ids"] or ()), row["total"], counts

    with counting() as seen:
        found = await ours()
    if len(found[0]) != 50 or sum(n > 0 for n in found[2]) < 15:
        raise Disagreement(f"the list tries nothing: {found[2]} excluded, {len(found[0])} fit")
    mine, theirs = await in_turn(ours, floor, same=lambda a, b: a == b, runs=runs)
    return mine, Result(
        scenario=scenario,
        size=size,
        ours_s=mine,
        floor_s=theirs,
        ratio=mine / theirs,
        goal="≤ 1.2 × at L",
        held=size != "L" or mine <= 1.2 * theirs,
        statements=len(seen),
    )


async def measure_why_not(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """One household of S, and of M and L in the full run, and 200 open places."""
    results: list[Result] = []
    await ENGINE.open(app_url, 2)
    try:
        first: float | None = None
        for name in ("S",) if small else ("S", "M", "L"):
            ctx = await _territory(f"why-{name.lower()}", SIZES[name], admin_url)
            ours, result = await _why_not(ctx, name)
            result.growth = ours / first if first else None
            first = first or ours
            results.append(result)
    finally:
        await ENGINE.close()
    return results


async def _why_not(ctx: Ctx, size: str) -> tuple[float, Result]:
    async with ctx.unit() as unit:
        request_id = await unit.value(
            "SELECT id FROM housing_request ORDER BY id OFFSET 77 LIMIT 1"
        )

    async def ours() -> Any:
        async with ctx.unit() as unit:
            found = await why_not(ctx, unit, request_id)
        said = [
            (p.vacancy_id, dict(zip(ALL, p.conditions.answers(p.mask), strict=True)))
            for p in found.places
        ]
        return said, dict(found.binding), dict(found.would_open)

    async def floor() -> Any:
        async with ctx.unit() as unit:
            rows = await unit.fetch(_FLOOR_OF_ONE, ctx.place.id, request_id, unit.today)
        said = [(r["id"], {name: r[name] for name in ALL}) for r in rows]
        barred = [[f"core.{n}" for n in HARD if answers[n] is False] for _, answers in said]
        binding = Counter(key for keys in barred for key in keys)
        return said, dict(binding), dict(Counter(k[0] for k in barred if len(k) == 1))

    with counting() as seen:
        found, counts, _ = await ours()
    if len(found) != PLACES or not counts:
        raise Disagreement(f"{len(found)} places, {counts}")
    mine, theirs = await in_turn(ours, floor, same=lambda a, b: a == b, runs=40)
    return mine, Result(
        scenario="2 why not, 200 places",
        size=size,
        ours_s=mine,
        floor_s=theirs,
        ratio=mine / theirs,
        goal="≤ 1.5 ×",
        held=mine <= 1.5 * theirs,
        statements=len(seen),
    )
