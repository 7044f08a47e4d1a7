"""Seniority cannot be lost by accident: lapsing is hard, coming back is easy, order is fair."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import Refused
from core.matching.rules import (
    ENTRY,
    LapseTry,
    SeniorityAct,
    entry_seniority,
    lapse_facts,
    ordering_key,
    restore_facts,
)

DUE = date(2026, 3, 1)
TODAY = DUE + timedelta(days=45)
TRIES = [
    LapseTry(DUE + timedelta(days=2), "phone"),
    LapseTry(DUE + timedelta(days=9), "letter"),
    LapseTry(DUE + timedelta(days=20), "phone"),
]


EARLY = ((9, "phone"), (8, "sms"), (7, "sms"))
"""Tries of before the refresh fell due: they do not count."""


def facts(**changed: object) -> dict[str, bool]:
    known: dict[str, object] = {
        "on": TODAY,
        "refresh_due": DUE,
        "tries": TRIES,
        "announced_on": DUE + timedelta(days=21),
        "key_worker_told_on": DUE + timedelta(days=21),
    }
    return lapse_facts(**{**known, **changed})  # type: ignore[arg-type]


def test_an_entry_lapses_after_three_tries_two_channels_and_an_announcement() -> None:
    assert ENTRY.apply("to_refresh", "lapse", facts()).target == "lapsed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tries": TRIES[:2]}, "trois essais"),
        ({"tries": [LapseTry(t.on, "phone") for t in TRIES]}, "deux canaux"),
        ({"tries": [*TRIES[:2], TRIES[1]]}, "trois essais"),
        ({"tries": [*TRIES, LapseTry(TODAY, "visit", reached=True)]}, "trois essais"),
        ({"tries": [LapseTry(DUE - timedelta(days=n), c) for n, c in EARLY]}, "trois essais"),
        ({"announced_on": None}, "annoncée"),
        ({"announced_on": TODAY}, "annoncée"),
        ({"key_worker_told_on": None}, "référent"),
        ({"on": DUE + timedelta(days=29)}, "Trop tôt"),
    ],
)  # fmt: skip
def test_anything_less_and_the_entry_stays(changed: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        ENTRY.apply("to_refresh", "lapse", facts(**changed))


def test_an_active_entry_never_lapses_directly() -> None:
    assert not ENTRY.can("active", "lapse", facts())


def test_a_lapsed_entry_comes_back_within_90_days() -> None:
    lapsed = date(2026, 5, 1)
    last = lapsed + timedelta(days=90)
    assert ENTRY.can("lapsed", "restore", restore_facts(on=last, lapsed_on=lapsed))
    late = restore_facts(on=last + timedelta(days=1), lapsed_on=lapsed)
    assert not ENTRY.can("lapsed", "restore", late)


@pytest.mark.parametrize("cause", ["hospital", "prison", "violence"])
def test_or_without_limit_after_hospital_prison_or_violence(cause: str) -> None:
    back = restore_facts(on=date(2031, 1, 1), lapsed_on=date(2026, 5, 1), cause=cause)
    assert ENTRY.apply("lapsed", "restore", back).target == "active"


def test_no_move_of_an_entry_touches_seniority_only_an_act_does() -> None:
    first = date(2024, 1, 1)
    assert entry_seniority(first, []) == first
    act = SeniorityAct(date(2026, 1, 1), first, date(2026, 1, 1), "Deux avis")
    assert entry_seniority(first, [act]) == date(2026, 1, 1)


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.dates(date(2020, 1, 1), date(2026, 1, 1))),
        min_size=2,
        max_size=12,
    ),
    st.binary(min_size=16, max_size=16),
    st.randoms(use_true_random=False),
)
def test_the_order_is_priority_then_seniority_and_never_depends_on_arrival(
    rows: list[tuple[int, date]], seed: bytes, shuffle: random.Random
) -> None:
    people = [(p, s, f"R{n:09d}") for n, (p, s) in enumerate(rows)]
    ranked = sorted(people, key=lambda r: ordering_key(r[0], r[1], seed, r[2]))
    again = people[:]
    shuffle.shuffle(again)
    assert sorted(again, key=lambda r: ordering_key(r[0], r[1], seed, r[2])) == ranked
    assert [(p, s) for p, s, _ in ranked] == sorted(rows)


def test_equals_are_drawn_anew_for_each_vacancy() -> None:
    refs = [f"R{n:09d}" for n in range(8)]
    orders = {
        tuple(sorted(refs, key=lambda r: ordering_key(1, DUE, bytes([s]) * 16, r)))
        for s in range(20)
    }
    assert len(orders) == 20
