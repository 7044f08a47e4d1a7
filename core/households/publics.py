"""Which public a household belongs to, as portfolios split the work. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from core.households.people import Member, Role, age, is_minor
from core.kernel.words import N_

YOUNG = 25
"""Under this age a main person counts as young: what S0's under-25 referent follows."""

PUBLICS = {
    "young": N_("Jeunes de moins de 25 ans"),
    "families": N_("Familles avec enfant(s)"),
    "adults": N_("Adultes sans enfant"),
}


def publics_of(members: Iterable[Member], on: date) -> frozenset[str]:
    """The publics of a household on a day; a young parent belongs to two."""
    people = list(members)
    lead = next((m for m in people if m.role is Role.MAIN), None)
    found = {"families" if any(is_minor(m, on) for m in people if m is not lead) else "adults"}
    if lead and lead.birth and age(lead.birth, on) < YOUNG:
        found.add("young")
    return frozenset(found)
