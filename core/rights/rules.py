"""When a person's data may be erased, and what the law keeps. Pure: no clock, no database.

Sources: RGPD article 17 (the right, and 17.3 b and e: a mission of public interest, a claim that
may still be made); CNIL référentiel 2021-028 (two years after the last contact). See decision 0006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.kernel.dates import add_months
from core.kernel.words import N_, Sentence

BASES = {
    "asked": N_("La personne le demande"),
    "retention": N_("La durée de conservation est passée"),
}
"""Why somebody's data is erased."""

KEPT = (
    (
        N_("Les dates et les codes des demandes, des propositions et des séjours"),
        N_("Les chiffres du territoire en ont besoin ; ils ne désignent plus personne."),
    ),
    (
        N_("L’historique : ce qui a été fait, quand et par quel professionnel"),
        N_("Il ne contient ni nom ni mot ; rien ne s’y réécrit."),
    ),
    (
        N_("Le fait que ces données ont été effacées : date, auteur, motif"),
        N_("Pour pouvoir montrer que la demande a été suivie."),
    ),
    (
        N_("Les sauvegardes, jusqu’à leur propre fin"),
        N_("Elles ne servent qu’à réparer le site."),
    ),
)
"""What stays after an erasure, and why, as the page says it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule looks at. `unanswered`: messages of the person that wait for an answer.

    `refused_on`: the last refusal; `last_contact`: the last time anything came from the person or
    was done with them. `erased`: it was done already.
    """

    today: date
    request: bool = False
    referral: bool = False
    stay: bool = False
    unanswered: int = 0
    refused_on: date | None = None
    last_contact: date | None = None
    erased: bool = False


def obstacles(
    basis: str, standing: Standing, *, retention_months: int, contest_months: int
) -> Sequence[Sentence]:
    """Why it may not be erased today, in words; empty when it may.

    A right that is asked waits for what runs: erasing an open demande would end it unsaid.
    """
    if standing.erased:
        return (Sentence(N_("Les données de cette personne sont déjà effacées.")),)
    found = []
    if standing.request:
        found.append(Sentence(N_("Une demande est en cours : d’abord la clore ou l’annuler.")))
    if standing.referral:
        found.append(Sentence(N_("Une proposition est en cours.")))
    if standing.stay:
        found.append(Sentence(N_("Un séjour est prévu ou en cours.")))
    if standing.unanswered:
        found.append(Sentence(N_("Un message de la personne attend une réponse.")))
    if standing.refused_on is not None:
        until = add_months(standing.refused_on, contest_months)
        if until > standing.today:
            found.append(
                Sentence(
                    N_("Un refus peut encore être contesté jusqu’au %(until)s."), {"until": until}
                )
            )
    if basis == "retention" and standing.last_contact is not None:
        due = add_months(standing.last_contact, retention_months)
        if due > standing.today:
            found.append(
                Sentence(
                    N_("Le dernier contact date du %(last)s : à garder jusqu’au %(until)s, sauf "
                       "si la personne demande l’effacement."),
                    {"last": standing.last_contact, "until": due},
                )
            )  # fmt: skip
    return tuple(found)
