"""Refusals have an author, a reason and a declared effect, the same before and after the act."""

from __future__ import annotations

import pytest

from core.kernel.errors import Refused
from core.placements.reasons import reason, reasons_of, shipped_reasons
from core.placements.rules import (
    CHRS_GROUNDS,
    OPEN_REFERRAL,
    PLACEMENT,
    REFERRAL,
    RefusalReason,
    effect_of,
    effect_of_reopening,
    may_judge_inadmissible,
    may_use,
    needs_stay_contract,
)

HOUSEHOLD = reasons_of("household")


@pytest.mark.parametrize("outcome", sorted(REFERRAL.states))
def test_no_outcome_costs_seniority_by_itself(outcome: str) -> None:
    assert effect_of(outcome).seniority == "kept"


@pytest.mark.parametrize("known", HOUSEHOLD, ids=lambda r: r.code)
@pytest.mark.parametrize("outcome", ["declined", "refused_by_household"])
def test_a_households_refusal_keeps_seniority_and_says_what_could_follow(
    outcome: str, known: RefusalReason
) -> None:
    effect = effect_of(outcome, known)
    assert (effect.request_verb, effect.vacancy_verb) == ("return_to_list", "release")
    assert effect.seniority == "kept"
    assert (effect.warning is not None) is (not known.keeps_seniority)


def test_only_two_people_may_judge_a_refusal_inadmissible_and_then_seniority_restarts() -> None:
    judged = effect_of("declined", reason("household", "location"), inadmissible=True)
    assert judged.request_verb == "return_to_refresh"
    assert judged.seniority == "restarts_at_resubmission"
    assert judged.needs_second_person
    assert not may_judge_inadmissible(5, None)
    assert not may_judge_inadmissible(5, 5)
    assert may_judge_inadmissible(5, 6)


@pytest.mark.parametrize("code", ["health", "fear_or_violence", "school_or_work", "animal"])
def test_a_good_reason_is_never_held_against_the_household(code: str) -> None:
    with pytest.raises(Refused, match="recevable"):
        effect_of("declined", reason("household", code), inadmissible=True)


def test_not_saying_why_never_costs_seniority() -> None:
    silent = reason("household", "prefers_not_to_say")
    assert effect_of("declined", silent, inadmissible=True).seniority == "kept"
    assert may_use(silent, "household")


@pytest.mark.parametrize("known", reasons_of("structure"), ids=lambda r: r.code)
def test_a_structures_refusal_never_weighs_on_the_household(known: RefusalReason) -> None:
    assert effect_of("refused_by_structure", known).seniority == "kept"
    with pytest.raises(Refused):
        effect_of("refused_by_structure", known, inadmissible=True)


def test_a_reason_serves_only_its_author() -> None:
    assert not may_use(reason("structure", "animal"), "household")
    assert not may_use(reason("household", "location"), "siao", words="x")
    with pytest.raises(Refused, match="auteur"):
        effect_of("declined", reason("structure", "animal"))


def test_a_chrs_may_invoke_only_what_the_law_allows_and_in_writing() -> None:
    for known in reasons_of("structure"):
        may = may_use(known, "structure", programme_kind="chrs", words="Expliqué.")
        assert bool(may) is (known.code in CHRS_GROUNDS), known.code
    size = reason("structure", "unsuitable_size")
    assert not may_use(size, "structure", programme_kind="chrs")
    assert may_use(size, "structure", programme_kind="rhvs")
    assert {r.code for r in reasons_of("structure", "chrs")} == CHRS_GROUNDS


def test_a_reason_that_weighs_on_people_without_being_theirs_cannot_be_written() -> None:
    words = {"code": "x", "label": "X", "label_en": "X", "plain": "X."}
    with pytest.raises(ValueError, match="household's own"):
        RefusalReason("structure", **words, admissible=False, binds_household=True)
    with pytest.raises(ValueError, match="never costs"):
        RefusalReason("household", **words, admissible=True, keeps_seniority=False)
    assert len({(r.author, r.code) for r in shipped_reasons()}) == len(shipped_reasons())


def test_the_household_answers_itself_or_through_a_worker_who_notes_it() -> None:
    own = REFERRAL.apply("proposed", "accept", {"before_deadline": True, "vacancy_held": True})
    assert own.permission == "referrals.answer_own"
    assert "Notez" in str(REFERRAL.can("proposed", "accept_orally", {"vacancy_held": True}).reason)
    told = {"vacancy_held": True, "oral_answer_noted": True}
    assert REFERRAL.apply("proposed", "accept_orally", told).target == "accepted"


def test_a_no_can_be_taken_back_while_nobody_else_was_proposed_the_place() -> None:
    undo = {"can_be_undone": True, "before_deadline": True}
    assert "autres personnes" in str(REFERRAL.can("declined", "undo_answer", undo).reason)
    assert REFERRAL.can("declined", "undo_answer", {**undo, "vacancy_available": True})
    again = effect_of_reopening("declined")
    assert (again.request_verb, again.vacancy_verb, again.seniority) == ("refer", "hold", "kept")
    assert effect_of_reopening("accepted").vacancy_verb is None
    with pytest.raises(Refused):
        effect_of_reopening("refused_by_structure")


def test_once_sent_to_the_structure_a_yes_is_not_undone_but_may_still_become_a_no() -> None:
    assert not REFERRAL.can("sent_to_structure", "undo_answer", {})
    facts = {"reason": True, "reason_allowed": True, "not_moved_in": True}
    assert REFERRAL.apply("admitted", "decline_after", facts).target == "refused_by_household"


def test_a_filled_place_is_reopened_when_the_admission_falls_through() -> None:
    assert effect_of("no_show", moved_from_filled=True).vacancy_verb == "reopen"
    assert effect_of("no_show").vacancy_verb == "release"


def test_a_stay_starts_on_a_free_place_and_ends_with_a_code() -> None:
    facts = {"date": True, "unit_free": True}
    assert "double présence" in str(PLACEMENT.can("planned", "move_in", facts).reason)
    assert PLACEMENT.can("planned", "move_in", {**facts, "no_other_placement": True})
    assert not PLACEMENT.can("present", "exit", {"date": True, "dates_in_order": True})
    assert not PLACEMENT.can("present", "cancel", {"reason": True})


def test_a_stay_over_two_months_needs_a_contract() -> None:
    assert not needs_stay_contract(60)
    assert needs_stay_contract(63)


@pytest.mark.parametrize("outcome", sorted(REFERRAL.states))
def test_a_place_is_kept_while_a_referral_is_open_and_freed_by_every_other_end(
    outcome: str,
) -> None:
    effect = effect_of(outcome)
    kept = outcome in OPEN_REFERRAL
    wanted = (None, None) if kept else ("return_to_list", "release")
    if outcome == "admitted":
        wanted = ("admit", "fill")
    assert (effect.request_verb, effect.vacancy_verb) == wanted
