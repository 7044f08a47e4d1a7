"""A list replayed, place by place, under two rules: pure, over what the base knows of the past.

For each place that was filled, at the moment it was really proposed: who was on the list then, as
they were then; the first whom it fits takes it, in each of two worlds: the rules as they were in
force, and the rule that is tried. Whoever takes a place leaves the list in that world only; whoever
really took one of these places waits on, where the world gave it to another.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.matching.ranking import Place, Rule, Standing, ordering

NEEDED = 2
"""The answer "no" of a place, among the four: what it does not offer."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A place that was filled: when it was proposed to whom it really went to, what it takes."""

    vacancy_id: int
    at: datetime
    request_id: int
    min_persons: int
    max_persons: int
    accessible: int | None
    animals: int | None
    area_id: int | None
    seed: bytes


@dataclass(frozen=True, slots=True)
class Timeline:
    """Values with the instant each was written: what was known at an instant."""

    at: tuple[datetime, ...]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, rows: Sequence[tuple[datetime, Any]]) -> Timeline:
        """From rows in the order of their instants."""
        return cls(tuple(r[0] for r in rows), tuple(r[1] for r in rows))

    def known(self, at: datetime, default: Any = None) -> Any:
        """The last value written by then; `default` before the first."""
        found = bisect_right(self.at, at)
        return self.values[found - 1] if found else default


@dataclass(frozen=True, slots=True)
class Past:
    """One entry of a list with all that history holds of its demande.

    `states`: of the entry; `seniority`: acts, each with the date it set, and `first` before them;
    `members`: (starts, ends, birth) of each person; `answers` by question; `recommended`: (starts,
    ends, kind) in order; `tags`: (written, starts, ends, key).
    """

    request_id: int
    ref: str
    kind: str
    entered_at: datetime
    states: Timeline
    first: date
    seniority: Timeline
    members: tuple[tuple[date, date | None, date | None], ...] = ()
    answers: Mapping[str, Timeline] = field(default_factory=dict)
    recommended: tuple[tuple[datetime, datetime | None, str, int | None], ...] = ()
    tags: tuple[tuple[datetime, date, date | None, str], ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    persons: int = 1

    def seniority_at(self, at: datetime) -> date:
        found: date = self.seniority.known(at, self.first)
        return found


@dataclass(slots=True)
class World:
    """Who has taken which place in one world: the place's number in the replay, by demande."""

    housed: dict[int, int] = field(default_factory=dict)


Choice = tuple[int | None, int | None]
"""The demande that takes a place under the rules in force, and under the rule tried."""


@dataclass(frozen=True)
class Film:
    """All that a replay reads. `really`: the demandes that took one of these places."""

    zone: str
    pasts: Sequence[Past]
    places: Sequence[Filled]
    in_force: Callable[[datetime], Rule]
    tried: Rule

    @property
    def really(self) -> frozenset[int]:
        return frozenset(place.request_id for place in self.places)


def as_of(past: Past, at: datetime, zone: str) -> Standing:
    """What a rule reads of a demande at an instant."""
    on = at.astimezone(ZoneInfo(zone)).date()
    here = [m for m in past.members if m[0] <= on and (m[1] is None or m[1] > on)]
    births = [birth for _, _, birth in here if birth]
    kinds = [r for r in past.recommended if r[0] <= at and (r[1] is None or r[1] > at)]
    levels = [r[3] for r in kinds if r[3] is not None]
    support = _given(past, "support", at)
    return Standing(
        ref=past.ref,
        kind=past.kind,
        seniority_on=past.seniority_at(at),
        entered_on=past.entered_at.astimezone(ZoneInfo(zone)).date(),
        persons=len(here) or None,
        support=int(support) if support is not None else max(levels, default=None),
        accessible_needed=_yes_no(past, "accessible_needed", at),
        youngest_birth=max(births, default=None),
        eldest_birth=min(births, default=None),
        kinds=[r[2] for r in kinds] or None,
        areas_wanted=_given(past, "areas_wanted", at) or None,
        tags=frozenset(
            key
            for written, starts, ends, key in past.tags
            if written <= at and starts <= on and (ends is None or ends > on)
        ),
    )


def _given(past: Past, question: str, at: datetime) -> Any:
    line = past.answers.get(question)
    state, value = line.known(at, (0, None)) if line else (0, None)
    return value if state == 1 else None


def _yes_no(past: Past, question: str, at: datetime) -> bool | None:
    line = past.answers.get(question)
    state, _ = line.known(at, (0, None)) if line else (0, None)
    answer: bool | None = {1: True, 2: False}.get(state)
    return answer


def waits(past: Past, at: datetime, really: frozenset[int]) -> bool:
    """Whether an entry stands on the list at an instant, had the replayed places gone elsewhere."""
    if past.entered_at > at:
        return False
    state = past.states.known(at, "active")
    return state == "active" or (state == "placed" and past.request_id in really)


def fits(past: Past, who: Standing, place: Filled, at: datetime) -> bool:
    """Whether a place fits on what history holds: size, accessibility, animals, refused communes.
    What nobody knew excludes nobody."""
    if who.persons is not None and not place.min_persons <= who.persons <= place.max_persons:
        return False
    if who.accessible_needed and place.accessible == NEEDED:
        return False
    if _yes_no(past, "animals", at) and place.animals == NEEDED:
        return False
    refused = _given(past, "areas_refused", at) or ()
    return not (place.area_id is not None and place.area_id in refused)


def play(film: Film, number: int, worlds: tuple[World, World]) -> tuple[Choice, int]:
    """Give one place out in both worlds; who took it in each, and how many it fitted."""
    place, really = film.places[number], film.really
    at, zone = place.at, film.zone
    on = at.astimezone(ZoneInfo(zone)).date()
    offered = Place(place.max_persons, place.area_id)
    rules = (film.in_force(at), film.tried)
    best: list[tuple[Any, int] | None] = [None, None]
    fitted: set[int] = set()
    for past in film.pasts:
        request_id = past.request_id
        out = [request_id in world.housed for world in worlds]
        if all(out) or not waits(past, at, really):
            continue
        who = as_of(past, at, zone)
        if not fits(past, who, place, at):
            continue
        fitted.add(request_id)
        for side in (0, 1):
            if not out[side]:
                key = ordering(rules[side], who, offered, on, place.seed)
                if best[side] is None or key < best[side][0]:  # type: ignore[index]
                    best[side] = (key, request_id)
    taken = tuple(one[1] if one else None for one in best)
    for world, chosen in zip(worlds, taken, strict=True):
        if chosen is not None:
            world.housed[chosen] = number
    return (taken[0], taken[1]), len(fitted)
