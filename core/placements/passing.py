"""Why somebody above was not proposed a place: the coded reasons, for staff and in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from core.kernel.words import N_


@dataclass(frozen=True, slots=True)
class PassingReason:
    """A reason to propose someone further down; the household passed over reads `plain`."""

    code: str
    label: str
    plain: str
    needs_words: bool = False


PASSING_REASONS = (
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
        N_("Un autre ménage était dans une situation très urgente."),
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
