"""Who works in the demonstration: a team of its own in each territory, and who brings whom."""

from __future__ import annotations

from collections.abc import Sequence

from core.demo.people import Family
from core.demo.places import LANDS, Land

ROLES = (
    ("coordinator", "coordination"), ("social_worker", ""), ("social_worker", ""),
    ("social_worker", ""), ("social_worker", ""), ("social_worker", ""),
    ("administrator", "administration"), ("observer", "observation"),
)  # fmt: skip
"""As in S0: five social workers, one coordinator, one administrator; and somebody who observes.

With the first part of their address; a social worker's is their given name."""

PEOPLE = {
    "strasbourg": (
        "Camille Roth", "Nadia Ferrand", "Julien Weiss", "Fatou Sarr", "Pauline Marchal",
        "Olivier Kern", "Sabine Lorrain", "Hélène Dumas",
    ),
    "seine-saint-denis": (
        "Rachida Belaïd", "Ousmane Dieng", "Claire Vasseur", "Sonia Pereira", "Thomas Guérin",
        "Karima Zerrouki", "Brigitte Lenoir", "Olivier Tanguy",
    ),
    "bruxelles": (
        "Lieve Claes", "Pieter Janssens", "Amina Lahlou", "Benoit Dubois", "Els Maes",
        "Christophe Lambrecht", "Veerle Declercq", "Dirk Wouters",
    ),
    "deux-rives": (
        "Agathe Boulay", "Mathieu Morvan", "Carine Roussel", "Yann Le Goff", "Laetitia Morin",
        "Bastien Cordier", "Françoise Aubry", "Martial Navarro",
    ),
}  # fmt: skip

OTHERS = (
    "Anne Vidal", "Marc Leroux", "Inès Perrin", "Bruno Caron", "Clara Noël", "David Masson",
    "Estelle Roy", "Farid Amrani", "Gaëlle Picard", "Hugo Lambert", "Isabelle Gros", "Jean Millet",
    "Karine Blanc", "Léo Gauthier", "Myriam Adda", "Nicolas Faure", "Odile Renard", "Paul Henry",
    "Rose Marchand", "Simon Aubert", "Tania Lopez", "Valérie Brun", "William Joly", "Yvette Sanz",
)  # fmt: skip


def team_of(land: Land) -> list[tuple[str, str, str]]:
    """(name, role, first part of the address) of the territory's own team."""
    people = zip(PEOPLE[land.slug], ROLES, strict=True)
    return [(name, role, short or name.split()[0].lower()) for name, (role, short) in people]


def colleague(land: Land, number: int) -> str:
    """The name of that colleague outside of the team: nobody twice here, nor in two territories."""
    where, count = LANDS.index(land), len(OTHERS)
    family = (number + 5 * where + 7 * (number // count)) % count
    return f"{OTHERS[number % count].split()[0]} {OTHERS[family].split()[1]}"


_OWN_REASON = {207: "ASE", 218: "SPIP", 206: "Hôpital ou PASS"}
"""Who brings those who come out of their own walls or care, by SI-SIAO reason."""


def brings(kind: str, family: Family) -> bool:
    """Whether an organisation of that kind is one to bring such a household."""
    if kind in _OWN_REASON.values():
        return _OWN_REASON.get(family.reason) == kind
    if kind == "Mission locale":
        return family.public == "young"
    if kind == "Maraude":
        return family.reason in (203, 225)
    if kind == "Accueil de jour":
        return family.public in ("alone", "young") and family.reason in (201, 203, 205, 225)
    return True


def who_may_bring(kinds: Sequence[str], family: Family) -> list[int]:
    """The places, in that list of kinds of organisations, of those who may bring this household."""
    own = _OWN_REASON.get(family.reason)
    if own in kinds:
        return [n for n, kind in enumerate(kinds) if kind == own]
    return [n for n, kind in enumerate(kinds) if brings(kind, family)] or list(range(len(kinds)))
