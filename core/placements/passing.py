"""Why somebody above was not proposed a place: the coded reasons, for staff and in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.errors import Invalid
from core.kernel.words import N_
from core.matching.results import Candidate


@dataclass(frozen=True, slots=True)
class PassingReason:
    """A reason to propose someone further down; the household passed over reads `plain`."""

    code: str
    label: str
    plain: str
    needs_words: bool = False


PASSING_REASONS = (
    PassingReason(
        "to_check",
        N_("Une information restait à vérifier"),
        N_("Il nous manquait une information sur votre situation."),
    ),
    PassingReason(
        "size", N_("Taille ou typologie inadaptée"), N_("Le lieu n’avait pas la bonne taille.")
    ),
    PassingReason(
        "kind",
        N_("Autre type de place préconisé"),
        N_("Un autre type de lieu vous va mieux."),
    ),
    PassingReason(
        "accessibility", N_("Place non accessible"), N_("Le lieu n’est pas accessible pour vous.")
    ),
    PassingReason(
        "area", N_("Secteur refusé ou trop éloigné"), N_("Le lieu est loin de vos choix.")
    ),
    PassingReason(
        "audience",
        N_("Hors du public de la structure"),
        N_("Ce lieu est réservé à d’autres personnes."),
    ),
    PassingReason(
        "animal", N_("Animal non accepté"), N_("Les animaux ne sont pas acceptés dans ce lieu.")
    ),
    PassingReason(
        "resources",
        N_("Ressources insuffisantes pour la redevance"),
        N_("Le prix est trop élevé pour vos ressources."),
    ),
    PassingReason(
        "unreachable",
        N_("Ménage injoignable, essais tracés"),
        N_("Nous n’avons pas pu vous joindre à temps."),
    ),
    PassingReason(
        "household_wish",
        N_("Souhait du ménage d’attendre"),
        N_("Vous avez demandé d’attendre un autre lieu."),
    ),
    PassingReason(
        "other_way",
        N_("Autre solution en cours"),
        N_("Une autre solution est en cours pour vous."),
    ),
    PassingReason(
        "urgency",
        N_("Urgence d’un autre ménage"),
        N_("D’autres situations étaient plus urgentes."),
        needs_words=True,
    ),
    PassingReason(
        "other", N_("Autre motif"), N_("L’équipe donne une autre raison."), needs_words=True
    ),
)
"""A proposal of this project, shown as such: no official list is public."""


def passing_reason(code: str) -> PassingReason:
    """One reason; `KeyError` when there is none of that code."""
    for reason in PASSING_REASONS:
        if reason.code == code:
            return reason
    raise KeyError(code)


Why = Callable[[Candidate], tuple[str, str] | None]
"""The reason (its code, words) for somebody above; None where none was given."""

MISSING = N_("Indiquez pourquoi chaque ménage au-dessus n’est pas proposé.")


def same_for_all(code: str, words: str = "") -> Why:
    """One reason for everybody above."""
    return lambda _: (code, words)


def records(above: tuple[Candidate, ...], why: Why | None) -> list[Mapping[str, Any]]:
    """A record for each of those above, with its reason and how they were judged. Pure.

    Raises Invalid where one has no reason, an unknown one, or one that lacks its words.
    """
    found: list[Mapping[str, Any]] = []
    for one in above:
        code, words = (why(one) if why else None) or ("", "")
        try:
            reason = passing_reason(code)
        except KeyError:
            raise Invalid({"passing": MISSING}) from None
        if reason.needs_words and not words.strip():
            raise Invalid({"passing_words": N_("Ce motif demande une explication écrite.")})
        found.append(
            {
                "request": one.request_id,
                "household": one.household_id,
                "rank": one.rank,
                "reason": code,
                "words": words.strip(),
                "judged": one.snapshot(),
            }
        )
    return found
