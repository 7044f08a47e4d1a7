"""Plain facts of a demande and a place: yes, no, or to be checked when it was never asked."""

from __future__ import annotations

from typing import Any

import pytest

from core.placements.fitting import facts_of_fit

UNKNOWN: dict[str, Any] = dict.fromkeys(
    ("kinds", "persons", "accessible_needed", "animals", "areas_wanted", "areas_refused")
)
PLACE = {
    "kind": "chrs", "min_persons": 1, "max_persons": 2, "accessible": 2, "animals": None,
    "area_id": 7,
}  # fmt: skip


def fit(key: str, **known: Any) -> bool | None:
    facts = facts_of_fit({**UNKNOWN, **known}, PLACE)
    return next(f.fits for f in facts if f.key == key)


def test_what_was_not_asked_is_to_be_checked_and_never_a_no() -> None:
    assert {f.fits for f in facts_of_fit(UNKNOWN, PLACE)} == {None}


@pytest.mark.parametrize(
    ("key", "known", "fits"),
    [
        ("kind", {"kinds": ["alt", "chrs"]}, True),
        ("kind", {"kinds": ["alt"]}, False),
        ("persons", {"persons": 2}, True),
        ("persons", {"persons": 3}, False),
        ("access", {"accessible_needed": True}, False),
        ("access", {"accessible_needed": False}, True),
        ("animals", {"animals": True}, None),
        ("animals", {"animals": False}, True),
        ("area", {"areas_wanted": [7]}, True),
        ("area", {"areas_wanted": [8]}, False),
        ("area", {"areas_wanted": []}, True),
        ("area", {"areas_wanted": [7], "areas_refused": [7]}, False),
    ],
)
def test_each_fact_says_yes_no_or_to_be_checked(
    key: str, known: dict[str, Any], fits: bool | None
) -> None:
    assert fit(key, **known) is fits
