"""The estimates against worked examples that others published."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.figures.estimates import Spell, survival, wilson


def spells(text: str) -> list[Spell]:
    """Times as the books print them: `13+` was still going on."""
    return [Spell(0, int(t.rstrip("+")), not t.endswith("+")) for t in text.split()]


# Acute myelogenous leukemia, Miller, Survival Analysis (Wiley 1981), p. 49: what the R package
# `survival` ships as `aml`, and prints for survfit(Surv(time, status) ~ x, data = aml).
MAINTAINED = spells("9 13 13+ 18 23 28+ 31 34 45+ 48 161+")
NOT_MAINTAINED = spells("5 5 8 8 12 16+ 23 27 30 33 43 45")

# 6-MP, Freireich et al., Blood 21 (1963) 699: Cox and Oakes, Analysis of Survival Data, p. 8.
SIX_MP = spells("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")


@pytest.mark.parametrize(
    ("data", "curve"),
    [
        (MAINTAINED, {9: 0.909, 13: 0.818, 18: 0.716, 23: 0.614, 31: 0.491, 34: 0.368, 48: 0.184}),
        (
            NOT_MAINTAINED,
            {5: 0.8333, 8: 0.6667, 12: 0.5833, 23: 0.4861, 27: 0.3889, 30: 0.2917, 33: 0.1944,
             43: 0.0972, 45: 0.0},
        ),
        (SIX_MP, {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}),
    ],
)  # fmt: skip
def test_the_curve_is_the_published_one(data: list[Spell], curve: dict[int, float]) -> None:
    found = {s.day: s.share for s in survival(data).steps}
    assert found.keys() == curve.keys()
    assert all(isclose(found[day], share, abs_tol=0.0006) for day, share in curve.items())


def test_the_median_and_its_interval_are_the_published_ones() -> None:
    first, second = survival(MAINTAINED), survival(NOT_MAINTAINED)
    assert (first.events, first.quantile(0.5), first.bounds(0.5)) == (7, 31, (18, None))
    assert (second.events, second.quantile(0.5), second.bounds(0.5)) == (11, 23, (8, None))
    assert survival(SIX_MP).quantile(0.5) == 23


def test_a_quarter_and_three_quarters() -> None:
    waits = survival(spells("10 20 30 40 50 60 70 80"))
    assert (waits.quantile(0.25), waits.quantile(0.5), waits.quantile(0.75)) == (20, 40, 60)
    assert survival(spells("10 20+ 30+ 40+")).quantile(0.75) is None


def test_those_still_waiting_make_it_longer() -> None:
    """The whole point: the mean of those who were admitted would say thirty."""
    admitted = spells("10 20 30 40 50")
    waiting = spells("60+ 60+ 60+ 60+ 60+")
    assert survival(admitted).quantile(0.5) == 30
    assert survival(admitted + waiting).quantile(0.5) == 50


def test_who_comes_late_is_not_counted_before() -> None:
    """Worked by hand: at day 5 two are at risk, at day 8 the third has come: 1/2 then 1/2 x 1/2."""
    curve = survival([Spell(0, 5, True), Spell(0, 8, True), Spell(6, 12, False)])
    assert [(s.day, s.share) for s in curve.steps] == [(5, 0.5), (8, 0.25)]


def test_a_wait_of_no_day_counts() -> None:
    assert survival([Spell(0, 0, True), Spell(0, 4, False)]).steps[0].share == 0.5
    assert survival([]).quantile(0.5) is None


# A busy machine is slow to draw; what is drawn is small.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans(), st.integers(1, 3)),
        max_size=30,
    )
)
def test_a_curve_falls_and_counting_alike_is_repeating(rows: list) -> None:
    grouped = [Spell(min(a, b), max(a, b), e, n) for a, b, e, n in rows]
    one_by_one = [Spell(s.entered, s.left, s.event) for s in grouped for _ in range(s.count)]
    curve = survival(grouped)
    assert curve == survival(one_by_one)
    shares = [1.0, *(s.share for s in curve.steps)]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= s.low <= s.share <= s.high <= 1 for s in curve.steps)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, Table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_rate_is_the_published_one(
    part: int, whole: int, low: float, high: float
) -> None:
    found = wilson(part, whole)
    assert isclose(found[0], low, abs_tol=0.0001) and isclose(found[1], high, abs_tol=0.0001)


def test_nothing_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
