"""Rows 1 and 2: a vacancy and its shortlist; one household against every open place."""

from __future__ import annotations

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
HARD = ("kind", "size", "audience", "age", "resources", "area_refused", "accessibility", "animals",
        "lawful_stay")  # fmt: skip
"""The hard criteria of core, in the order in which the floors count them."""

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
_NO = """
  NOT (v.kind = ANY(r.kinds)) AS kind,
  r.persons < u.min_persons OR r.persons > u.max_persons AS size,
  p.compositions IS NOT NULL AND NOT (r.composition = ANY(p.compositions)) AS audience,
  r.main_birth > {on} - make_interval(years => k.age_min)
    OR r.main_birth <= {on} - make_interval(years => k.age_max + 1) AS age,
  u.cost_cents > 0 AND u.cost_cents * 100 > r.resources_cents * k.effort_percent_max AS resources,
  p.area_id = ANY(r.areas_refused) AS area_refused,
  u.accessible = 2 AND r.accessible_needed AS accessibility,
  p.animals = 2 AND r.animals AS animals,
  k.lawful_stay_required AND NOT r.lawful_stay AS lawful_stay
"""

_PLACE = """
FROM vacancy v JOIN housing_unit u ON u.territory_id = $1 AND u.id = v.unit_id
JOIN programme p ON p.territory_id = $1 AND p.id = u.programme_id
JOIN housing_kind k ON k.territory_id = $1 AND k.code = v.kind AND k.starts_on <= {on}
  AND (k.ends_on IS NULL OR k.ends_on > {on})
"""

_COUNTED = ", ".join(f"count(*) FILTER (WHERE {name}) AS {name}" for name in HARD)
_FREE = " AND ".join(f"{name} IS NOT TRUE" for name in HARD)

_FLOOR = f"""
WITH judged AS NOT MATERIALIZED (
  SELECT e.request_id, e.priority, coalesce(e.order_on, e.seniority_on) AS day,
    sha256(v.draw_seed || convert_to(q.ref, 'UTF8')) AS draw, {_NO.format(on="$3::date")}
  {_PLACE.format(on="$3::date")}
  JOIN waiting_entry e ON e.territory_id = $1 AND e.kind = $4 AND e.state = 'active'
  JOIN housing_request q ON q.territory_id = $1 AND q.id = e.request_id AND q.state = 'waiting'
  JOIN request_facts r ON r.territory_id = $1 AND r.request_id = e.request_id
  WHERE v.territory_id = $1 AND v.id = $2)
SELECT c.*, f.ids FROM (SELECT count(*) AS total, {_COUNTED} FROM judged) c,
  (SELECT array_agg(request_id ORDER BY priority, day, draw) AS ids FROM (
    SELECT * FROM judged WHERE {_FREE} ORDER BY priority, day, draw LIMIT 50) first) f
"""

_FLOOR_OF_ONE = f"""
SELECT v.id, {_NO.format(on="$3::date")} {_PLACE.format(on="$3::date")}
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
        excluded = found.excluded
        counts = [excluded.get(f"core.{name}", 0) for name in HARD]
        return [c.request_id for c in found.candidates], found.total, counts

    async def floor() -> Any:
        async with ctx.unit() as unit:
            row = await unit.row(_FLOOR, ctx.place.id, vacancy_id, unit.today, "chrs")
        assert row is not None
        return list(row["ids"] or ()), row["total"], [row[name] for name in HARD]

    with counting() as seen:
        found = await ours()
    if len(found[0]) != 50 or min(found[2][:-1]) == 0:
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
        said = [(p.vacancy_id, list(p.bars)) for p in found.places]
        return said, {key: n for key, n in found.binding.items() if n}

    async def floor() -> Any:
        async with ctx.unit() as unit:
            rows = await unit.fetch(_FLOOR_OF_ONE, ctx.place.id, request_id, unit.today)
        said = [(r["id"], [f"core.{name}" for name in HARD if r[name]]) for r in rows]
        counts: dict[str, int] = {}
        for _, keys in said:
            for key in keys:
                counts[key] = counts.get(key, 0) + 1
        return said, counts

    with counting() as seen:
        found, counts = await ours()
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
