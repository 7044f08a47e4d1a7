"""What matching reads of a household's people: counts, dates and rooms, never an age. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.households.people import Member, Role, age, composition_code, is_minor
from core.households.questions import QUESTIONS
from core.kernel.dates import years_between

ALWAYS = date(1900, 1, 1)
"""Since before anybody: the day from which a first room is needed."""

APART, OWN = 10, 18
"""From 10 years on a child shares a room only with one of the same sex; from 18 on with nobody.

A proposal of this project (no national rule fixes it): it is only ever said, it excludes nobody.
"""

LAWFUL, UNLAWFUL = frozenset({1, 2, 3, 4}), frozenset({9})
"""Codes of the list `permit` that settle it: French, EU, resident or temporary card; none. A
receipt, a provisional permit or an asylum claim is looked at case by case: to be checked."""


Told = Mapping[tuple[int | None, str], tuple[int, Any]]
"""(person, question) -> (one of the four answers, its value)."""


@dataclass(frozen=True, slots=True)
class Composed:
    """Who the household is, for matching; None where it cannot be said."""

    composition: int | None
    persons: int | None
    adults: int
    couple: bool | None
    youngest_birth: date | None
    eldest_birth: date | None
    main_birth: date | None
    rooms_from: list[date] | None


def composed(members: Sequence[Member], on: date) -> Composed:
    """From the people on a day. A birth that is not known leaves the others' standing."""
    births = [m.birth for m in members if m.birth]
    roles = [m.role for m in members]
    return Composed(
        composition=composition_code(members, on),
        persons=len(members) or None,
        adults=sum(not is_minor(m, on) for m in members),
        couple=Role.PARTNER in roles if members else None,
        youngest_birth=max(births, default=None),
        eldest_birth=min(births, default=None),
        main_birth=next((m.birth for m in members if m.role is Role.MAIN), None),
        rooms_from=rooms_from(members),
    )


def rooms_needed(members: Sequence[Member], on: date) -> int | None:
    """Rooms to sleep in: one for who leads (a couple shares it), one for each other adult, and
    the children two by two. None when a child's birth is not known."""
    leads = {Role.MAIN, Role.PARTNER}
    rooms, girls, boys, little = 1 if any(m.role in leads for m in members) else 0, 0, 0, 0
    for one in members:
        if one.role in leads:
            continue
        if one.birth is None:
            if one.role is Role.CHILD:
                return None
            rooms += 1
            continue
        years = years_between(one.birth, on)
        if years >= OWN:
            rooms += 1
        elif years < APART or one.sex not in (1, 2):
            little += 1
        elif one.sex == 2:
            girls += 1
        else:
            boys += 1
    # A room that holds one of the elder takes a little one too.
    left = max(0, little - girls % 2 - boys % 2)
    return rooms + -(-girls // 2) + -(-boys // 2) + -(-left // 2)


def rooms_from(members: Sequence[Member]) -> list[date] | None:
    """From which day on a first room is needed, a second…: children grow, their facts do not."""
    days = sorted(
        {ALWAYS}
        | {
            _birthday(m.birth, years)
            for m in members
            if m.birth and m.role not in (Role.MAIN, Role.PARTNER)
            for years in (APART, OWN)
        }
    )
    found: list[date] = []
    for day in days:
        needed = rooms_needed(members, day)
        if needed is None:
            return None
        found += [day] * (needed - len(found))
    return found or None


def _birthday(birth: date, years: int) -> date:
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def expected(members: Sequence[Member], answers: Told, on: date) -> tuple[int | None, date | None]:
    """How many they will be when the children who are awaited are born, and the last term.

    (None, None) as long as somebody whom the question concerns has not answered it.
    """
    terms: list[date] = []
    for one in members:
        years = age(one.birth, on) if one.birth else None
        child = one.role is Role.CHILD
        if not QUESTIONS["pregnancy"].concerns(years, one.sex, child=child):
            continue
        state, value = answers.get((one.person_id, "pregnancy"), (0, None))
        if state == 1 and value:
            terms.append(date.fromisoformat(value))
        elif state != 2:
            return None, None
    return (len(members) + len(terms) or None), max(terms, default=None)


def lawful(members: Sequence[Member], answers: Told, on: date) -> bool | None:
    """Whether every adult has a right to stay; None as long as one has not said so."""
    said = [_lawful_one(m.person_id, answers) for m in members if not is_minor(m, on)]
    if False in said:
        return False
    return True if said and None not in said else None


def _lawful_one(person_id: int, answers: Told) -> bool | None:
    state, _ = answers.get((person_id, "lawful_stay"), (0, None))
    if state in (1, 2):
        return state == 1
    state, code = answers.get((person_id, "permit"), (0, None))
    if state != 1:
        return None
    return True if code in LAWFUL else False if code in UNLAWFUL else None
