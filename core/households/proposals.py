"""What a life event does to the proposals that run: nothing, a check by both sides, or their end.

The rule is this project's proposal. A place is proposed to the people who asked for it: when they
are no longer the same, the SIAO and the structure look again; when nobody is left to live there on
their own account, or when the household joins another one, the place goes back to the lists.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.households.changes import (
    HERE,
    Change,
    CheckProposal,
    EndMembership,
    HouseholdFacts,
    LifeEvent,
    StartMembership,
    WithdrawProposal,
)
from core.households.people import Role, is_minor
from core.kernel.words import N_, Sentence

WITHDRAWN = N_(
    "La proposition « %(place)s » est annulée. La place redevient libre ; la structure, le "
    "référent et le SIAO en sont prévenus."
)
CHECKED = N_(
    "La proposition « %(place)s » est à confirmer ou à retirer : le SIAO et la structure voient ce "
    "qui a changé."
)


def of_proposals(
    event: LifeEvent, facts: HouseholdFacts, changes: Iterable[Change]
) -> tuple[list[Change], list[Sentence]]:
    """The changes and effects on the proposals of this household, and of the one that joins it."""
    gone = {c.person_id for c in changes if isinstance(c, EndMembership) and c.household == HERE}
    come = [c for c in changes if isinstance(c, StartMembership) and c.household == HERE]
    left = [m for m in facts.members if m.person_id not in gone]
    grown = any(not is_minor(m, event.on) or m.role in (Role.MAIN, Role.PARTNER) for m in left)
    more: list[Change] = []
    said: list[Sentence] = []
    for proposal in facts.proposals:
        if gone and not grown:
            more.append(WithdrawProposal(proposal.referral_id))
            said.append(Sentence(WITHDRAWN, {"place": proposal.place}))
        elif gone or come:
            more.append(CheckProposal(proposal.referral_id))
            said.append(Sentence(CHECKED, {"place": proposal.place}))
    for proposal in event.joining.proposals if event.joining else ():
        more.append(WithdrawProposal(proposal.referral_id))
        said.append(Sentence(WITHDRAWN, {"place": proposal.place}))
    return more, said
