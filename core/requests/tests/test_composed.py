"""Facts drawn from a household's people: rooms from birth dates, a term, a right to stay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extension.criteria import FACTS, GUARDED
from core.households.people import Member, Role, Sex
from core.requests.composed import ALWAYS, composed, expected, lawful, rooms_from, rooms_needed
from core.requests.facts import KEPT

TODAY = date(2026, 3, 12)


def lead(**more: Any) -> Member:
    return Member(1, Role.MAIN, date(1990, 1, 1), Sex.WOMAN, **more)


def child(birth: date | None, sex: Sex | None = None, person: int = 3) -> Member:
    return Member(person, Role.CHILD, birth, sex)


PARTNER = Member(2, Role.PARTNER, date(1991, 1, 1), Sex.MAN)


def test_what_matching_reads_is_what_is_kept() -> None:
    assert {**FACTS, "household_id": "bigint"} == dict(KEPT)
    assert set(GUARDED) <= set(FACTS)


@pytest.mark.parametrize(
    ("members", "rooms"),
    [
        ([lead()], 1),
        ([lead(), PARTNER], 1),
        ([lead(), Member(2, Role.OTHER, date(1980, 1, 1))], 2),
        ([lead(), child(date(2024, 1, 1))], 2),
        ([lead(), child(date(2024, 1, 1)), child(date(2022, 1, 1))], 2),
        ([lead(), child(date(2012, 1, 1), Sex.MAN), child(date(2013, 1, 1), Sex.WOMAN)], 3),
        ([lead(), child(date(2012, 1, 1), Sex.MAN), child(date(2013, 1, 1), Sex.MAN)], 2),
        ([lead(), child(date(2012, 1, 1), Sex.MAN), child(date(2024, 1, 1), Sex.WOMAN)], 2),
        ([lead(), child(date(2000, 1, 1), Sex.MAN), child(date(2001, 1, 1), Sex.MAN)], 3),
        ([lead(), child(None)], None),
        ([lead(), Member(2, Role.OTHER, None)], 2),
    ],
)
def test_rooms_are_counted_by_who_may_share(members: list[Member], rooms: int | None) -> None:
    assert rooms_needed(members, TODAY) == rooms


def test_children_grow_and_the_facts_say_when() -> None:
    son, girl = child(date(2017, 5, 6), Sex.MAN), child(date(2018, 7, 8), Sex.WOMAN)
    grown = rooms_from([lead(), son, girl])
    # Two rooms from the start, a third when both are ten, a fourth is never needed.
    assert grown == [ALWAYS, ALWAYS, date(2028, 7, 8)]
    leap = child(date(2016, 2, 29), Sex.MAN)
    assert rooms_from([lead(), leap, girl]) == [ALWAYS, ALWAYS, date(2028, 7, 8)]
    assert rooms_from([lead(), child(None)]) is None


@given(
    st.lists(
        st.tuples(st.dates(date(1995, 1, 1), date(2026, 3, 1)), st.sampled_from([1, 2, 3])),
        max_size=5,
    ),
    st.dates(date(2026, 3, 12), date(2050, 1, 1)),
)
def test_the_dates_give_the_need_of_every_day(people: list[tuple[date, int]], on: date) -> None:
    members = [lead(), *(child(b, Sex(s), n) for n, (b, s) in enumerate(people, start=3))]
    dates = rooms_from(members)
    assert dates is not None and dates == sorted(dates)
    needed = rooms_needed(members, on)
    assert needed is not None and sum(day <= on for day in dates) >= needed


def test_a_term_counts_only_once_everybody_it_concerns_has_answered() -> None:
    household = [lead(), PARTNER]
    assert expected(household, {}, TODAY) == (None, None)
    assert expected([PARTNER], {}, TODAY) == (1, None)
    yes: Any = {(1, "pregnancy"): (1, "2026-06-01")}
    assert expected(household, yes, TODAY) == (3, date(2026, 6, 1))
    assert expected(household, {(1, "pregnancy"): (2, None)}, TODAY) == (2, None)
    assert expected(household, {(1, "pregnancy"): (3, None)}, TODAY) == (None, None)


def test_a_right_to_stay_is_every_adults_and_unknown_is_no_no() -> None:
    household = [lead(), PARTNER, child(date(2020, 1, 1))]
    assert lawful(household, {}, TODAY) is None
    assert lawful(household, {(1, "lawful_stay"): (1, None)}, TODAY) is None
    both: Any = {(1, "lawful_stay"): (1, None), (2, "permit"): (1, 1)}
    assert lawful(household, both, TODAY) is True
    assert lawful(household, {**both, (2, "permit"): (1, 7)}, TODAY) is None
    assert lawful(household, {**both, (2, "permit"): (1, 9)}, TODAY) is False
    assert lawful(household, {**both, (2, "lawful_stay"): (2, None)}, TODAY) is False
    assert lawful(household, {**both, (2, "lawful_stay"): (3, None)}, TODAY) is True


def test_a_household_of_nobody_says_nothing() -> None:
    nobody = composed([], TODAY)
    assert (nobody.persons, nobody.couple, nobody.composition, nobody.rooms_from) == (
        None, None, None, None
    )  # fmt: skip
