"""Pure rules of a written procedure: what it may ask, and what it may never ask.

Nobody is made to pass through shelter first, or to be "ready", to be given a home: only what the
law asks for a kind of place is a condition of it (principle of Logement d'abord, issue 4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from core.kernel.words import N_
from core.matching.rulecheck import READINESS_WORDS

__all__ = [
    "DECIDERS", "PAPERS", "READINESS_GROUNDS", "Paper", "Procedure", "papers_of", "problems",
    "suspicious",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that may be asked. `plain`: as the household reads it. `devices`: the only
    families of places that may ask for it; empty, all. `by_law`: only where the kind's own terms
    say that the law does."""

    code: str
    label: str
    plain: str
    devices: frozenset[str] = frozenset()
    by_law: bool = False


_HOMES = frozenset({"logement_accompagne", "logement"})

PAPERS: dict[str, Paper] = {
    paper.code: paper
    for paper in (
        Paper("identity", N_("Pièce d’identité, ou déclaration de perte"),
              N_("Une pièce d’identité, même ancienne, ou une déclaration de perte")),
        Paper("family", N_("Livret de famille ou actes de naissance"),
              N_("Le livret de famille, si vous en avez un")),
        Paper("resources", N_("Justificatif de ressources"),
              N_("Un document qui montre vos ressources"), _HOMES),
        Paper("tax_notice", N_("Avis d’imposition ou de situation déclarative"),
              N_("Votre avis d’impôt"), _HOMES),
        Paper("social_housing_no", N_("Numéro unique de demande de logement social"),
              N_("Votre numéro de demande de logement social"), frozenset({"logement"})),
        Paper("social_report", N_("Évaluation sociale"),
              N_("Ce que vous avez dit avec la personne qui vous accompagne")),
        Paper("insurance", N_("Assurance habitation, à l’entrée"),
              N_("Une assurance pour le logement, le jour de l’entrée"), _HOMES),
        Paper("medical_opinion", N_("Avis médical, sous pli fermé"),
              N_("L’avis d’un médecin, dans une enveloppe fermée"), frozenset({"soin"})),
        Paper("young_worker", N_("Contrat, formation ou recherche d’emploi"),
              N_("Un document sur votre travail, votre formation ou votre recherche"),
              frozenset({"logement_accompagne"})),
        Paper("lawful_stay", N_("Titre de séjour en cours de validité"),
              N_("Votre titre de séjour"), _HOMES, by_law=True),
    )
}  # fmt: skip
"""The only documents that a procedure may ask for: whatever is not in it cannot be ticked."""

DECIDERS = {
    "structure": (N_("La structure"), N_("L’équipe du lieu")),
    "manager": (N_("Le gestionnaire"), N_("Le gestionnaire du lieu")),
    "association": (N_("L’association"), N_("L’association qui gère le lieu")),
    "owner": (N_("Le propriétaire, avec l’agence sociale"), N_("Le propriétaire du logement")),
    "caleol": (
        N_("La commission d’attribution (CALEOL)"),
        N_("La commission du bailleur"),
    ),
    "director": (
        N_("La direction, après avis médical"),
        N_("La direction du lieu, après l’avis d’un médecin"),
    ),
}
"""Who says the last word: for professionals, and in plain words."""

READINESS_GROUNDS = frozenset({"autonomy", "behaviour", "care_needs"})
"""Reasons of a structure that come down to "not ready yet": no procedure admits them."""

DAYS = {
    "household_days": (1, 90),
    "structure_days": (1, 90),
    "preadmission_days": (1, 180),
    "stall_days": (1, 60),
    "grace_days": (0, 60),
}
"""The delays of a procedure with their bounds, in calendar days."""

CONDITIONS_MOST = 12

NEVER = N_(
    "« %(words)s » ne peut pas être une condition : ni passage préalable par l’hébergement, ni "
    "preuve d’être « prêt » pour un logement, hors de ce que demande la loi."
)
NOT_ASKED_HERE = N_("Ce type de place ne peut pas demander ce document : %(paper)s.")
NOT_BY_LAW = N_("La loi ne demande pas de titre de séjour pour ce type de place.")
NOT_A_GROUND = N_(
    "Ce motif revient à demander d’être « prêt » : une procédure ne l’admet pas (%(reason)s)."
)


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a version of a procedure says. Days are calendar days."""

    papers: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    decides: str = "structure"
    steps: str = ""
    plain: str = ""
    household_days: int = 7
    structure_days: int = 10
    preadmission_days: int = 21
    stall_days: int = 5
    grace_days: int = 7
    question_pauses: bool = True
    visit_pauses: bool = True
    why: str = field(default="", compare=False)


def papers_of(device: str, *, lawful_stay_required: bool) -> tuple[Paper, ...]:
    """The documents that a kind of this family may ask for."""
    return tuple(
        paper
        for paper in PAPERS.values()
        if (not paper.devices or device in paper.devices)
        and (not paper.by_law or lawful_stay_required)
    )


def problems(
    asked: Procedure,
    *,
    device: str,
    lawful_stay_required: bool,
    grounds: Collection[str],
    said: Sequence[tuple[str, str]] = (),
) -> dict[str, tuple[str, dict[str, str]]]:
    """What makes a procedure impossible: field -> (sentence, what fills it); empty when it holds.

    `grounds`: the codes a structure may invoke here. `said`: (code, label) of those reasons.
    """
    wrong: dict[str, tuple[str, dict[str, str]]] = {}
    allowed = {p.code for p in papers_of(device, lawful_stay_required=lawful_stay_required)}
    for code in asked.papers:
        if code in allowed:
            continue
        if code == "lawful_stay":
            wrong["papers"] = (NOT_BY_LAW, {})
        else:
            paper = PAPERS.get(code)
            wrong["papers"] = (NOT_ASKED_HERE, {"paper": paper.label if paper else code})
    labels = dict(said)
    for code in asked.refusals:
        if code in READINESS_GROUNDS:
            wrong["refusals"] = (NOT_A_GROUND, {"reason": labels.get(code, code)})
        elif code not in grounds:
            wrong["refusals"] = (N_("Choisissez une réponse de la liste."), {})
    if asked.decides not in DECIDERS:
        wrong["decides"] = (N_("Choisissez une réponse de la liste."), {})
    for condition in asked.conditions:
        if READINESS_WORDS.search(condition):
            wrong["conditions"] = (NEVER, {"words": condition[:120]})
    if len(asked.conditions) > CONDITIONS_MOST:
        wrong["conditions"] = (N_("Une procédure a douze conditions au plus."), {})
    for name, (low, high) in DAYS.items():
        if not low <= getattr(asked, name) <= high:
            wrong[name] = (N_("Indiquez un nombre entre %(low)s et %(high)s."),
                           {"low": str(low), "high": str(high)})  # fmt: skip
    if not asked.plain.strip():
        wrong["plain"] = (N_("Ce champ est nécessaire."), {})
    return wrong


def suspicious(asked: Procedure) -> tuple[str, ...]:
    """Words of the free text that speak of readiness or of a former stay: somebody else reads it
    before it holds, since "nobody has to be ready" is a sentence too."""
    found: list[str] = []
    for text in (asked.steps, asked.plain):
        for match in READINESS_WORDS.finditer(text):
            if (words := match[0].strip().lower()) not in found:
                found.append(words)
    return tuple(found)
