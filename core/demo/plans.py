"""What each household of the demonstration will live: decided beforehand, from its own draw."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from core.demo.people import Family

OUTCOMES = (("list", 78), ("adjourn", 9), ("refuse", 6), ("special", 4), ("missing", 3))

REFUSALS = (
    ("Relève du logement ordinaire : ressources stables et bail possible.",
     "Vous avez des ressources stables. Un logement ordinaire vous convient mieux."),
    ("Hors périmètre : le ménage réside dans un autre département.",
     "Votre demande relève d’un autre département. Votre référent peut la transférer."),
    ("Relève du dispositif d’asile.", "Un autre service s’occupe des demandes d’asile."),
)  # fmt: skip
"""For the team, and for the household."""

ITEMS = (
    "Un justificatif de ressources", "Un document d’identité", "L’avis du référent de parcours",
    "La situation de logement actuelle", "La composition du ménage",
)  # fmt: skip

NOTES = (
    "Entretien au bureau. Le ménage confirme sa demande et ses priorités de secteur.",
    "Appel du référent : démarches d’ouverture de droits en cours.",
    "Visite à l’accueil de jour. Souhaite rester près de son travail.",
    "Rendez-vous honoré. Très investi·e dans ses démarches.",
    "Point avec l’assistante sociale : dossier de surendettement déposé.",
    "Le ménage demande un logement au calme, en raison du rythme de travail de nuit.",
)

SUMMARIES = {
    201: ("Sans ressources, passe d’un proche à l’autre. Ouverture de droits en cours.",),
    203: (
        "À la rue depuis plusieurs mois, connu·e de la maraude.",
        "Dort dehors ou dans des abris de fortune depuis l’hiver.",
    ),
    204: ("Expulsion prononcée après des impayés, sans solution à la date fixée.",),
    205: (
        "Hébergements successifs chez des proches, situation qui s’épuise.",
        "L’hébergement chez un proche doit finir dans les semaines qui viennent.",
    ),
    206: ("Sortie d’hôpital prévue, sans logement où revenir.",),
    207: ("Fin de prise en charge à la majorité, sans solution de logement.",),
    209: ("Logement devenu inadapté à l’état de santé ou à la taille du ménage.",),
    210: ("Logement insalubre, signalé à la commune.",),
    214: ("Impayés en cours d’apurement, assignation reçue.",),
    215: ("Doit quitter le domicile depuis la séparation.",),
    216: ("Fin de prise en charge en centre pour demandeurs d’asile, statut obtenu.",),
    217: ("Arrive au terme de son hébergement, prêt·e pour la suite.",),
    218: ("Sortie de détention proche, sans hébergement à la sortie.",),
    220: ("A quitté le domicile pour se mettre à l’abri de violences.",),
    225: ("Expulsion d’un squat, sans solution depuis.",),
}
"""What is written of a household, by the SI-SIAO reason that brings it."""

WITH_CHILDREN = "Enfants scolarisés à proximité."

MESSAGES = (
    ("message", "Bonjour, est-ce que ma demande avance ? Merci.", None,
     "Bonjour, oui : votre demande est sur la liste. Nous vous appelons dès qu’un lieu se libère."),
    ("message", "J’ai changé de numéro de téléphone.", None,
     "Merci, c’est noté. Votre référent a aussi le nouveau numéro."),
    ("feedback", "On m’a bien expliqué la suite.", 3, "Merci pour votre retour."),
    ("feedback", "Je trouve que c’est long et je ne comprends pas l’ordre de la liste.", 1,
     "Merci de le dire. La liste suit la date de votre première demande. Nous pouvons en parler."),
    ("message", "Est-ce que je peux garder mon chien ?", None, ""),
    ("message", "Mon fils est malade, je ne peux pas venir jeudi.", None,
     "Pas de souci. Nous vous proposons mardi à 10 h."),
    ("feedback", "L’accueil était chaleureux.", 3, ""),
)  # fmt: skip
"""Kind, words, mood, answer (none yet when empty)."""


@dataclass(frozen=True)
class Plan:
    """One household to come. Days are counted from its arrival."""

    key: str
    family: Family
    outcome: str = "list"
    abandons: bool = False
    asked_items: bool = False
    cancels_after: int | None = None
    unreachable: bool = False
    signs_in: bool = False
    has_question: bool = False
    writes: int | None = None
    note: str = ""
    life: str = ""
    """A life event to come while it waits: birth, separation, shared_custody, death."""
    summary: str = ""
    by_team: bool = False
    told: bool = False


def draw_plan(rng: Random, key: str, family: Family) -> Plan:
    """An ordinary household's plan."""
    children = sum(p.role == "child" for p in family.people)
    adults = len(family.people) - children
    events = [""] * 30
    events += ["birth"] if family.shape in ("couple", "mother", "family") else []
    events += ["separation"] if adults == 2 else []
    events += ["shared_custody"] if children else []
    return Plan(
        key,
        family,
        outcome=rng.choices([o for o, _ in OUTCOMES], [w for _, w in OUTCOMES])[0],
        abandons=rng.random() < 0.04,
        asked_items=rng.random() < 0.15,
        cancels_after=rng.randint(40, 400) if rng.random() < 0.12 else None,
        unreachable=rng.random() < 0.12,
        signs_in=rng.random() < 0.3,
        has_question=rng.random() < 0.1,
        writes=rng.randrange(len(MESSAGES)) if rng.random() < 0.2 else None,
        note=rng.choice(NOTES) if rng.random() < 0.5 else "",
        life=rng.choice(events),
        summary=_summary(rng, family, bool(children)),
        by_team=rng.random() < 0.2,
    )


def _summary(rng: Random, family: Family, children: bool) -> str:
    said = rng.choice(SUMMARIES[family.reason])
    return f"{said} {WITH_CHILDREN}" if children and rng.random() < 0.5 else said
