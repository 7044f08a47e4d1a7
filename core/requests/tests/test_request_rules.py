"""A demande is decided, adjourned, refused with remedies, refreshed, and keeps its seniority."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.households.rules import AnswerState
from core.kernel.errors import Refused
from core.requests.decisions import VERBS
from core.requests.rules import (
    DECISIONS,
    MACHINE,
    SeniorityAct,
    adjournment_returns,
    missing_to_start,
    missing_to_transmit,
    reexamination_open,
    refresh_schedule,
    refusal_remedies,
    restart_at_resubmission,
    seniority_on,
    separate,
    undo_seniority,
)

SENT = date(2025, 3, 10)
DAYS = st.dates(date(2015, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize("verb", DECISIONS)
def test_without_any_commission_a_professional_decides_directly(verb: str) -> None:
    assert MACHINE.find("in_review", VERBS[verb]) is not None
    assert MACHINE.find("in_review", VERBS[verb]).permission == "requests.decide"


@pytest.mark.parametrize("verb", DECISIONS)
def test_nothing_is_decided_on_a_draft(verb: str) -> None:
    with pytest.raises(Refused, match="Brouillon"):
        MACHINE.apply("draft", VERBS[verb], {})


def test_a_refusal_needs_a_reason_and_its_remedies() -> None:
    assert str(MACHINE.can("in_review", "refuse", {}).reason) == "Indiquez un motif."
    assert "recours" in str(MACHINE.can("in_review", "refuse", {"reason": True}).reason)
    assert MACHINE.can("in_review", "refuse", {"reason": True, "remedies": True})


def test_an_adjournment_needs_missing_items_and_a_date_and_comes_back() -> None:
    assert not MACHINE.can("in_review", "adjourn", {"missing_items": True})
    assert not MACHINE.can("in_review", "adjourn", {"due_date": True})
    facts = {"missing_items": True, "due_date": True}
    assert MACHINE.apply("in_review", "adjourn", facts).target == "adjourned"
    due = date(2026, 5, 1)
    assert not adjournment_returns(due, due - timedelta(days=1), ["avis d’imposition"])
    assert adjournment_returns(due, due, ["avis d’imposition"])
    assert adjournment_returns(due, due - timedelta(days=9), [])


def test_after_an_inadmissible_refusal_only_a_new_transmission_leads_back() -> None:
    assert not MACHINE.can("to_refresh", "refresh", {"seniority_kept": False})
    assert MACHINE.apply("to_refresh", "refresh", {"seniority_kept": True}).target == "waiting"
    assert MACHINE.apply("to_refresh", "retransmit", {"complete": True}).target == "sent"


def test_an_inadmissible_refusal_needs_a_second_person() -> None:
    verdict = MACHINE.can("waiting", "return_to_refresh", {"reason": True})
    assert "deuxième personne" in str(verdict.reason)


def test_a_draft_that_was_cancelled_is_not_smuggled_into_review() -> None:
    assert not MACHINE.can("cancelled", "reactivate", {"was_sent": False})
    assert MACHINE.apply("cancelled", "reopen_draft", {"never_sent": True}).target == "draft"


def test_a_request_that_was_referred_cannot_be_cancelled_under_the_proposal() -> None:
    assert not MACHINE.can("referred", "cancel", {"reason": True})


def test_seniority_is_the_first_transmission_until_a_recorded_act() -> None:
    assert seniority_on(None, []) is None
    assert seniority_on(SENT, []) == SENT
    restart = restart_at_resubmission(SENT, date(2026, 1, 5), "Refus irrecevable, deux avis")
    assert seniority_on(SENT, [restart]) == date(2026, 1, 5)
    undone = undo_seniority(restart, date(2026, 1, 9), "Refus finalement recevable")
    assert seniority_on(SENT, [restart, undone]) == SENT


def test_seniority_never_moves_without_words() -> None:
    with pytest.raises(Refused, match="motif écrit"):
        SeniorityAct(SENT, None, SENT, "  ")
    with pytest.raises(Refused, match="précéder"):
        restart_at_resubmission(SENT, SENT - timedelta(days=1), "Erreur")


@given(DAYS, st.integers(1, 24), st.integers(0, 60), st.integers(1, 90))
def test_one_is_reminded_before_the_refresh_and_lapses_only_after(
    sent: date, months: int, reminder: int, lapse: int
) -> None:
    dates = refresh_schedule(sent, months, reminder, lapse)
    assert sent <= dates.reminder_on <= dates.due_on < dates.lapse_not_before
    assert dates.lapse_not_before - dates.due_on == timedelta(days=lapse)


def test_the_proposed_refresh_dates() -> None:
    dates = refresh_schedule(date(2026, 1, 31), months=3)
    assert dates.due_on == date(2026, 4, 30)
    assert dates.reminder_on == date(2026, 4, 15)
    assert dates.lapse_not_before == date(2026, 5, 30)


def test_remedies_have_dates_and_name_the_court_only_where_relevant() -> None:
    told = date(2026, 6, 30)
    plain = refusal_remedies(told)
    assert [r.code for r in plain] == ["reexamination", "daho", "mediator"]
    assert plain[0].until == date(2026, 8, 30)
    court = refusal_remedies(told, court_relevant=True)
    assert [r.code for r in court] == ["reexamination", "daho", "administrative_court", "mediator"]
    # The DAHO and that court are French: in Brussels nobody is sent to them.
    belgian = refusal_remedies(told, court_relevant=True, country="BE")
    assert [r.code for r in belgian] == ["reexamination", "mediator"]
    assert reexamination_open(plain, date(2026, 8, 30))
    assert not reexamination_open(plain, date(2026, 8, 31))


STARTED = {
    "family_name": "Durand",
    "given_name": "Nadia",
    "birth": AnswerState.UNKNOWN,
    "residential_situation": 20,
    "contact": "accueil de jour",
}


def test_a_file_starts_from_five_fields() -> None:
    assert len(missing_to_start({})) == 5
    assert missing_to_start(STARTED) == []


def test_transmission_says_each_missing_field_once_and_in_words() -> None:
    missing = missing_to_transmit({**STARTED, "given_name": "  ", "recommendation": []})
    fields = [m.field for m in missing]
    assert fields[0] == "given_name"
    assert "recommendation" in fields
    assert len(set(fields)) == len(fields)
    assert all(m.message.endswith(".") for m in missing)


def test_refusing_to_answer_no_and_zero_are_answers_but_not_asked_is_missing() -> None:
    def asked(value: object) -> bool:
        return "resources" not in {m.field for m in missing_to_transmit({"resources": value})}

    assert asked(AnswerState.REFUSED)
    assert asked(AnswerState.UNKNOWN)
    assert asked(AnswerState.NO)
    assert asked(0)
    assert not asked(None)


def test_lawful_stay_is_never_needed_to_transmit() -> None:
    assert "permit" not in {m.field for m in missing_to_transmit({})}


@given(st.sampled_from(sorted(MACHINE.states)), DAYS)
def test_after_a_separation_the_leaving_adult_keeps_the_original_seniority(
    state: str, seniority: date
) -> None:
    mine = separate(state, seniority, seniority)
    if state in ("closed", "cancelled", "refused"):
        assert mine is None
        return
    assert mine is not None
    assert mine.seniority_on == seniority
    assert mine.state in MACHINE.states
    assert mine.state not in ("referred", "admitted"), (
        "the proposal was made to the other household"
    )
