"""Believable households: names of many origins, ages, compositions, what they need and answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.households.service import NewPerson

FAMILIES: Sequence[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], int]] = (
    (
        "fr",
        ("Martin", "Bernard", "Muller", "Schmitt", "Petit", "Robert", "Klein", "Meyer", "Lefèvre",
         "Moreau", "Fontaine", "Garnier", "Rousseau", "Legrand", "Barbier", "Renaud", "Colin"),
        ("Thierry", "Jean-Marc", "Kévin", "Lucas", "Michel", "Éric", "Dylan", "Patrick", "Hugo"),
        ("Sandrine", "Nathalie", "Léa", "Jessica", "Martine", "Chloé", "Élodie", "Anaïs", "Émilie"),
        30,
    ),
    (
        "ar",
        ("Benali", "Haddad", "Bouzid", "Mansouri", "Cherif", "El Amrani", "Saïdi", "Belkacem",
         "Ziani", "Hamdi", "Trabelsi", "Khelifi", "Ouali"),
        ("Karim", "Mehdi", "Youssef", "Rachid", "Nabil", "Sofiane", "Ilyès", "Hicham"),
        ("Nadia", "Samira", "Yasmine", "Fatima", "Leïla", "Soraya", "Amel", "Inès"),
        20,
    ),
    (
        "fr",
        ("Diallo", "Traoré", "Koné", "Camara", "Sow", "Cissé", "Keïta", "Bamba", "Ndiaye",
         "Ouédraogo", "Mbemba", "Nzuzi", "Kabongo", "Ilunga"),
        ("Mamadou", "Ibrahima", "Moussa", "Cheikh", "Patrice", "Junior", "Abdoulaye", "Serge"),
        ("Aminata", "Mariam", "Fatou", "Awa", "Grâce", "Bénédicte", "Kadiatou", "Rokia"),
        20,
    ),
    (
        "en",
        ("Okafor", "Osei", "Tesfaye", "Abebe", "Kiflu", "Hassan Omar", "Adeyemi", "Mensah"),
        ("Samuel", "Daniel", "Yonas", "Filmon", "Abdi", "Emeka"),
        ("Ruth", "Selam", "Blessing", "Hodan", "Miriam", "Joy"),
        7,
    ),
    (
        "ro",
        ("Popescu", "Ionescu", "Radu", "Stan", "Dumitru", "Lăcătuș", "Munteanu"),
        ("Ionuț", "Marian", "Florin", "Cristian"),
        ("Elena", "Mihaela", "Ana-Maria", "Daniela"),
        6,
    ),
    (
        "uk",
        ("Kovalenko", "Shevchenko", "Bondar", "Tkachenko", "Melnyk"),
        ("Oleh", "Andriy", "Dmytro"),
        ("Olena", "Iryna", "Natalia", "Oksana"),
        4,
    ),
    (
        "ka",
        ("Beridze", "Kapanadze", "Gelashvili", "Lomidze", "Hoxha", "Krasniqi", "Gashi"),
        ("Giorgi", "Levan", "Arben", "Besnik"),
        ("Nino", "Mariam", "Drita", "Valbona"),
        5,
    ),
    (
        "fa",
        ("Ahmadi", "Rahimi", "Karimi", "Noori", "Hosseini"),
        ("Reza", "Ali", "Hamid", "Farid"),
        ("Zahra", "Maryam", "Parwana", "Shirin"),
        4,
    ),
    (
        "es",
        ("Da Silva", "Ferreira", "García", "Moreno", "Quispe", "Ramírez"),
        ("João", "Carlos", "Miguel", "Paulo"),
        ("Maria", "Lucía", "Rosa", "Carla"),
        4,
    ),
)  # fmt: skip

GIRLS = (
    "Lina", "Sarah", "Emma", "Jade", "Mila", "Assia", "Louise", "Nour", "Maya", "Zoé",
)  # fmt: skip
BOYS = (
    "Adam", "Noé", "Rayan", "Ibrahim", "Elias", "Isaac", "Naël", "Amir", "Gabriel", "Souleymane",
)  # fmt: skip
CHILDREN = tuple((name, sex) for sex, names in ((2, GIRLS), (1, BOYS)) for name in names)
"""A child's given name with the sex it goes with (SI-SIAO code)."""

SHAPES = (("man", 36), ("woman", 18), ("couple", 7), ("mother", 19), ("father", 4), ("family", 16))
"""Compositions and how often they come, as in a SIAO of a large town."""

KINDS_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "young": (
        ("fjt", "rhj"), ("rhj", "residence_sociale"), ("chrs", "fjt"), ("residence_sociale",),
    ),
    "alone": (
        ("chrs", "residence_sociale"), ("residence_sociale",), ("pension_de_famille",),
        ("chrs",), ("residence_sociale", "pension_de_famille"), ("stabilisation", "chrs"),
        ("residence_accueil", "pension_de_famille"), ("chu", "chrs"), ("iml_sous_location",),
    ),
    "household": (
        ("alt", "iml_sous_location"), ("chrs", "alt"), ("iml_sous_location", "bail_glissant"),
        ("alt",), ("logement_social",), ("rhvs", "alt"), ("iml_mandat", "logement_social"),
    ),
}  # fmt: skip

REASONS_OF = {
    "alone": (203, 203, 205, 205, 201, 215, 206, 218, 217, 204),
    "young": (205, 207, 215, 203, 205),
    "household": (205, 204, 214, 220, 217, 216, 210, 225, 209, 205),
}
SITUATION_OF = {
    203: (20, 28), 205: (29, 30), 201: (29, 28), 215: (29, 55), 206: (36,), 218: (25,),
    217: (31, 32), 204: (45, 46), 207: (42,), 214: (37, 38), 220: (55, 35), 216: (22, 56),
    210: (37,), 225: (52,), 209: (38, 37),
}  # fmt: skip
"""SI-SIAO situations that go with a reason."""

STREETS = (
    "domiciliation, 3 place de la Gare", "chez un proche, 14 rue des Lilas", "12 rue du Moulin",
    "hôtel, chambre 8, avenue de la Paix", "domiciliation au CCAS", "7 impasse des Jardins",
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A household to come: its people, what brings it, what would fit."""

    people: tuple[NewPerson, ...]
    shape: str
    public: str
    reason: int
    situation: int
    since: date
    kinds: tuple[str, ...]
    support: int
    resources: tuple[int, int | None]
    animals: int
    accessible: int
    phone: str
    address: str
    language: str


def make_family(rng: Random, on: date, phone: str) -> Family:
    """One household as it stands when it comes in, on that day."""
    origin = rng.choices(FAMILIES, [f[4] for f in FAMILIES])[0]
    language, names, men, women, _ = origin
    shape = rng.choices([s for s, _ in SHAPES], [w for _, w in SHAPES])[0]
    young = shape in ("man", "woman") and rng.random() < 0.28
    years = rng.randint(18, 25) if young else min(78, max(23, round(rng.gauss(40, 12))))
    main_sex = 2 if shape in ("woman", "mother") else 1 if shape in ("man", "father") else 0
    main_sex = main_sex or rng.choice((1, 2))
    name = rng.choice(names)
    given = rng.choice(women if main_sex == 2 else men)
    people = [
        NewPerson(name, given, _birth(rng, on, years), main_sex, "main", phone, language=language)
    ]
    if shape in ("couple", "family"):
        other = rng.choice(men if main_sex == 2 else women)
        family = name if rng.random() < 0.6 else rng.choice(names)
        age = max(19, years + rng.randint(-6, 6))
        people.append(
            NewPerson(family, other, _birth(rng, on, age), 3 - main_sex, "partner",
                      language=language)
        )  # fmt: skip
    if shape in ("mother", "father", "family"):
        count = rng.choices((1, 2, 3, 4), (42, 34, 17, 7))[0]
        for child, sex in rng.sample(CHILDREN, count):
            age = rng.randint(0, min(16, max(1, years - 19)))
            people.append(
                NewPerson(name, child, _birth(rng, on, age), sex, "child",
                          language=language, shared_custody=rng.random() < 0.05)
            )  # fmt: skip
    public = "young" if young else "alone" if len(people) == 1 else "household"
    reason = rng.choice(REASONS_OF[public])
    support = rng.choices((1, 2, 3, 4), (20, 40, 28, 12))[0]
    income = rng.choices(("given", "none", "refused", "unknown"), (78, 12, 4, 6))[0]
    cents = 100 * rng.choice((0, 565, 607, 635, 870, 971, 1100, 1250, 1400, 1650, 1900))
    resources = {"given": (1, cents), "none": (2, None), "refused": (3, None)}.get(
        income, (4, None)
    )
    return Family(
        tuple(people), shape, public, reason, rng.choice(SITUATION_OF[reason]),
        on - timedelta(days=rng.randint(5, 500)), rng.choice(KINDS_OF[public]), support,
        resources, rng.choices((1, 2), (1, 9))[0], rng.choices((1, 2, 4), (6, 80, 14))[0],
        phone, rng.choice(STREETS), language,
    )  # fmt: skip


def _birth(rng: Random, on: date, years: int) -> date:
    return on - timedelta(days=years * 365 + years // 4 + rng.randint(1, 360))
