"""A vacancy is a unit with dates; a place takes who fits; a change of kind protects occupants."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.housing.kinds import shipped_kinds
from core.housing.rules import (
    TYPOLOGIES,
    VACANCY,
    Occupant,
    Period,
    UnitShape,
    hold_over,
    plan_kind_change,
    unit_problems,
    unit_takes,
    vacancy_days,
)
from core.territories.codes import code_list

FREE = date(2026, 1, 1)


def test_a_place_is_held_for_someone_until_a_day() -> None:
    assert not VACANCY.can("declared", "hold", {"household": True})
    assert not VACANCY.can("declared", "hold", {"held_until": True})
    held = VACANCY.apply("declared", "hold", {"household": True, "held_until": True})
    assert held.target == "held"
    assert not VACANCY.can("held", "hold", {"household": True, "held_until": True})
    assert not hold_over(FREE, FREE)
    assert hold_over(FREE, FREE + timedelta(days=1))


def test_only_an_emergency_skips_the_siao_which_is_then_told() -> None:
    assert "urgence" in str(VACANCY.can("declared", "fill_directly", {"siao_told": True}).reason)
    assert "informé" in str(VACANCY.can("declared", "fill_directly", {"emergency": True}).reason)
    assert VACANCY.can("declared", "fill_directly", {"emergency": True, "siao_told": True})


def test_a_place_that_is_held_is_neither_frozen_nor_given_back_under_a_household() -> None:
    assert not VACANCY.can("held", "freeze", {"reason": True})
    assert not VACANCY.can("held", "give_back", {"reason": True})


def test_vacancy_days_leave_out_the_works_and_the_day_of_arrival() -> None:
    taken = FREE + timedelta(days=30)
    assert vacancy_days(Period(FREE, taken), taken + timedelta(days=9)) == 30
    works = Period(FREE + timedelta(days=5), FREE + timedelta(days=15))
    assert vacancy_days(Period(FREE, taken), taken, [works]) == 20
    assert vacancy_days(Period(FREE, taken), taken, [works, works]) == 20, "no day counts twice"
    assert vacancy_days(Period(FREE), FREE) == 0
    assert vacancy_days(Period(FREE), FREE + timedelta(days=10), [Period(FREE)]) == 0


@given(
    st.integers(0, 90), st.lists(st.tuples(st.integers(-20, 99), st.integers(0, 50)), max_size=4)
)
def test_vacancy_days_are_never_more_than_the_days(
    length: int, works: list[tuple[int, int]]
) -> None:
    frozen = [Period(FREE + timedelta(days=a), FREE + timedelta(days=a + b)) for a, b in works]
    days = vacancy_days(Period(FREE), FREE + timedelta(days=length), frozen)
    frozen_days = {FREE + timedelta(days=a + n) for a, b in works for n in range(b)}
    usable = {FREE + timedelta(days=n) for n in range(length)} - frozen_days
    assert days == len(usable)


FLAT = UnitShape("t3", 2, 4, modular=True, accessible=None)


@pytest.mark.parametrize(
    ("unit", "leaves", "said"),
    [
        (UnitShape("castle", 1, 1), (), "typologie"),
        (UnitShape("t2", 3, 2), (), "maximum"),
        (UnitShape("t2", 0, 2), (), "au moins une"),
        (UnitShape("single_room", 1, 2), (), "individuelle"),
        (UnitShape("t3", 1, 4), (UnitShape("single_room", 1, 1),), "modulable"),
        (FLAT, (UnitShape("room_3", 1, 3), UnitShape("room_2", 1, 2)), "dépassent"),
    ],
)
def test_a_unit_that_cannot_be_says_why(
    unit: UnitShape, leaves: tuple[UnitShape, ...], said: str
) -> None:
    assert any(said in str(problem) for problem in unit_problems(unit, leaves))


def test_a_modular_flat_is_placed_by_its_parts() -> None:
    rooms = (UnitShape("room_2", 1, 2), UnitShape("room_2", 1, 2))
    assert unit_problems(FLAT, rooms) == ()
    assert not unit_takes(FLAT, 3, has_leaves=True)
    assert unit_takes(rooms[0], 2)


def test_a_household_must_fit_and_unknown_access_is_not_a_yes() -> None:
    assert "2 personnes au moins" in str(unit_takes(FLAT, 1).reason)
    assert "4 personnes au plus" in str(unit_takes(FLAT, 5).reason)
    assert unit_takes(FLAT, 3)
    assert "pas connue" in str(unit_takes(FLAT, 3, needs_access=True).reason)
    assert unit_takes(UnitShape("t1", 1, 2, accessible=True), 1, needs_access=True)


KINDS = shipped_kinds()
CHANGE = date(2026, 9, 1)


def test_a_programme_changes_kind_and_occupants_keep_their_terms() -> None:
    there = [
        Occupant(1, "sejour"),
        Occupant(2, "sejour", CHANGE),
        Occupant(3, "sejour", date(2027, 1, 1)),
    ]
    change = plan_kind_change("chrs", "pension_de_famille", CHANGE, current_since=FREE,
                              occupants=there, known_kinds=KINDS)  # fmt: skip
    assert change.refused is None
    assert change.close_on == change.open_on == CHANGE
    assert [(s.placement_id, s.kind, s.lease_kind, s.until) for s in change.protected] == [
        (1, "chrs", "sejour", None),
        (3, "chrs", "sejour", date(2027, 1, 1)),
    ]
    assert "2" in str(change.effects[-1])


@pytest.mark.parametrize(
    ("target", "on", "said"),
    [("chrs", CHANGE, "déjà"), ("castle", CHANGE, "n’existe pas"), ("alt", FREE, "suivre")],
)
def test_a_change_of_kind_that_cannot_be_is_refused(target: str, on: date, said: str) -> None:
    change = plan_kind_change("chrs", target, on, current_since=FREE, known_kinds=KINDS)
    assert said in str(change.refused)
    assert change.protected == ()


def test_every_kind_of_the_field_ships_and_shelter_never_asks_for_lawful_stay() -> None:
    assert set(KINDS) == {
        "chrs", "chu", "stabilisation", "rhvs", "alt", "residence_sociale", "fjt", "rhj",
        "pension_de_famille", "residence_accueil", "iml_mandat", "iml_sous_location",
        "bail_glissant", "logement_social", "lhss", "lam", "act",
    }  # fmt: skip
    unconditional = [k for k in KINDS.values() if k.device in ("hebergement", "soin")]
    assert [k.code for k in unconditional if k.lawful_stay_required] == []
    assert KINDS["chrs"].review_months == 6
    assert KINDS["fjt"].stay_months_max == 24
    assert KINDS["iml_sous_location"].stay_months_max == 18
    assert KINDS["pension_de_famille"].stay_months_max is None
    assert all(k.source for k in KINDS.values())


def test_typologies_are_the_shipped_categories_of_place() -> None:
    assert tuple(item.group for item in code_list("place_category").items) == TYPOLOGIES
