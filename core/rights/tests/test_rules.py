"""When somebody's data may be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.rights.rules import Standing, obstacles

TODAY = date(2026, 3, 12)
QUIET = Standing(TODAY)
TERMS = {"retention_months": 24, "contest_months": 2}


def said(basis: str, standing: Standing) -> list[str]:
    return [no.msgid for no in obstacles(basis, standing, **TERMS)]


def test_a_right_that_is_asked_waits_for_nothing_but_what_runs() -> None:
    assert said("asked", replace(QUIET, last_contact=TODAY)) == []


@pytest.mark.parametrize(
    ("runs", "word"),
    [
        ({"request": True}, "demande"),
        ({"referral": True}, "proposition"),
        ({"stay": True}, "séjour"),
        ({"unanswered": 1}, "message"),
        ({"erased": True}, "déjà"),
        ({"refused_on": date(2026, 1, 13)}, "contesté"),
    ],
)
def test_what_runs_comes_first(runs: dict[str, object], word: str) -> None:
    for basis in ("asked", "retention"):
        (no,) = said(basis, replace(QUIET, **runs))  # type: ignore[arg-type]
        assert word in no


@pytest.mark.parametrize(("last", "free"), [(date(2024, 3, 12), True), (date(2024, 3, 13), False)])
def test_time_alone_erases_after_two_years_without_contact(last: date, free: bool) -> None:
    assert (said("retention", replace(QUIET, last_contact=last)) == []) is free


def test_a_refusal_is_kept_while_it_may_be_contested() -> None:
    assert said("asked", replace(QUIET, refused_on=date(2026, 1, 12))) == []
