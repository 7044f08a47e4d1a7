"""The decisions, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.kernel.errors import Invalid
from plugins.programmes.rules import against, check_entry, check_exit, milestone_state

TODAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("days", "outcome", "expected"),
    [
        (-1, "", "late"), (0, "", "soon"), (14, "", "soon"), (15, "", "ahead"),
        (-1, "done", "done"), (-1, "given_up", "given_up"),
    ],
)  # fmt: skip
def test_where_a_milestone_stands(days: int, outcome: str, expected: str) -> None:
    assert milestone_state(TODAY + timedelta(days), outcome, TODAY, 14) == expected


def test_no_alert_before_the_day_where_none_is_wanted() -> None:
    assert milestone_state(TODAY + timedelta(1), "", TODAY, 0) == "ahead"


@pytest.mark.parametrize(
    ("reached", "target", "width"),
    [(0, 10, 0), (5, 10, 50), (199, 200, 99), (10, 10, 100), (30, 10, 100)],
)
def test_a_bar_is_full_only_when_the_goal_is_reached(reached: int, target: int, width: int) -> None:
    goal = against("housed_households", reached, target, TODAY, TODAY)
    assert (goal.width, goal.met) == (width, reached >= target)


def test_a_goal_is_late_the_day_after() -> None:
    assert not against("housed_households", 1, 2, TODAY, TODAY).late
    assert against("housed_households", 1, 2, TODAY, TODAY + timedelta(1)).late
    assert not against("housed_households", 2, 2, TODAY, TODAY + timedelta(1)).late


@pytest.mark.parametrize(
    ("on", "ends_on"),
    [
        (TODAY + timedelta(1), None),
        (date(2026, 1, 1), None),
        (TODAY, TODAY),
    ],
)
def test_days_that_cannot_be_an_entry(on: date, ends_on: date | None) -> None:
    with pytest.raises(Invalid) as found:
        check_entry(on, TODAY, date(2026, 1, 5), ends_on)
    assert list(found.value.errors) == ["on"]


def test_an_entry_that_can_be() -> None:
    check_entry(TODAY, TODAY, TODAY, None)
    check_entry(TODAY, TODAY, TODAY, TODAY + timedelta(1))


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [
        (TODAY, "tired", "reason"),
        (TODAY + timedelta(1), "moved", "on"),
        (TODAY - timedelta(9), "moved", "on"),
    ],
)
def test_exits_that_cannot_be(on: date, reason: str, field: str) -> None:
    with pytest.raises(Invalid) as found:
        check_exit(on, TODAY, TODAY - timedelta(8), reason)
    assert list(found.value.errors) == [field]
