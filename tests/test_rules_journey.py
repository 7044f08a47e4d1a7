"""Demande, decision, list, vacancy, referral, admission, stay, exit, in any order: nothing breaks.

The rules alone, without a database: what one machine allows, the effects of `effect_of` must be
able to carry out on the two others. Each machine is also walked alone, with any facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.housing.rules import VACANCY
from core.kernel.errors import Refused
from core.kernel.machine import Machine
from core.matching.rules import ENTRY
from core.placements.reasons import reasons_of
from core.placements.rules import (
    OPEN_REFERRAL,
    PLACEMENT,
    REFERRAL,
    Effect,
    effect_of,
    effect_of_reopening,
)
from core.requests.rules import MACHINE as REQUEST
from core.requests.rules import SeniorityAct, restart_at_resubmission, seniority_on

MACHINES = (REQUEST, ENTRY, VACANCY, REFERRAL, PLACEMENT)
FIRST, AGAIN = date(2025, 1, 1), date(2026, 1, 1)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_walk_stays_among_the_states_and_every_no_has_words(
    machine: Machine, data: st.DataObject
) -> None:
    verbs = sorted({t.verb for t in machine.transitions})
    keys = sorted({need.key for t in machine.transitions for need in t.needs})
    state = machine.start
    for _ in range(15):
        verb = data.draw(st.sampled_from(machine.verbs(state) or verbs) | st.sampled_from(verbs))
        facts = {key: True for key in keys} if data.draw(st.booleans()) else data.draw(
            st.dictionaries(st.sampled_from(keys), st.booleans())
        )  # fmt: skip
        allowed = machine.can(state, verb, facts)
        try:
            transition = machine.apply(state, verb, facts)
        except Refused as no:
            assert not allowed
            assert str(no).endswith(".")
            continue
        assert allowed
        assert state in transition.sources
        assert all(facts[need.key] for need in transition.needs)
        state = transition.target


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_every_act_names_who_may_what_is_recorded_and_what_staff_read(machine: Machine) -> None:
    for t in machine.transitions:
        assert t.permission.count(".") == 1
        assert t.event.count(".") == 1
        assert t.staff.endswith(".")


ALL = {need.key: True for m in MACHINES for t in m.transitions for need in t.needs}
"""Facts that are all true: what remains to be tried is the order of acts."""


AUTHOR = {
    "declined": "household",
    "refused_by_household": "household",
    "refused_by_structure": "structure",
    "withdrawn": "siao",
}


@dataclass
class Case:
    state: str = REQUEST.start
    sent: bool = False
    acts: list[SeniorityAct] = field(default_factory=list)
    lost: bool = False  # a refusal was judged inadmissible, not sent again yet


@dataclass
class Proposal:
    case: int
    vacancy: int
    state: str = REFERRAL.start
    stay: str | None = None
    reason: int = 0
    final: bool = False


class Journey(RuleBasedStateMachine):
    """Two households, two places, every act tried at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.cases = [Case(), Case()]
        self.vacancies = [VACANCY.start, VACANCY.start]
        self.proposals: list[Proposal] = []

    @rule(who=st.integers(0, 1))
    def walk_to_the_list(self, who: int) -> None:
        """The common way, so that most runs reach places and stays; an ended case starts anew."""
        case = self.cases[who]
        housed = any(p.case == who and p.stay == "present" for p in self.proposals)
        if case.state in ("closed", "cancelled", "refused") and not housed:
            self.proposals = [p for p in self.proposals if p.case != who or not p.final]
            if not any(p.case == who and p.stay for p in self.proposals):
                self.proposals = [p for p in self.proposals if p.case != who]
                case = self.cases[who] = Case()
        for verb in ("transmit", "take_up", "validate_and_list"):
            if REQUEST.can(case.state, verb, ALL):
                case.state = REQUEST.apply(case.state, verb, ALL).target
                case.sent = True

    def follow(self, proposal: Proposal, effect: Effect) -> None:
        """Carry an effect out; a `Refused` here is the bug this test looks for."""
        case = self.cases[proposal.case]
        if effect.request_verb:
            case.state = REQUEST.apply(case.state, effect.request_verb, ALL).target
        if effect.vacancy_verb:
            now = self.vacancies[proposal.vacancy]
            self.vacancies[proposal.vacancy] = VACANCY.apply(now, effect.vacancy_verb, ALL).target

    @rule(who=st.integers(0, 1), data=st.data())
    def work_on_the_request(self, who: int, data: st.DataObject) -> None:
        case = self.cases[who]
        # Verbs that a proposal drives are carried out by its effects, not by hand.
        driven = {"refer", "admit", "return_to_list", "return_to_refresh"}
        driven |= {"go_on_list", "go_on_review"}  # an entry in a shelter: its stay carries it out
        verbs = [v for v in REQUEST.verbs(case.state) if v not in {*driven, "close"}]
        if case.lost:
            verbs = [v for v in verbs if v not in ("refresh", "cancel", "close_otherwise")]
        if not case.sent:
            verbs = [v for v in verbs if v not in ("reactivate", "reactivate_on_list")]
        elif "reopen_draft" in verbs:
            verbs.remove("reopen_draft")
        rare = ("cancel", "close_otherwise", "refuse", "suspend")
        verbs = [v for v in verbs if v not in rare] or verbs
        if data.draw(st.integers(0, 9)) == 9:
            verbs = [v for v in REQUEST.verbs(case.state) if v in rare and not case.lost] or verbs
        # A file may say that somebody is referred elsewhere; what runs here is answered first.
        facts = ALL | {"nothing_here": case.state not in ("referred", "admitted")}
        verbs = [v for v in verbs if REQUEST.can(case.state, v, facts)]
        if not verbs:
            return
        verb = data.draw(st.sampled_from(verbs))
        case.state = REQUEST.apply(case.state, verb, facts).target
        case.sent = case.sent or verb == "transmit"
        if verb == "retransmit" and case.lost:
            now = seniority_on(FIRST, case.acts)
            assert now is not None
            case.acts.append(restart_at_resubmission(now, max(now, AGAIN), "Deux avis"))
            case.lost = False

    @rule(
        which=st.integers(0, 1),
        verb=st.sampled_from(["freeze", "unfreeze", "give_back", "declare_again"]),
    )
    def work_on_the_vacancy(self, which: int, verb: str) -> None:
        if VACANCY.can(self.vacancies[which], verb, ALL):
            self.vacancies[which] = VACANCY.apply(self.vacancies[which], verb, ALL).target

    @rule(who=st.integers(0, 1), which=st.integers(0, 1), direct=st.booleans())
    def propose(self, who: int, which: int, direct: bool) -> None:
        case = self.cases[who]
        if direct and REQUEST.can(case.state, "validate", ALL):
            case.state = REQUEST.apply(case.state, "validate", ALL).target
        verb = "refer"
        if REQUEST.can(case.state, verb, ALL) and VACANCY.can(self.vacancies[which], "hold", ALL):
            case.state = REQUEST.apply(case.state, verb, ALL).target
            self.vacancies[which] = VACANCY.apply(self.vacancies[which], "hold", ALL).target
            self.proposals.append(Proposal(who, which))

    @rule(who=st.integers(0, 1), which=st.integers(0, 1), verb=st.sampled_from(["admit", "refuse"]))
    def usual_way(self, who: int, which: int, verb: str) -> None:
        """Listed, proposed, accepted, sent, answered by the structure: then anything may follow."""
        self.walk_to_the_list(who)
        before = len(self.proposals)
        self.propose(who, which, direct=False)
        for p in self.proposals[before:]:
            for step in ("accept", "send", verb):
                p.state = REFERRAL.apply(p.state, step, ALL).target
            self.follow(p, effect_of(p.state))
            p.stay = PLACEMENT.start if p.state == "admitted" else None

    @precondition(lambda self: self.proposals)
    @rule(data=st.data(), code=st.integers(0, 9))
    def answer(self, data: st.DataObject, code: int) -> None:
        p = data.draw(st.sampled_from(self.proposals[-3:]))
        verbs = REFERRAL.verbs(p.state)
        if p.final or not verbs or p.stay == "present" or p.stay == "exited":
            return
        verb = data.draw(st.sampled_from(verbs))
        former = p.state
        if former == "declined":  # taking a no back needs the place and the request still there
            if self.vacancies[p.vacancy] != "declared" or self.cases[p.case].state != "waiting":
                return
        p.state = REFERRAL.apply(former, verb, ALL).target
        if verb.startswith("undo"):
            self.follow(p, effect_of_reopening(former))
            return
        author = AUTHOR.get(p.state)
        known = reasons_of(author) if author else ()  # type: ignore[arg-type]
        p.reason = code % len(known) if known else 0
        self.follow(p, effect_of(p.state, known[p.reason] if known else None,
                                 moved_from_filled=former == "admitted"))  # fmt: skip
        p.stay = PLACEMENT.start if p.state == "admitted" else None

    @rule(data=st.data())
    @precondition(lambda self: self.proposals)
    def judge(self, data: st.DataObject) -> None:
        p = data.draw(st.sampled_from(self.proposals))
        why = reasons_of("household")[p.reason]
        case = self.cases[p.case]
        if p.state != "declined" or p.final or why.admissible or case.state != "waiting":
            return
        effect = effect_of("declined", why, inadmissible=True)
        self.follow(p, effect)
        p.final = True
        case.lost = case.lost or effect.seniority != "kept"

    @rule(data=st.data(), verb=st.sampled_from(["move_in", "exit"]))
    @precondition(lambda self: self.proposals)
    def live(self, data: st.DataObject, verb: str) -> None:
        admitted = [p for p in self.proposals if p.stay] or self.proposals
        p = data.draw(st.sampled_from(admitted))
        if p.stay is None or not PLACEMENT.can(p.stay, verb, ALL):
            return
        p.stay = PLACEMENT.apply(p.stay, verb, ALL).target
        if verb == "move_in":
            self.follow(p, Effect("close", None, "kept", "", ""))
        else:
            self.vacancies[p.vacancy] = VACANCY.apply("filled", "reopen", ALL).target
            p.final = True

    @invariant()
    def one_place_one_household(self) -> None:
        for which, state in enumerate(self.vacancies):
            mine = [p for p in self.proposals if p.vacancy == which]
            held = [p for p in mine if p.state in OPEN_REFERRAL]
            filled = [p for p in mine if p.state == "admitted" and not p.final]
            assert len(held) == (state == "held")
            assert len(filled) == (state == "filled")

    @invariant()
    def one_household_one_proposal(self) -> None:
        for who, case in enumerate(self.cases):
            mine = [p for p in self.proposals if p.case == who]
            assert sum(p.state in OPEN_REFERRAL for p in mine) == (case.state == "referred")
            assert sum(p.stay == "planned" for p in mine) == (case.state == "admitted")
            assert sum(p.stay in ("planned", "present") for p in mine) <= 1

    @invariant()
    def seniority_moves_only_by_an_act(self) -> None:
        for case in self.cases:
            assert seniority_on(FIRST, case.acts) == (max(AGAIN, FIRST) if case.acts else FIRST)
            if case.lost:
                assert case.state == "to_refresh"


Journey.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestJourney = Journey.TestCase
