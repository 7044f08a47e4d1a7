"""Row 11: many workers propose more households than there are places; each gets an answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from bench.data import NOW, analyse, fill_waiting, new_place
from bench.frame import Disagreement, Result
from core.extension.context import Place
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, Refused
from core.kernel.unit import Actor, Unit
from core.placements.passing import same_for_all
from core.placements.service import propose

WORKERS = 64

_PLACES = """
WITH o AS (
  INSERT INTO organisation (kind, name) VALUES ('ASSO', $2) RETURNING id
), p AS (
  INSERT INTO programme (ref, organisation_id, name, opened_on)
  SELECT upper(substr(md5($2), 1, 10)), id, $2, date '2020-01-01' FROM o RETURNING id
), k AS (
  INSERT INTO programme_kind (programme_id, kind, starts_on)
  SELECT id, 'chrs', date '2020-01-01' FROM p
), u AS (
  INSERT INTO housing_unit (ref, programme_id, label, typology, min_persons, max_persons, opened_on)
  SELECT upper(substr(md5($2 || n::text), 1, 10)), p.id, 'Logement ' || n, 'T2', 1, 6,
         date '2020-01-01' FROM p, generate_series(1, $1::int) n RETURNING id
)
INSERT INTO vacancy (ref, unit_id, kind, state, free_on, draw_seed, declared_at)
SELECT upper(substr(md5('v' || id::text), 1, 10)), id, 'chrs', 'declared', $3, '\\x00', $4 FROM u
"""

_BARE = """
INSERT INTO referral (ref, vacancy_id, request_id, household_id, state, proposed_at)
VALUES ($1, $2, $3, $4, 'proposed', $5) ON CONFLICT DO NOTHING RETURNING id
"""

Answer = Callable[[Unit, int, int, int], Awaitable[bool]]


async def ours(unit: Unit, vacancy_id: int, request_id: int, household_id: int) -> bool:
    await propose(unit, vacancy_id, request_id, why=same_for_all("household_wish"))
    return True


async def bare(unit: Unit, vacancy_id: int, request_id: int, household_id: int) -> bool:
    ref = uuid4().hex[:10].upper()
    return bool(await unit.value(_BARE, ref, vacancy_id, request_id, household_id, unit.now))


async def measure(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Seconds for one answer, all workers at it; each place has one winner in both."""
    places, households = (200, 2_000) if small else (1_000, 10_000)
    await ENGINE.open(app_url, WORKERS)
    try:
        figures = {}
        for name, answer in (("floor", bare), ("ours", ours)):
            # A first rush, not timed: connections are open and statements known, as in a process
            # that has served for a while.
            warm = await _territory(f"warm-{name}", 4 * WORKERS, 8 * WORKERS)
            await _rush(warm, answer)
            place = await _territory(name, places, households)
            await analyse(admin_url)
            seconds, won, lost = await _rush(place, answer)
            if (won, lost) != (places, households - places):
                raise Disagreement(f"{name}: {won} placed, {lost} told that it is taken")
            figures[name] = seconds / households
            async with Unit(territory_id=place.id) as unit:
                doubled = await unit.value(
                    "SELECT count(*) FROM (SELECT vacancy_id FROM referral "
                    "GROUP BY vacancy_id HAVING count(*) > 1) twice"
                )
            if doubled:
                raise Disagreement(f"{name}: {doubled} places proposed twice")
    finally:
        await ENGINE.close()
    mine, theirs = figures["ours"], figures["floor"]
    return [
        Result(
            scenario=f"11 contention: {WORKERS} workers, {households} for {places}",
            size="-",
            ours_s=mine,
            floor_s=theirs,
            ratio=mine / theirs,
            goal="≥ 0.5 of the floor's answers per second; none twice, none lost",
            held=theirs / mine >= 0.5,
        )
    ]


async def _territory(name: str, places: int, households: int) -> Place:
    """A territory of its own, so many households waiting for so many places."""
    place = await new_place(f"contention-{name}")
    await fill_waiting(place, households)
    async with Unit(territory_id=place.id) as unit:
        await unit.fetch(_PLACES, places, f"{name} {place.slug}", NOW.date(), NOW)
    return place


async def _rush(place: Place, answer: Answer) -> tuple[float, int, int]:
    async with Unit(territory_id=place.id) as unit:
        vacancies = [r["id"] for r in await unit.fetch("SELECT id FROM vacancy ORDER BY id")]
        asked = [
            (r["id"], r["household_id"])
            for r in await unit.fetch("SELECT id, household_id FROM housing_request ORDER BY id")
        ]
    jobs = [(vacancies[n % len(vacancies)], *pair) for n, pair in enumerate(asked)]
    tally = {"won": 0, "lost": 0}
    clock, actor = StillClock(NOW), Actor()

    async def worker(mine: list[tuple[int, int, int]]) -> None:
        for vacancy_id, request_id, household_id in mine:
            try:
                async with Unit(territory_id=place.id, clock=clock, actor=actor) as unit:
                    won = await answer(unit, vacancy_id, request_id, household_id)
            except (Conflict, Refused):
                won = False
            tally["won" if won else "lost"] += 1

    began = time.perf_counter()
    await asyncio.gather(*(worker(jobs[n::WORKERS]) for n in range(WORKERS)))
    return time.perf_counter() - began, tally["won"], tally["lost"]
