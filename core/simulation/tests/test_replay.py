"""A replay gives each place to the first whom it fits, as they were then; and says so with care."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.matching.ranking import Place, PriorityClass, Rule, ordering
from core.simulation.findings import EVERYBODY, findings, paired_change
from core.simulation.replay import Filled, Film, Past, Timeline, World, as_of, fits, play, waits
from core.simulation.service import _go_on

START = datetime(2025, 1, 1, tzinfo=UTC)
END = START + timedelta(days=300)
OLD = Rule(("class", "seniority"))
NEW = Rule(("class", "size", "waited"), (PriorityClass(1, "Sortie", ("essai.leaver",)),))


def day(n: float) -> datetime:
    return START + timedelta(days=n)


def a_past(draw: random.Random, number: int) -> Past:
    """Anybody: comes at some day, pauses, comes back, leaves; is joined, tagged, moved."""
    came = draw.randint(-200, 250)
    steps, state, at = [(day(came), "active")], "active", float(came)
    while draw.random() < 0.4:
        at += draw.randint(5, 80)
        state = "paused" if state == "active" else "active"
        steps.append((day(at), state))
    if draw.random() < 0.2:
        steps.append((day(at + draw.randint(1, 90)), draw.choice(["withdrawn", "lapsed"])))
    acts = [(day(draw.randint(0, 200)), date(2024, 1, 1))] if draw.random() < 0.2 else []
    members: list[tuple[date, date | None, date | None]] = [
        (date(2020, 1, 1), None, date(1990, 5, 5))
    ]
    if draw.random() < 0.4:
        born = day(draw.randint(-100, 200)).date()
        members.append((born, None, born))
    tag = day(draw.randint(0, 200))
    return Past(
        request_id=number,
        ref=f"R{number:09d}",
        kind="chrs",
        entered_at=day(came),
        states=Timeline.of(steps),
        first=day(came - draw.randint(0, 60)).date(),
        seniority=Timeline.of(acts),
        members=tuple(members),
        answers={"animals": Timeline.of([(day(-300), (draw.choice([1, 2, 4]), None))])},
        tags=((tag, tag.date(), None, "essai.leaver"),) if draw.random() < 0.3 else (),
        groups={"composition": draw.choice(["10", "40"]), "sector": "", "prescriber": "CHU"},
        persons=len(members),
    )


def a_film(seed: int, people: int = 40, places: int = 25, tried: Rule = NEW) -> Film:
    draw = random.Random(seed)
    pasts = [a_past(draw, n) for n in range(1, people + 1)]
    days = sorted(draw.sample(range(300), places))
    taken = draw.sample([p.request_id for p in pasts], places)
    filled = [
        Filled(
            vacancy_id=100 + n,
            at=day(d + 0.4),
            request_id=taken[n],
            min_persons=1,
            max_persons=draw.choice([1, 2]),
            accessible=None,
            animals=draw.choice([None, 1, 2]),
            area_id=None,
            seed=draw.randbytes(16),
        )
        for n, d in enumerate(days)
    ]
    return Film("Europe/Paris", pasts, filled, lambda at: OLD, tried)


def by_hand(film: Film, rule: Callable[[datetime], Rule]) -> list[int | None]:
    """The same world, the plain way."""
    housed: set[int] = set()
    found: list[int | None] = []
    for place in film.places:
        able = []
        for past in film.pasts:
            if past.request_id in housed or not waits(past, place.at, film.really):
                continue
            who = as_of(past, place.at, film.zone)
            if fits(past, who, place, place.at):
                key = ordering(
                    rule(place.at), who, Place(place.max_persons, None), place.at.date(), place.seed
                )
                able.append((key, past.request_id))
        chosen = min(able)[1] if able else None
        found.append(chosen)
        if chosen is not None:
            housed.add(chosen)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_each_world_gives_a_place_to_the_first_whom_it_fits(seed: int) -> None:
    film = a_film(seed)
    played = _go_on(film, [], 1000)
    assert [c[0] for c, _ in played] == by_hand(film, film.in_force)
    assert [c[1] for c, _ in played] == by_hand(film, lambda at: film.tried)
    for side in (0, 1):
        housed = [c[side] for c, _ in played if c[side] is not None]
        assert len(housed) == len(set(housed))


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_in_pieces_is_the_replay_at_once(seed: int) -> None:
    film, pieces = a_film(seed), []
    while len(pieces) < len(film.places):
        before = len(pieces)
        pieces = _go_on(film, pieces, 0)
        assert len(pieces) == before + 1
    assert pieces == _go_on(film, [], 1000)


def test_the_same_rule_changes_nothing_and_groups_add_up() -> None:
    film = a_film(5, tried=OLD)
    found = findings(film, _go_on(film, [], 1000), day(0), END, [1])
    assert found.same == len(found.places)
    assert (found.everybody.gained, found.everybody.lost, found.everybody.change) == (0, 0, 0)
    assert found.everybody.before == found.everybody.after
    film = a_film(5)
    found = findings(film, _go_on(film, [], 1000), day(0), END, [1])
    assert found.everybody.gained > 0
    for dimension in ("composition", "sector", "prescriber"):
        parts = [g for g in found.groups if g.dimension == dimension]
        for name in ("households", "persons", "real", "gained", "lost"):
            assert sum(getattr(g, name) for g in parts) == getattr(found.everybody, name)
    housed = sum(p.after is not None for p in found.places)
    assert found.everybody.after.housed == housed
    assert found.groups[0].dimension == EVERYBODY


def test_nobody_is_judged_on_what_was_written_later() -> None:
    past = a_past(random.Random(1), 1)
    past = replace(
        past,
        entered_at=day(0),
        states=Timeline.of([(day(0), "active"), (day(50), "paused"), (day(60), "active")]),
        first=date(2024, 6, 1),
        seniority=Timeline.of([(day(100), date(2023, 1, 1))]),
        members=((date(2020, 1, 1), None, None), (day(30).date(), day(80).date(), None)),
        tags=((day(40), day(10).date(), day(90).date(), "essai.leaver"),),
        answers={"accessible_needed": Timeline.of([(day(20), (1, None)), (day(70), (2, None))])},
    )

    def seen(n: float) -> tuple[Any, ...]:
        who = as_of(past, day(n), "Europe/Paris")
        return (
            waits(past, day(n), frozenset()), who.persons, who.seniority_on.year,
            who.accessible_needed, bool(who.tags),
        )  # fmt: skip

    assert seen(-1) == (False, 1, 2024, None, False)
    assert seen(25) == (True, 1, 2024, True, False)
    assert seen(45) == (True, 2, 2024, True, True)
    assert seen(55) == (False, 2, 2024, True, True)
    assert seen(85) == (True, 1, 2024, False, True)
    assert seen(110) == (True, 1, 2023, False, False)


def test_who_really_took_a_place_waits_on_where_it_went_to_another() -> None:
    draw = random.Random(2)
    old = replace(
        a_past(draw, 1), entered_at=day(0), first=date(2020, 1, 1), seniority=Timeline((), ()),
        states=Timeline.of([(day(0), "active")]), members=((date(2020, 1, 1), None, None),),
        tags=(), answers={},
    )  # fmt: skip
    really = replace(
        old, request_id=2, ref="R2", first=date(2024, 1, 1),
        states=Timeline.of([(day(0), "active"), (day(11), "placed")]),
    )  # fmt: skip
    place = Filled(7, day(10), 2, 1, 4, None, None, None, b"s")
    film = Film("Europe/Paris", [old, really], [place, replace(place, at=day(20), vacancy_id=8)],
                lambda at: OLD, OLD)  # fmt: skip
    worlds = (World(), World())
    assert play(film, 0, worlds) == ((1, 1), 2)
    assert play(film, 1, worlds) == ((2, 2), 1)


def test_the_interval_of_a_change_holds_it_and_narrows_with_numbers() -> None:
    few, many = paired_change(4, 1, 30), paired_change(400, 100, 3000)
    assert few[0] == many[0] == 10.0
    assert few[1] < 0 < few[2] and many[1] > 0
    assert few[1] < few[0] < few[2] and many[2] - many[1] < few[2] - few[1]
    assert paired_change(0, 0, 0) == (0.0, -100.0, 100.0)
