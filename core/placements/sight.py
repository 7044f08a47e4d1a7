"""What a structure sees of a household: shown word for word before it is sent, then to it.

One function serves both, so that what was shown to the professional is what the structure reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.procedures import procedure_of
from core.placements.queries import people_of
from core.placements.snapshot import FACT_LABELS, facts_now

ALWAYS = ("composition", "persons", "accessible_needed", "animals")
"""Facts that any place needs to know who could live there."""

BY_PAPER = {
    "resources": "resources_cents",
    "tax_notice": "resources_cents",
    "social_housing_no": "social_housing_no",
    "lawful_stay": "lawful_stay",
}
"""Facts that a structure sees only where the procedure of its kind asks for their document."""

NEVER = (
    N_("les notes et les messages"),
    N_("la santé, la justice, les violences, la protection de l’enfance"),
    N_("les autres demandes, propositions et refus du ménage"),
    N_("l’ancienneté et le rang"),
)
"""What never goes with a referral."""


@dataclass(frozen=True, slots=True)
class Sight:
    """People (rows of `people_of`) and facts (name, label, value as it stands) of a household."""

    people: tuple[Any, ...]
    facts: tuple[tuple[str, str, Any], ...]


async def seen_by_structure(unit: Unit, household_id: int, request_id: int, kind: str) -> Sight:
    """What the structure reads of a household that is referred to a place of this kind."""
    procedure = await procedure_of(unit, kind)
    papers = procedure["papers"] if procedure else ()
    names = [*ALWAYS, *(BY_PAPER[p] for p in papers if p in BY_PAPER)]
    facts = await facts_now(unit, request_id)
    return Sight(
        tuple(await people_of(unit, household_id)),
        tuple((n, FACT_LABELS[n], facts[n]) for n in FACT_LABELS if n in names),
    )
