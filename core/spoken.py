"""Every sentence that a household may read, gathered from where the rules say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from core.accounts.circle import LETTER as CIRCLE_LETTER
from core.accounts.letter import LETTER, SHEET
from core.accounts.mandates import OUTSIDE, OVER, SAME, TOO_YOUNG
from core.accounts.service import AT_THE_DOOR
from core.extension.registry import Registry
from core.housing.kinds import shipped_kinds
from core.housing.labels import PLAIN_SIZES
from core.kernel import errors
from core.kernel.transaction import CROSSED, NOT_TEXT
from core.matching.letters import LAPSE
from core.matching.rules import ENTRY
from core.matching.ruletexts import CLASSES_FIRST, DRAWN, THEN_OTHERS
from core.matching.ruletexts import PLAIN as RANKED
from core.matching.verdicts import OTHER_PLAIN, OTHER_PLAIN_UNKNOWN
from core.notifications.composing import WORKER
from core.notifications.content import FOOT
from core.notifications.register import TO_SELF
from core.notifications.rules import NOTICE, SHORT
from core.notifications.service import (
    MOODS,
    NOT_LISTED,
    NOT_THROUGH_HELP,
    TOO_LONG,
    WRITE_SOMETHING,
)
from core.placements.letters import WORDS
from core.placements.lifecycle import PLACEMENT, REFERRAL
from core.placements.procedure_rules import DECIDERS, PAPERS
from core.placements.procedures import shipped_procedures
from core.placements.reasons import shipped_reasons
from core.placements.refusal_letters import WORDS as CONTEST
from core.placements.rules import effect_of, effect_of_reopening
from core.placements.visits import NO_ANSWER, NO_VISIT, TOO_LATE, TWICE, VISIT_STATES
from core.requests.decisions import MISSING_ITEMS, PLAIN
from core.requests.letters import REFUSED, SENIORITY
from core.requests.lifecycle import MACHINE as REQUEST
from core.requests.rules import refusal_remedies

LETTERS = (WORDS, CONTEST, REFUSED, SENIORITY, LAPSE, WORKER, FOOT)
"""What letters say, by the noun that writes them."""

OWN = "referrals.answer_own"
"""The permission of what a household does itself: it reads why it cannot."""


def resident_sentences(registry: Registry) -> list[str]:
    """All of them, each once: states and acts, effects, reasons, kinds of place, remedies, news."""
    return sorted({text for text in _texts(registry) if text})


def told_by(registry: Registry, name: str) -> Iterator[str | None]:
    """What the events of one contributor say to a household."""
    for key in registry.brought("event kind", name):
        yield registry.event_kinds[key].resident


def standing_sentences() -> list[str]:
    """Where one stands, as the first page says it, and the letter that leads there."""
    machines = (REQUEST, REFERRAL, PLACEMENT)
    standing = [state.resident for machine in machines for state in machine.states.values()]
    return [*standing, *LETTER.values(), *SHEET.values(), *NOTICE.values()]


def _texts(registry: Registry) -> Iterator[str | None]:
    for machine in (REQUEST, ENTRY, REFERRAL, PLACEMENT):
        yield from (state.resident for state in machine.states.values())
        for act in machine.transitions:
            yield act.resident
            if act.permission == OWN:
                yield from (need.message for need in act.needs)
    yield from _effects()
    yield from (kind.plain for kind in shipped_kinds().values())
    yield from (r.resident for r in refusal_remedies(date(2026, 1, 1), court_relevant=True))
    yield from PLAIN.values()
    yield from LETTER.values()
    yield from SHEET.values()
    yield from CIRCLE_LETTER.values()
    yield from NOTICE.values()
    yield SHORT
    yield from (text for words in LETTERS for text in words.values())
    yield from PLAIN_SIZES.values()
    yield from TO_SELF.values()
    yield from (paper.plain for paper in PAPERS.values())
    yield from (plain for _, plain in DECIDERS.values())
    yield from (one.plain for one in shipped_procedures().values())
    yield from (plain for _, plain in VISIT_STATES.values())
    yield from MISSING_ITEMS
    yield from (CLASSES_FIRST, THEN_OTHERS, *RANKED.values(), DRAWN)
    yield from told_by(registry, "core")
    for key in registry.brought("criterion", "core"):
        one = registry.criteria[key]
        yield from (one.plain_no, one.plain_unknown, one.plain_help)
    yield from (OTHER_PLAIN, OTHER_PLAIN_UNKNOWN)
    yield from _refusals()


def _effects() -> Iterable[str | None]:
    for outcome in REFERRAL.states:
        yield effect_of(outcome).resident
    for reason in shipped_reasons():
        yield reason.plain
        if reason.author == "household":
            effect = effect_of("declined", reason)
            yield from (effect.resident, effect.warning)
    for former in ("accepted", "declined"):
        yield effect_of_reopening(former).resident


def _refusals() -> Iterable[str]:
    """What a form answers, and what an error says when nobody gave it better words."""
    yield from AT_THE_DOOR
    yield from (WRITE_SOMETHING, TOO_LONG, NOT_LISTED, *MOODS.values())
    yield from (OVER, OUTSIDE, TOO_YOUNG, SAME, NOT_THROUGH_HELP)
    yield from (CROSSED, NOT_TEXT, NO_ANSWER, NO_VISIT, TOO_LATE, TWICE)
    yield errors.NotFound().message
    yield errors.NotSignedIn().message
    yield errors.Denied().message
    yield errors.Invalid({}).message
