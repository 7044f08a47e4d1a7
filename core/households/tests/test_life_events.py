"""Life events show their effects before; separation keeps seniority, death silences at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.households import changes as c
from core.households.rules import (
    EVENT_LABELS,
    HouseholdFacts,
    LifeEvent,
    Member,
    OpenRequest,
    Role,
    Sex,
    composition_code,
    plan,
)

TODAY = date(2026, 6, 1)
DAY = TODAY - timedelta(days=3)
SENIORITY = date(2024, 2, 2)
HER = Member(1, Role.MAIN, date(1990, 1, 1), Sex.WOMAN)
HIM = Member(2, Role.PARTNER, date(1988, 1, 1), Sex.MAN)
KID = Member(3, Role.CHILD, date(2018, 1, 1))
TEEN = Member(4, Role.CHILD, DAY.replace(year=DAY.year - 18), Sex.MAN)
REQUEST = OpenRequest(7, SENIORITY)
FAMILY = HouseholdFacts((HER, HIM, KID, TEEN), TODAY, (REQUEST,))
ALONE = HouseholdFacts((HER,), TODAY, (REQUEST,))


def composition(of: c.Plan, household: str = c.HERE) -> int | None:
    (found,) = (
        x for x in of.changes if isinstance(x, c.SetComposition) and x.household == household
    )
    return found.code


def test_a_birth_adds_a_child_and_keeps_seniority() -> None:
    birth = plan(LifeEvent("birth", DAY), ALONE)
    assert birth.changes[0] == c.StartMembership(c.HERE, None, Role.CHILD, DAY, DAY)
    assert composition(birth) == 40
    assert "L’ancienneté ne change pas." in map(str, birth.effects)
    assert c.ReviewRequest(7) in birth.changes


def test_a_known_child_arrives_and_leaves() -> None:
    come = plan(LifeEvent("child_arrives", DAY, person_id=9, birth=date(2020, 1, 1)), ALONE)
    assert composition(come) == 40
    gone = plan(LifeEvent("child_leaves", DAY, person_id=3), FAMILY)
    assert c.EndMembership(3, DAY, "child_leaves") in gone.changes


def test_turning_18_gives_an_access_of_ones_own() -> None:
    grown = plan(LifeEvent("turns_18", DAY, person_id=4), FAMILY)
    assert c.OfferOwnAccess(4, DAY) in grown.changes
    early = plan(LifeEvent("turns_18", DAY - timedelta(days=1), person_id=4), FAMILY)
    assert str(early.refused) == "Cette personne n’a pas encore 18 ans."
    assert early.changes == ()


def test_an_adult_of_the_household_does_not_turn_18_again() -> None:
    again = plan(LifeEvent("turns_18", DAY, person_id=1), FAMILY)
    assert str(again.refused) == "Cette personne est déjà un adulte de ce ménage."
    assert again.changes == ()


def test_shared_custody_is_noted_once() -> None:
    assert c.SetCustody(3, True, DAY) in plan(LifeEvent("shared_custody", DAY, 3), FAMILY).changes
    shared = replace(FAMILY, members=(HER, replace(KID, shared_custody=True)))
    assert plan(LifeEvent("shared_custody", DAY, 3), shared).refused is not None


def test_a_couple_keeps_the_oldest_seniority_of_both() -> None:
    him = HouseholdFacts(
        (replace(HIM, role=Role.MAIN),), TODAY, (OpenRequest(8, date(2023, 1, 1)),)
    )
    couple = plan(LifeEvent("couple_formed", DAY, joining=him), ALONE)
    assert c.KeepOldestSeniority(7, date(2023, 1, 1)) in couple.changes
    assert c.EndRequest(8, "joined") in couple.changes
    assert c.EndMembership(2, DAY, "couple_formed", c.JOINING) in couple.changes
    assert composition(couple) == 30
    assert plan(LifeEvent("couple_formed", DAY, joining=him), FAMILY).refused is not None


@given(st.sampled_from([1, 2]), st.booleans(), st.booleans())
def test_after_a_separation_every_adult_keeps_the_original_seniority(
    leaver: int, takes: bool, shares: bool
) -> None:
    going = (3,) if takes else ()
    both = (3,) if shares and not takes else ()
    split = plan(LifeEvent("separation", DAY, leaver, children=going, shared_children=both), FAMILY)
    assert c.CarryRequest(7, c.NEW, SENIORITY) in split.changes
    kept = [x for x in split.changes if isinstance(x, c.EndRequest | c.KeepOldestSeniority)]
    assert kept == [], "the request of those who stay is not touched"
    entered = {x.person_id for x in split.changes if isinstance(x, c.StartMembership)}
    left = {x.person_id for x in split.changes if isinstance(x, c.EndMembership)}
    assert entered == {leaver, *going, *both}
    assert left == {leaver, *going}, "a child in shared custody stays in both homes"
    assert (c.SetRole(2, Role.MAIN, DAY) in split.changes) is (leaver == 1)
    assert "Aucun des deux ne voit ce que l’autre a confié." in map(str, split.effects)


@pytest.mark.parametrize(
    ("event", "facts"),
    [
        (LifeEvent("separation", DAY, 1), ALONE),
        (LifeEvent("separation", DAY, 3), FAMILY),
        (LifeEvent("separation", DAY, 1, children=(2,)), FAMILY),
        (LifeEvent("separation", DAY, 1, children=(3,), shared_children=(3,)), FAMILY),
        (LifeEvent("separation", DAY, 99), FAMILY),
        (LifeEvent("death", TODAY + timedelta(days=1), 1), FAMILY),
        (LifeEvent("guardianship", DAY, 1), FAMILY),
        (LifeEvent("guardianship", DAY, 3, protection="tutelle"), FAMILY),
        (LifeEvent("child_arrives", DAY), FAMILY),
        (LifeEvent("child_arrives", DAY, birth=date(1990, 1, 1)), FAMILY),
        (LifeEvent("child_leaves", DAY, 2), FAMILY),
        (LifeEvent("couple_formed", DAY), ALONE),
    ],
)
def test_what_cannot_be_is_refused_in_words(event: LifeEvent, facts: HouseholdFacts) -> None:
    refused = plan(event, facts)
    assert refused.changes == ()
    assert str(refused.refused).endswith(".")


def test_death_stops_messages_before_anything_else() -> None:
    for who in (1, 2, 3):
        death = plan(LifeEvent("death", DAY, who), FAMILY)
        assert death.changes[0] == c.StopMessages(who)
        assert c.RevokeAccess(who) in death.changes
        assert not any(isinstance(x, c.EndRequest | c.CloseHousehold) for x in death.changes)


def test_the_death_of_the_only_member_closes_the_household_and_its_requests() -> None:
    death = plan(LifeEvent("death", DAY, 1), ALONE)
    assert c.EndRequest(7, "death") in death.changes
    assert death.changes[-1] == c.CloseHousehold(c.HERE, DAY, "death")


def test_children_left_alone_alert_someone_today() -> None:
    two = replace(FAMILY, members=(HER, KID))
    assert any("aucun adulte" in str(e) for e in plan(LifeEvent("death", DAY, 1), two).effects)


def test_a_guardian_takes_no_access_away() -> None:
    for kind in ("curatelle", "tutelle", "none"):
        acted = plan(LifeEvent("guardianship", DAY, 1, protection=kind), ALONE)
        assert acted.changes == (c.SetProtection(1, kind, DAY),)
        told = kind in c.ADDRESSED and c.ADDRESSED[kind] in map(str, acted.effects)
        assert told == (kind != "none")
        assert "La personne garde son accès et ses messages." in map(str, acted.effects)


@given(
    st.sampled_from(sorted(EVENT_LABELS)),
    st.sampled_from([1, 2, 3, 4, 99, None]),
    st.lists(st.sampled_from([1, 2, 3, 4]), max_size=3, unique=True),
    st.lists(st.sampled_from([1, 2, 3, 4]), max_size=2, unique=True),
    st.sampled_from(["curatelle", "tutelle", None]),
)
def test_any_event_is_either_planned_with_its_effects_or_refused_never_both(
    kind: str, who: int | None, going: list[int], both: list[int], protection: str | None
) -> None:
    event = LifeEvent(kind, DAY, who, children=tuple(going), shared_children=tuple(both),
                      protection=protection)  # fmt: skip
    found = plan(event, FAMILY)
    assert bool(found.changes) == bool(found.effects) == (found.refused is None)
    seniorities = [x.seniority_on for x in found.changes if isinstance(x, c.CarryRequest)]
    assert set(seniorities) <= {SENIORITY}
    stays = {m.person_id: m for m in FAMILY.members}
    for change in found.changes:
        if isinstance(change, c.EndMembership):
            del stays[change.person_id]
    if kind in ("separation", "child_leaves") and found.changes:
        assert any(m.role is not Role.CHILD for m in stays.values())
        roles = {x.person_id: x.role for x in found.changes if isinstance(x, c.SetRole)}
        after = [replace(m, role=roles.get(i, m.role)) for i, m in stays.items()]
        assert composition(found) == composition_code(after, DAY)
