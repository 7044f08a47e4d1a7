"""demo(seed, today): the four territories, lived day by day; same arguments, same content."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from core.demo.agenda import Agenda
from core.demo.figures import figures_story
from core.demo.household import File, household_story
from core.demo.housing import Freed, place_story, supply_story
from core.demo.people import make_family
from core.demo.places import LANDS, Land
from core.demo.plans import draw_plan
from core.demo.plugins import fill_plugins
from core.demo.rulebook import replay_two_years, rules_story
from core.demo.scene import Scene, set_up
from core.demo.stories import Act
from core.demo.told import Told, arrival, born, told_in
from core.demo.visits import come_and_go, structure_to_try
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.figures.service import count_all
from core.imports.flags import settle_reports
from core.kernel.clock import StillClock
from core.kernel.refs import drawn_from
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.matching.classing import apply_rules
from core.notifications.outbox import notices, told_aloud
from core.notifications.post import letters, post_letters, print_letters
from core.notifications.service import mark_read
from core.opening import open_territory
from core.placements.service import expire_overdue, find_stalled, read_alert
from core.requests.refresh import mark_overdue
from core.territories.queries import load_places, settings_on
from core.territories.service import keep_value
from core.voice import voice_of
from core.worker import visit as hand_over_events

SIZE = 300
"""Households of each territory at full size."""

DAYS = 730
TOLD_DAYS = 21
"""The last days, whose messages to households are made."""

READ_DAYS = 8
"""What is older than that has been read by residents who come in."""

MARK = "filled"
"""The setting (of "demo") that says a territory of the demonstration is whole."""

Progress = Callable[[str, float], None]
"""Told the territory's name and the part of its years that has passed."""


@dataclass(frozen=True)
class Filled:
    """What came of one territory. `stopped`: stories that a rule ended."""

    slug: str
    stopped: tuple[str, ...]


def no_progress(name: str, part: float) -> None:
    """For those who need no bar."""


async def demo(
    seed: int,
    today: date,
    *,
    settings: Settings,
    registry: Registry,
    size: int = SIZE,
    lands: tuple[Land, ...] = LANDS,
    progress: Progress = no_progress,
) -> list[Filled]:
    """Fill an empty base: everything before `today`, through the services alone.

    The Units write through the pool that is open. Territories are made one after the other, so
    that ids too are the same every time.
    """
    return [await _fill(land, seed, today, settings, registry, size, progress) for land in lands]


async def _fill(
    land: Land, seed: int, today: date, settings: Settings, registry: Registry, size: int,
    progress: Progress,
) -> Filled:  # fmt: skip
    rng = Random(f"{seed} {land.slug} {today}")
    end = datetime.combine(today, time(4), UTC)
    start = end - timedelta(days=DAYS)
    clock = StillClock(start)
    with drawn_from(rng):
        await open_territory(
            slug=land.slug, name=land.name, clock=clock, zone=land.zone, country=land.country,
            langs=land.langs, vocabulary=land.vocabulary, team_name=land.team_name,
            team_phone=land.team_phone, emergency_phone=land.emergency_phone,
        )  # fmt: skip
        async with Unit(territory_id=None, clock=clock) as unit:
            place = (await load_places(unit))[land.slug]
        ctx = Ctx(settings, registry, clock, territory=place, face="admin")
        agenda = Agenda(clock, land.zone)
        scene = Scene(land, ctx, agenda, rng, start.date(), end - timedelta(days=TOLD_DAYS))
        await set_up(scene, min(1.0, size / SIZE))
        files: dict[int, File] = {}
        _households(scene, rng, seed, size, start, end, files)
        for told in told_in(land.slug):
            _tell(scene, told, today, Random(f"{seed} {told.key}"), files)
        every = DAYS / (size * 0.34)
        agenda.begin("places", supply_story(scene, rng, files, every, agenda.begin), start)
        agenda.begin("daily look", _daily_look(scene), start + timedelta(days=1))
        agenda.begin("figures", figures_story(scene, end), start + timedelta(days=2))
        agenda.begin(
            "rules", rules_story(scene, Random(f"{seed} {land.slug} rules"),
                                 end - timedelta(days=12)), end - timedelta(days=300),
        )  # fmt: skip
        agenda.begin("reading", _read_up(scene, files), end - timedelta(days=READ_DAYS))
        await agenda.run(end, lambda at: progress(land.name, (at - start) / (end - start)))
        await hand_over_events(replace(ctx, actor=None))
        async with scene.act(None) as unit:
            await count_all(unit)
        await replay_two_years(scene, today)
        await come_and_go(scene)
        await structure_to_try(scene)
        await fill_plugins(
            replace(ctx, actor=None),
            f"{seed} {land.slug} {today}",
            start.date() + timedelta(days=1),
            today - timedelta(days=TOLD_DAYS),
        )
        async with scene.act(None) as unit:
            await keep_value(
                unit, "demo", MARK, {"seed": seed, "size": size, "today": today.isoformat()},
                starts_on=today,
            )  # fmt: skip
    progress(land.name, 1.0)
    return Filled(land.slug, tuple(agenda.stopped))


def _households(
    scene: Scene, rng: Random, seed: int, size: int, start: datetime, end: datetime,
    files: dict[int, File],
) -> None:  # fmt: skip
    """Who comes when: some in the first weeks, as in a list that was taken over, then evenly."""
    days = (end - start).days
    for number in range(max(1, size - len(told_in(scene.land.slug)))):
        own = Random(f"{seed} {scene.land.slug} {number}")
        first = own.random() < 0.15
        at = start + timedelta(days=own.uniform(0.2, 45 if first else days - 0.5))
        plan = draw_plan(own, str(number), make_family(own, at.date(), scene.phone()))
        scene.agenda.begin(
            f"household {number}", household_story(scene, plan, own, files), _at_work(at)
        )


def _at_work(at: datetime) -> datetime:
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at.replace(hour=7 + at.minute % 8, second=0, microsecond=0)


def _tell(scene: Scene, told: Told, today: date, rng: Random, files: dict[int, File]) -> None:
    """A told household, with a phone of its own, and the place proposed to it, if any."""
    people = list(born(told, today))
    phone = scene.phone()
    people[0] = replace(people[0], phone=phone)
    day = arrival(told, today)
    family = replace(
        told.plan.family, people=tuple(people), phone=phone, since=day - timedelta(days=90)
    )
    plan = replace(told.plan, family=family)
    at = datetime.combine(day, time(8, 30), UTC)
    scene.agenda.begin(f"told {told.key}", household_story(scene, plan, rng, files), at)
    if told.proposed is not None:
        at = datetime.combine(today - timedelta(days=told.proposed + 1), time(8), UTC)
        scene.agenda.begin(f"place for {told.key}", _for_told(scene, told, rng, files), at)

    for days, act in told.then:
        at = datetime.combine(today - timedelta(days=days), time(9), UTC)
        scene.agenda.begin(f"{told.key}, {days} days ago", _happens(scene, told, act, files), at)


async def _happens(
    scene: Scene, told: Told, act: Act, files: dict[int, File]
) -> AsyncIterator[datetime]:
    """One thing of a told household, on its day."""
    await act(scene, next(f for f in files.values() if f.plan.key == told.key))
    return
    yield


async def _read_up(scene: Scene, files: dict[int, File]) -> AsyncIterator[datetime]:
    """Residents who come in have read what is old: only the last days are news to them."""
    for file in files.values():
        if file.resident is not None:
            async with scene.act(None) as unit:
                for person_id in file.person_ids:
                    await mark_read(unit, person_id)
    return
    yield


async def _for_told(
    scene: Scene, told: Told, rng: Random, files: dict[int, File]
) -> AsyncIterator[datetime]:
    """A place of the right kind and size is freed and proposed to a told household."""
    kind = told.plan.family.kinds[0]
    file = next(f for f in files.values() if f.plan.key == told.key)
    async with scene.act(None) as unit:
        sizes = {
            r["id"]: (r["min_persons"], r["max_persons"])
            for r in await unit.fetch("SELECT id, min_persons, max_persons FROM housing_unit")
        }
    count = len(told.plan.family.people)
    place = next(p for p in scene.units[kind] if sizes[p[0]][0] <= count <= sizes[p[0]][1])
    scene.units[kind].remove(place)
    freed = Freed(place[0], kind, scene.structures[place[1]], file.request_id)
    async for at in place_story(scene, freed, rng, files, scene.agenda.begin):
        yield at


async def _daily_look(scene: Scene) -> AsyncIterator[datetime]:
    """What dates do by themselves, twice a week; and what the team enters in SI-SIAO meanwhile."""
    while True:
        async with scene.act(None) as unit:
            await mark_overdue(unit)
            await expire_overdue(unit)
            await find_stalled(unit)
            await apply_rules(unit)
            entered = await unit.fetch(
                "SELECT id FROM external_change WHERE done_at IS NULL AND at < $1 ORDER BY id",
                unit.now - timedelta(days=6),
            )
        await _read_alerts(scene)
        if entered:
            async with scene.act(scene.coordinator) as unit:
                await settle_reports(unit, [r["id"] for r in entered])
        if scene.ctx.clock.now() >= scene.telling_from:
            await hand_over_events(replace(scene.ctx, actor=None))
            await _tell_aloud(scene)
        yield scene.ctx.clock.now() + timedelta(days=3)


async def _read_alerts(scene: Scene) -> None:
    """Both sides read within the week what they were alerted to."""
    async with scene.act(None) as unit:
        old = await unit.fetch(
            "SELECT DISTINCT a.referral_id, a.side, p.organisation_id FROM referral_alert a "
            "JOIN referral r ON r.id = a.referral_id JOIN vacancy v ON v.id = r.vacancy_id "
            "JOIN housing_unit u ON u.id = v.unit_id JOIN programme p ON p.id = u.programme_id "
            "WHERE a.read_at IS NULL AND a.at < $1::timestamptz - interval '6 days' ORDER BY 1, 2",
            unit.now,
        )
    for row in old:
        there = scene.structures.get(row["organisation_id"], scene.coordinator)
        async with scene.act(there if row["side"] == "structure" else scene.coordinator) as unit:
            await read_alert(unit, row["referral_id"])


async def _tell_aloud(scene: Scene) -> None:
    """Nothing sends messages here: the team tells people itself, and posts letters, each week."""
    async with scene.act(scene.coordinator) as unit:
        before = unit.now - timedelta(days=6)
        said: set[str] = set()
        for row in await notices(unit, limit=1000):
            if row["created_at"] < before and row["person_ref"] not in said:
                said.add(row["person_ref"])
                await told_aloud(unit, row["ref"])
        waiting = await letters(unit, "to_print", limit=200)
        refs = [row["ref"] for row in waiting if row["created_at"] < before]
        if refs:
            await print_letters(unit, refs, voice_of(scene.ctx))
            await post_letters(unit, refs, unit.today)


async def filled() -> dict[str, bool]:
    """Every territory by its slug, and whether the demonstration made it whole."""
    found = {}
    async with Unit(territory_id=None) as unit:
        places = await load_places(unit)
    for place in places.values():
        async with Unit(territory_id=place.id, zone=place.zone) as unit:
            found[place.slug] = MARK in await settings_on(unit, date(9999, 1, 1), "demo")
    return found
