"""The catalogue of a file's questions: words, class, place, and whom each one is asked of.

Every key that an answer may carry stands here, those that only an import writes included: no
screen ever shows a key for lack of a label.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.kernel.words import N_

GROWN = 18
NOMINAL = {True: 0, False: 40}
"""The age that a question assumes where the birth is not known: of a child, of anybody else."""

SECTIONS = {
    "needs": N_("Besoins et souhaits"),
    "housing": N_("Démarches de logement"),
    "papers": N_("Situation administrative"),
    "living": N_("Emploi et ressources"),
    "health": N_("Santé"),
    "justice": N_("Justice"),
    "child": N_("Protection de l’enfance"),
    "violence": N_("Violences"),
    "followed": N_("Suivi et information"),
}
"""Where a question stands, in the order of an interview."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `about`: a person or the household. `kind`: how a "yes" is said in full (`yes`
    alone, an amount of `money` in cents, a `date`, a few `words`, one of the `choices`, a code of
    the list `codes`, ids of `areas`, a support `level`).

    `youngest`, `eldest`: ages in years it is asked at, both included. `sexes`: who it is asked of
    when the sex is known (None: everybody). `asked`: "file" on the household's page, "request" in
    the demande, "" when it only ever comes from an import. `country`: where it means something.
    """

    key: str
    label: str
    section: str
    field_class: str = "social"
    about: str = "household"
    kind: str = "yes"
    youngest: int = 0
    eldest: int | None = None
    sexes: frozenset[int] | None = None
    asked: str = "file"
    codes: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    country: str = ""

    def concerns(self, age: int | None, sex: int | None, *, child: bool) -> bool:
        """Whether it is asked of somebody of that age (None: unknown), in that place."""
        if self.about != "person":
            return False
        years = NOMINAL[child] if age is None else age
        if years < self.youngest or (self.eldest is not None and years > self.eldest):
            return False
        return self.sexes is None or sex is None or sex in self.sexes


_SYPLO = (
    ("registered", N_("Inscrit")),
    ("not_registered", N_("Non inscrit")),
    ("not_concerned", N_("Ne relève pas du dispositif")),
)

QUESTIONS: dict[str, Question] = {
    q.key: q
    for q in (
        Question("accessible_needed", N_("A besoin d’un logement accessible"), "needs"),
        Question("animals", N_("A un animal"), "needs"),
        Question(
            "areas_wanted", N_("Communes souhaitées"), "needs", kind="areas", asked="request"
        ),
        Question("areas_refused", N_("Communes refusées"), "needs", kind="areas", asked="request"),
        Question(
            "support", N_("Accompagnement souhaité par le ménage"), "needs", kind="level",
            asked="request",
        ),
        Question(
            "preferences", N_("Ce qui compte pour le ménage, dans ses mots"), "needs",
            kind="words", asked="request",
        ),
        Question(
            "social_housing_no", N_("Demande de logement social (numéro)"), "housing",
            kind="words",
        ),
        Question("dalo", N_("Reconnu DALO"), "housing", country="FR"),
        Question("daho", N_("Reconnu DAHO"), "housing", country="FR"),
        Question(
            "syplo", N_("Inscription SYPLO"), "housing", kind="choices", choices=_SYPLO,
            country="FR",
        ),
        Question("commune", N_("Commune de rattachement"), "housing", kind="words"),
        Question(
            "lawful_stay", N_("A un droit au séjour en cours"), "papers", about="person",
            youngest=GROWN,
        ),
        Question(
            "permit", N_("Nationalité ou titre de séjour"), "papers", about="person",
            kind="codes", codes="permit", youngest=GROWN,
        ),
        Question(
            "resources_cents", N_("Ressources du ménage par mois"), "living", kind="money",
            asked="request",
        ),
        Question("debts", N_("A des dettes à traiter"), "living"),
        Question(
            "work", N_("A un emploi ou une formation"), "living", about="person", youngest=16
        ),
        Question(
            "resource_kind", N_("Ressource principale"), "living", about="person", kind="codes",
            codes="resources", youngest=16,
        ),
        Question(
            "pregnancy", N_("Grossesse (terme prévu)"), "health", "health", "person", "date",
            youngest=12, eldest=60, sexes=frozenset({2, 3}),
        ),
        Question("health_follow_up", N_("A un suivi de santé"), "health", "health", "person"),
        Question(
            "disability", N_("A une reconnaissance de handicap"), "health", "health", "person"
        ),
        Question("reduced_mobility", N_("A une mobilité réduite"), "health", "health", "person"),
        Question(
            "court_order", N_("A une mesure de justice en cours"), "justice", "justice", "person",
            youngest=13,
        ),
        Question(
            "release_on", N_("Date de sortie de détention"), "justice", "justice", "person",
            "date", youngest=13,
        ),
        Question(
            "child_care", N_("Est suivi par l’aide à l’enfance"), "child", "child", "person",
            eldest=21,
        ),
        Question("violence", N_("A subi des violences"), "violence", "violence", "person"),
        Question(
            "hidden_address", N_("Son adresse doit rester cachée"), "violence", "violence",
            "person", youngest=GROWN,
        ),
        Question(
            "informed_on", N_("Informé de l’usage de ses données le"), "followed", kind="date",
            asked="request",
        ),
        Question(
            "prescriber_named", N_("Prescripteur nommé dans le fichier importé"), "followed",
            kind="words", asked="",
        ),
        Question(
            "worker_named", N_("Travailleur social nommé dans le fichier importé"), "followed",
            kind="words", asked="",
        ),
    )
}  # fmt: skip
"""In the order in which they are shown. SI-SIAO's field names, in our words. The ages are this
project's proposal: work from 16 (end of compulsory schooling), penal measures from 13, child care
up to 21 (young adults' contracts), a permit of one's own from 18."""

CLASS_LABELS = {
    "identity": N_("Identité"),
    "social": N_("Social"),
    "health": N_("Santé"),
    "justice": N_("Justice"),
    "child": N_("Protection de l’enfance"),
    "violence": N_("Violences"),
}
"""What each class of fields is called on the screen."""


def asked_in(country: str) -> list[Question]:
    """The questions of a territory: those of the law of another country are not put there."""
    return [q for q in QUESTIONS.values() if q.country in ("", country)]
