"""The told households: named people whose story documents, tests and visitors can follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.demo.people import Family
from core.demo.plans import Plan
from core.demo.stories import Act, allows, ends_help, lives, writes_for
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
    then: tuple[tuple[int, Act], ...] = ()
    """What happens so many days before today."""
    comes_of_age: tuple[tuple[int, int], ...] = ()
    """(place in the family, days before today when that child turns 18; after today if negative).
    The birth that is written beside them is then moved."""
    access: tuple[int, ...] = (0,)
    """Places in the family of those who may be tried on the portal."""


def _person(
    family: str, given: str, birth: tuple[int, int, int], sex: int, role: str = "main"
) -> NewPerson:
    return NewPerson(family, given, date(*birth), sex, role)


def _told(
    slug: str, key: str, story: str, arrived: int, people: tuple[NewPerson, ...],
    kinds: tuple[str, ...], reason: int, situation: int, *, proposed: int | None = None,
    outcome: str = "list", summary: str = "", life: str = "", note: str = "",
    support: int = 2, writes: int | None = None, resources: tuple[int, int | None] = (1, 63500),
    then: tuple[tuple[int, Act], ...] = (), comes_of_age: tuple[tuple[int, int], ...] = (),
    access: tuple[int, ...] = (0,),
) -> Told:  # fmt: skip
    family = Family(
        people, "told", "told", reason, situation, date(2020, 1, 1), kinds, support, resources,
        2, 2, "", "", "fr",
    )  # fmt: skip
    plan = Plan(
        key, family, outcome, signs_in=True, note=note, life=life, summary=summary,
        writes=writes, told=True,
    )  # fmt: skip
    return Told(
        slug, key, story, arrived, plan, proposed, (1, len(people)), then, comes_of_age, access
    )


TOLD: tuple[Told, ...] = (
    _told(
        "strasbourg", "diallo",
        "Awa Diallo et sa fille Lina : une proposition attend ; Nadia Ferrand peut agir pour elle.",
        210,
        (_person("Diallo", "Awa", (1991, 3, 14), 2), _person("Diallo", "Lina", (2019, 9, 2), 2,
         "child")),
        ("alt", "iml_sous_location"), 205, 29, proposed=3,
        summary="Hébergée avec sa fille chez une amie, qui doit récupérer la chambre.",
        note="Travaille à temps partiel dans une cantine. Lina est scolarisée au Neuhof.", writes=0,
        resources=(1, 98000),
        then=(
            (25, allows("nadia", "read", "write", "answer", days=182)),
            (4, writes_for("nadia", "Madame Diallo est joignable le matin avant 11 h.")),
        ),
    ),
    _told(
        "strasbourg", "muller",
        "Thierry Muller, à la rue depuis longtemps, attend une pension de famille.", 640,
        (_person("Muller", "Thierry", (1968, 11, 30), 1),), ("pension_de_famille",), 203, 20,
        summary="Dort près de la gare. Suivi par la maraude depuis quatre ans.", support=4,
        note="Ne veut pas du collectif. Accepterait une petite structure avec son chien.",
        then=((200, allows("julien", "read", "write", days=182)), (60, ends_help)),
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
        "strasbourg", "schmitt",
        "Gérard Schmitt, sous curatelle, garde son accès et ses messages.", 260,
        (_person("Schmitt", "Gérard", (1959, 5, 22), 1),), ("residence_accueil",), 214, 37,
        summary="Logement trop grand depuis la mort de sa mère, dettes de loyer.",
        then=((45, lives("guardianship", 0, protection="curatelle")),),
    ),
    _told(
        "strasbourg", "keller",
        "Anne Keller, son fils Lucas, 18 ans depuis peu, et sa fille Inès, bientôt 18 ans.", 300,
        (_person("Keller", "Anne", (1979, 1, 9), 2), _person("Keller", "Lucas", (2008, 10, 1), 1,
         "child"), _person("Keller", "Inès", (2008, 12, 1), 2, "child")),
        ("logement_social",), 205, 29, resources=(1, 142000), access=(0, 1),
        summary="Hébergés tous les trois chez la grand-mère, deux pièces.",
        then=((38, lives("turns_18", 1)),), comes_of_age=((1, 40), (2, -24)),
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
        "seine-saint-denis", "garnier",
        "Yvonne Garnier, sous tutelle : son avis est demandé, son tuteur signe.", 230,
        (_person("Garnier", "Yvonne", (1952, 3, 3), 2),), ("pension_de_famille",), 206, 36,
        summary="Sortie d’hôpital prévue, ne peut pas rentrer seule.", resources=(1, 101000),
        then=((70, lives("guardianship", 0, protection="tutelle")),),
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
        "bruxelles", "lambert",
        "Sophie Lambert et son fils Tom, en garde alternée depuis cet automne.", 220,
        (_person("Lambert", "Sophie", (1990, 6, 6), 2), _person("Lambert", "Tom", (2018, 2, 11),
         1, "child")),
        ("iml_sous_location",), 215, 29, resources=(1, 118000),
        summary="Hébergée par une collègue depuis sa séparation.",
        then=((55, lives("shared_custody", 1)),),
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
        ("alt", "bail_glissant"), 204, 29, life="separation", access=(0, 1),
        summary="Hébergés chez un ami après une expulsion.", resources=(1, 110000),
    ),
    _told(
        "deux-rives", "weber",
        "Lucie Weber : son mari André est mort ; sa demande continue, à la même date.", 290,
        (_person("Weber", "Lucie", (1964, 9, 12), 2), _person("Weber", "André", (1960, 4, 18), 1,
         "partner")),
        ("residence_sociale", "logement_social"), 209, 38, resources=(1, 124000),
        summary="Maison insalubre, arrêté pris par la commune.",
        then=((30, lives("death", 1)),),
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


def born(told: Told, today: date) -> tuple[NewPerson, ...]:
    """Its people, those who come of age near today with the birth that says so."""
    people = list(told.plan.family.people)
    for place, before in told.comes_of_age:
        day = today - timedelta(days=before)
        birth = day.replace(year=day.year - 18, day=min(day.day, 28))
        people[place] = replace(people[place], birth=birth)
    return tuple(people)
