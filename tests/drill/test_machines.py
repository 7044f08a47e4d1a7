"""Promise 9: random steps of every state machine never part from a model written otherwise."""

from __future__ import annotations

import random

import pytest

from core.housing.rules import VACANCY
from core.kernel.errors import Refused
from core.kernel.machine import Machine
from core.matching.rules import ENTRY
from core.placements.rules import PLACEMENT, REFERRAL
from core.requests.rules import MACHINE as REQUEST
from tests.drill.sizes import sizes

MACHINES = (REQUEST, ENTRY, VACANCY, REFERRAL, PLACEMENT)


@sizes(4_000, 200_000)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_random_steps_follow_the_model(machine: Machine, size: int) -> None:
    chance = random.Random(machine.name)
    # The model: what the written transitions say, read one by one and not through the machine.
    model = {
        (source, t.verb): (t.target, frozenset(need.key for need in t.needs))
        for t in machine.transitions
        for source in t.sources
    }
    verbs = sorted({t.verb for t in machine.transitions})
    keys = sorted({need.key for t in machine.transitions for need in t.needs})
    state, seen, refusals = machine.start, {machine.start}, 0
    for _ in range(size):
        here = machine.verbs(state)
        verb = chance.choice(here) if here and chance.random() < 0.8 else chance.choice(verbs)
        share = chance.choice((0.2, 0.9, 1.0))
        facts = {key: True for key in keys if chance.random() < share}
        facts |= {key: False for key in keys if key not in facts and chance.random() < 0.5}
        expected = model.get((state, verb))
        allowed = expected is not None and all(facts.get(key) is True for key in expected[1])
        try:
            state_after = machine.apply(state, verb, facts).target
        except Refused as refusal:
            refusals += 1
            assert not allowed, (state, verb, facts)
            assert str(refusal).strip(), "a refusal without its reason in words"
            continue
        assert allowed and expected is not None, (state, verb, facts)
        assert state_after == expected[0]
        state = state_after
        seen.add(state)
        if not machine.verbs(state) or chance.random() < 0.02:
            state = machine.start
    assert seen == set(machine.states), "the walk went everywhere"
    assert refusals > size // 100
