"""What every life event's plan is made of: who it happens to, and what follows for those left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.households.changes import (
    HERE,
    Change,
    HouseholdFacts,
    LifeEvent,
    ReviewRequest,
    ReviewStay,
    SetComposition,
    SetRole,
)
from core.households.people import Member, Role, composition_code, is_minor
from core.kernel.words import N_, Sentence

Effects = list[Sentence]
KEPT = Sentence(N_("L’ancienneté ne change pas."))
REVIEW = Sentence(N_("La préconisation est à revoir avec le ménage."))


class Impossible(Exception):
    """Why an event cannot be recorded; carried to `Plan.refused`."""


def member_of(event: LifeEvent, facts: HouseholdFacts) -> Member:
    """Whom the event happens to. Raises Impossible."""
    for member in facts.members:
        if member.person_id == event.person_id:
            return member
    raise Impossible(N_("Cette personne ne fait pas partie du ménage."))


def child_of(event: LifeEvent, facts: HouseholdFacts) -> Member:
    """The minor it happens to. Raises Impossible."""
    child = member_of(event, facts)
    if not is_minor(child, event.on):
        raise Impossible(N_("Cette personne est majeure."))
    return child


def recomposed(
    before: Iterable[Member], after: Iterable[Member], event: LifeEvent, facts: HouseholdFacts
) -> tuple[list[Change], Effects]:
    """The new composition, and the requests and stay that must be looked at again."""
    changes: list[Change] = [SetComposition(HERE, composition_code(after, event.on))]
    effects = [KEPT]
    if len(list(before)) != len(list(after)):
        changes += [ReviewRequest(r.request_id) for r in facts.requests]
        if facts.requests:
            effects.append(REVIEW)
        if facts.housed:
            changes.append(ReviewStay(event.kind))
            effects.append(Sentence(N_("Le logement actuel est à vérifier pour cette taille.")))
    return changes, effects


def next_applicant(left: list[Member], event: LifeEvent) -> tuple[list[Change], list[Member]]:
    """Who carries the request on: the partner, else the eldest adult; no change if there is one."""
    if any(m.role is Role.MAIN for m in left):
        return [], left
    grown = [m for m in left if not is_minor(m, event.on) or m.role is Role.PARTNER]
    if not grown:
        return [], left
    heir = min(grown, key=lambda m: (m.role is not Role.PARTNER, m.birth or event.on, m.person_id))
    changes: list[Change] = [SetRole(heir.person_id, Role.MAIN, event.on)]
    return changes, [replace(m, role=Role.MAIN) if m is heir else m for m in left]
