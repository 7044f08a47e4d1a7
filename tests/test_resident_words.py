"""What residents read: at most twelve words a sentence, and none of the words that hurt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from core.app import CORE
from core.extension.registry import Registry
from core.housing.kinds import shipped_kinds
from core.housing.rules import VACANCY
from core.matching.rules import ENTRY
from core.matching.verdicts import OTHER_PLAIN, OTHER_PLAIN_UNKNOWN
from core.placements.reasons import shipped_reasons
from core.placements.rules import PLACEMENT, REFERRAL, effect_of, effect_of_reopening
from core.requests.rules import MACHINE as REQUEST
from core.requests.rules import refusal_remedies

FORBIDDEN = (
    "placement", "signalement", "papiers", "résident", "mandat", "précaire", "cas particuliers",
    "irrecevable", "falc", "orientation", "ménage", "structure", "siao", "ancienneté",
)  # fmt: skip
"""The words never used on the portal, and jargon that belongs to professionals."""

PLUGINS = tuple(Registry.build(CORE).criteria.values())
"""Every installed criterion, of plugins too."""


def texts() -> Iterator[str]:
    for machine in (REQUEST, ENTRY, VACANCY, REFERRAL, PLACEMENT):
        yield from (state.resident for state in machine.states.values())
        yield from (t.resident for t in machine.transitions if t.resident is not None)
    for outcome in REFERRAL.states:
        yield effect_of(outcome).resident
    for reason in shipped_reasons():
        yield reason.plain
        if reason.author == "household":
            effect = effect_of("declined", reason)
            yield from (effect.resident, *([effect.warning] if effect.warning else []))
            if not reason.admissible:
                yield effect_of("declined", reason, inadmissible=True).resident
    yield from (effect_of_reopening(s).resident for s in ("accepted", "declined"))
    yield from (kind.plain for kind in shipped_kinds().values())
    for one in PLUGINS:
        yield from (t for t in (one.plain_no, one.plain_unknown, one.plain_help) if t)
    yield from (OTHER_PLAIN, OTHER_PLAIN_UNKNOWN)
    for remedy in refusal_remedies(date(2026, 1, 1), court_relevant=True):
        yield remedy.resident


@pytest.mark.parametrize("text", sorted(set(texts())))
def test_a_resident_reads_short_plain_sentences(text: str) -> None:
    assert text.endswith(".")
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        assert len(sentence.split()) <= 12, sentence
    lowered = text.casefold()
    assert [word for word in FORBIDDEN if word in lowered] == []
