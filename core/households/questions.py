"""The questions of a file that have four answers, each with the class that guards its answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.kernel.words import N_


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `about`: a person or the household. `kind`: how a "yes" is said in full
    (`yes` alone, an amount of `money` in cents, a `date`, a few `words`)."""

    key: str
    label: str
    field_class: str = "social"
    about: str = "household"
    kind: str = "yes"


QUESTIONS: dict[str, Question] = {
    q.key: q
    for q in (
        Question("animals", N_("A un animal")),
        Question("accessible_needed", N_("A besoin d’un logement accessible")),
        Question("resources_cents", N_("Ressources du ménage par mois"), kind="money"),
        Question("debts", N_("A des dettes à traiter")),
        Question("social_housing_no", N_("Demande de logement social (numéro)"), kind="words"),
        Question("work", N_("A un emploi ou une formation"), about="person"),
        Question("lawful_stay", N_("A un droit au séjour en cours"), about="person"),
        Question("pregnancy", N_("Grossesse (terme prévu)"), "health", "person", "date"),
        Question("health_follow_up", N_("A un suivi de santé"), "health", "person"),
        Question("disability", N_("A une reconnaissance de handicap"), "health", "person"),
        Question("court_order", N_("A une mesure de justice en cours"), "justice", "person"),
        Question("release_on", N_("Date de sortie de détention"), "justice", "person", "date"),
        Question("child_care", N_("Est suivi par l’aide à l’enfance"), "child", "person"),
        Question("violence", N_("A subi des violences"), "violence", "person"),
        Question("hidden_address", N_("Son adresse doit rester cachée"), "violence", "person"),
    )
}
"""In the order in which they are shown. SI-SIAO's field names, in our words."""

CLASS_LABELS = {
    "identity": N_("Identité"),
    "social": N_("Social"),
    "health": N_("Santé"),
    "justice": N_("Justice"),
    "child": N_("Protection de l’enfance"),
    "violence": N_("Violences"),
}
"""What each class of fields is called on the screen."""
