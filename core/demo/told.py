"""The told households: named people whose story documents, tests and visitors can follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.demo.people import Family
from core.demo.plans import Plan
from core.households.service import NewPerson


@dataclass(frozen=True)
class Told:
    """A household with a story. `proposed`: days before today when it is proposed `kind`."""

    slug: str
    key: str
    story: str
    arrived: int
    """Days before today."""
    plan: Plan
    proposed: int | None = None
    size: tuple[int, int] = (1, 1)


def _person(
    family: str, given: str, birth: tuple[int, int, int], sex: int, role: str = "main"
) -> NewPerson:
    return NewPerson(family, given, date(*birth), sex, role)


def _told(
    slug: str, key: str, story: str, arrived: int, people: tuple[NewPerson, ...],
    kinds: tuple[str, ...], reason: int, situation: int, *, proposed: int | None = None,
    outcome: str = "list", summary: str = "", life: str = "", note: str = "",
    support: int = 2, writes: int | None = None, resources: tuple[int, int | None] = (1, 63500),
) -> Told:  # fmt: skip
    family = Family(
        people, "told", "told", reason, situation, date(2020, 1, 1), kinds, support, resources,
        2, 2, "", "", "fr",
    )  # fmt: skip
    plan = Plan(
        key, family, outcome, signs_in=True, note=note, life=life, summary=summary,
        writes=writes, told=True,
    )  # fmt: skip
    return Told(slug, key, story, arrived, plan, proposed, (1, len(people)))


TOLD: tuple[Told, ...] = (
    _told(
        "strasbourg", "diallo",
        "Awa Diallo et sa fille Lina : une proposition attend leur réponse.", 210,
        (_person("Diallo", "Awa", (1991, 3, 14), 2), _person("Diallo", "Lina", (2019, 9, 2), 2,
         "child")),
        ("alt", "iml_sous_location"), 205, 29, proposed=3,
        summary="Hébergée avec sa fille chez une amie, qui doit récupérer la chambre.",
        note="Travaille à temps partiel dans une cantine. Lina est scolarisée au Neuhof.", writes=0,
        resources=(1, 98000),
    ),
    _told(
        "strasbourg", "muller",
        "Thierry Muller, à la rue depuis longtemps, attend une pension de famille.", 640,
        (_person("Muller", "Thierry", (1968, 11, 30), 1),), ("pension_de_famille",), 203, 20,
        summary="Dort près de la gare. Suivi par la maraude depuis quatre ans.", support=4,
        note="Ne veut pas du collectif. Accepterait une petite structure avec son chien.",
    ),
    _told(
        "strasbourg", "benali",
        "La famille Benali : la décision est reportée, il manque des informations.", 40,
        (_person("Benali", "Nadia", (1985, 6, 5), 2), _person("Benali", "Karim", (1982, 1, 21), 1,
         "partner"), _person("Benali", "Adam", (2014, 4, 4), 1, "child"),
         _person("Benali", "Sarah", (2018, 12, 12), 2, "child")),
        ("logement_social",), 204, 45, outcome="missing",
        summary="Expulsion prononcée, hébergés chez de la famille.", resources=(1, 165000),
    ),
    _told(
        "strasbourg", "renaud",
        "Kévin Renaud, 19 ans, sort de l’aide à l’enfance : sa demande commence.", 12,
        (_person("Renaud", "Kévin", (2007, 2, 8), 1),), ("fjt", "rhj"), 207, 42,
        summary="Fin de contrat jeune majeur dans trois mois.", support=2,
    ),
    _told(
        "seine-saint-denis", "traore",
        "La famille Traoré attend un logement social depuis longtemps.", 560,
        (_person("Traoré", "Mariam", (1988, 8, 19), 2), _person("Traoré", "Moussa", (1984, 5, 3),
         1, "partner"), _person("Traoré", "Awa", (2012, 10, 10), 2, "child"),
         _person("Traoré", "Ibrahim", (2015, 7, 1), 1, "child"),
         _person("Traoré", "Noé", (2022, 1, 17), 1, "child")),
        ("logement_social", "iml_mandat"), 217, 35,
        summary="À l’hôtel depuis trois ans, deux chambres pour cinq.", resources=(1, 165000),
        writes=3,
    ),
    _told(
        "seine-saint-denis", "haddad",
        "Samira Haddad : demande refusée, avec les recours et leurs dates.", 60,
        (_person("Haddad", "Samira", (1979, 4, 27), 2),), ("residence_sociale",), 205, 30,
        outcome="refuse", summary="Hébergée chez sa sœur.", resources=(1, 190000),
    ),
    _told(
        "bruxelles", "peeters",
        "Jan Peeters attend un habitat solidaire.", 300,
        (_person("Peeters", "Jan", (1971, 9, 9), 1),), ("pension_de_famille",), 203, 20,
        summary="Connu des équipes de rue du quartier du Midi.", support=3,
    ),
    _told(
        "bruxelles", "mbemba",
        "Grâce Mbemba et ses deux enfants : une proposition attend leur réponse.", 180,
        (_person("Mbemba", "Grâce", (1993, 12, 1), 2), _person("Mbemba", "Elias", (2017, 3, 22),
         1, "child"), _person("Mbemba", "Mila", (2020, 8, 30), 2, "child")),
        ("alt", "iml_sous_location"), 220, 32, proposed=2,
        summary="En maison d’accueil, prête pour un logement de transit.", resources=(1, 125000),
    ),
    _told(
        "deux-rives", "fontaine",
        "Marie-Claude Fontaine attend une pension de famille à Port-Orgeval.", 410,
        (_person("Fontaine", "Marie-Claude", (1961, 7, 18), 2),), ("pension_de_famille",), 214, 37,
        summary="Veuve, logement trop cher depuis le décès de son mari.", resources=(1, 97000),
    ),
    _told(
        "deux-rives", "colin",
        "Sandrine et Patrick Colin se séparent : chacun garde l’ancienneté.", 330,
        (_person("Colin", "Sandrine", (1980, 2, 2), 2), _person("Colin", "Patrick", (1978, 10, 5),
         1, "partner")),
        ("alt", "bail_glissant"), 204, 29, life="separation",
        summary="Hébergés chez un ami après une expulsion.", resources=(1, 110000),
    ),
)  # fmt: skip


def told_in(slug: str) -> list[Told]:
    """The told households of a territory."""
    return [t for t in TOLD if t.slug == slug]


def arrival(told: Told, today: date) -> date:
    """The day it comes, a working day."""
    day = today - timedelta(days=told.arrived)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day
