"""A machine refuses to exist when it does not hold together, and gives reasons in words."""

from __future__ import annotations

from datetime import date

import pytest

from core.kernel.dates import add_months, years_between
from core.kernel.errors import Refused
from core.kernel.machine import Machine, Need, State, Transition
from core.kernel.words import Sentence

STATES = {"shut": State("Fermée", "Fermée."), "open": State("Ouverte", "Ouverte.")}
KEY = Need("key", "Il faut la clé.")
OPEN = Transition(
    "open", ("shut",), "open", "door.open", "door.opened", "Porte ouverte.", None, (KEY,)
)
DOOR = Machine("door", STATES, (OPEN,), "shut")


def test_an_act_from_the_wrong_state_says_where_it_is_possible() -> None:
    verdict = DOOR.can("open", "open", {"key": True})
    assert not verdict
    assert str(verdict.reason) == (
        "Impossible depuis l’état « Ouverte » : cette action se fait depuis « Fermée »."
    )


@pytest.mark.parametrize("facts", [{}, {"key": False}, {"other": True}])
def test_a_need_that_nobody_stated_is_refused_with_its_reason(facts: dict[str, bool]) -> None:
    with pytest.raises(Refused, match="Il faut la clé"):
        DOOR.apply("shut", "open", facts)


def test_an_allowed_act_gives_its_transition_and_changes_nothing_itself() -> None:
    assert DOOR.apply("shut", "open", {"key": True}) is OPEN
    assert DOOR.verbs("shut") == ("open",)
    assert DOOR.verbs("open") == ()


@pytest.mark.parametrize(
    ("transitions", "start", "said"),
    [
        ((), "shut", "unreachable"),
        ((OPEN, OPEN), "shut", "twice"),
        ((OPEN,), "ajar", "unknown start"),
        ((Transition("open", ("ajar",), "open", "p", "e", "s"),), "shut", "unknown state"),
        ((Transition("open", (), "open", "p", "e", "s"),), "shut", "from nowhere"),
    ],
)
def test_a_machine_that_does_not_hold_together_is_not_built(
    transitions: tuple[Transition, ...], start: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Machine("door", STATES, transitions, start)


def test_a_sentence_is_rendered_in_the_readers_language() -> None:
    sentence = Sentence("Il reste %(n)s jours.", {"n": 3})
    assert str(sentence) == "Il reste 3 jours."
    assert (
        sentence.render({"Il reste %(n)s jours.": "%(n)s days left."}.__getitem__) == "3 days left."
    )


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_are_added_to_the_same_day_or_the_last_of_the_month(
    day: date, months: int, then: date
) -> None:
    assert add_months(day, months) == then


def test_someone_born_on_29_february_turns_18_on_1_march() -> None:
    assert years_between(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert years_between(date(2008, 2, 29), date(2026, 3, 1)) == 18
