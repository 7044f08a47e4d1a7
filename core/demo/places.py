"""The four territories of the demonstration: sectors, communes, teams, organisations, places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sector:
    code: str
    name: str
    authority: str


@dataclass(frozen=True)
class Land:
    """A territory to open. `areas`: commune, postcode, codes of the sectors it lies in."""

    slug: str
    name: str
    zone: str
    country: str
    langs: tuple[str, ...]
    vocabulary: str
    team_name: str
    team_phone: str
    emergency_phone: str
    sectors: tuple[Sector, ...]
    areas: tuple[tuple[str, str, tuple[str, ...]], ...]
    words: tuple[str, ...]
    """What houses and associations are named after here."""
    prescribers: tuple[tuple[str, str], ...]
    """(name, kind) of those who bring households; `{}` is a commune."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Another wording for kinds of places, where the shipped one is not spoken."""
    mobile: str = "06 39 98"

    def named(self, offer: Offer) -> str:
        """How a programme of this offer is called here: by the kind's name where it has its own."""
        own = self.kinds.get(offer.kind)
        return f"{own.split(' (')[0]} {{}}" if own else offer.name


_FRENCH = (
    ("CCAS de {}", "CCAS ou CIAS"),
    ("CCAS de {}", "CCAS ou CIAS"),
    ("Maison départementale de {}", "Maison départementale des solidarités"),
    ("Maison départementale de {}", "Maison départementale des solidarités"),
    ("Mission locale de {}", "Mission locale"),
    ("Centre hospitalier de {}", "Hôpital ou PASS"),
    ("Accueil de jour {}", "Accueil de jour"),
    ("Maraude {}", "Maraude"),
    ("SPIP de {}", "SPIP"),
    ("Service de l’enfance de {}", "ASE"),
    ("Point accueil {}", "Association"),
    ("Antenne sociale {}", "Association"),
)

STRASBOURG = Land(
    "strasbourg", "Strasbourg et Bas-Rhin", "Europe/Paris", "FR", ("fr", "en", "ar"), "fr",
    "SIAO 67, pôle Insertion Logement d’abord", "03 53 01 67 00", "115",
    (
        Sector("ems", "Eurométropole de Strasbourg", "Eurométropole de Strasbourg"),
        Sector("67", "Bas-Rhin", "DDETS du Bas-Rhin"),
        Sector("nord", "Alsace du Nord", "Collectivité européenne d’Alsace"),
        Sector("centre", "Alsace centrale", "Collectivité européenne d’Alsace"),
    ),
    (
        ("Strasbourg", "67000", ("ems", "67")), ("Schiltigheim", "67300", ("ems", "67")),
        ("Illkirch-Graffenstaden", "67400", ("ems", "67")), ("Lingolsheim", "67380", ("ems", "67")),
        ("Bischheim", "67800", ("ems", "67")), ("Ostwald", "67540", ("ems", "67")),
        ("Haguenau", "67500", ("nord", "67")), ("Wissembourg", "67160", ("nord", "67")),
        ("Saverne", "67700", ("nord", "67")), ("Sélestat", "67600", ("centre", "67")),
        ("Obernai", "67210", ("centre", "67")), ("Molsheim", "67120", ("centre", "67")),
    ),
    ("de l’Ill", "du Neuhof", "des Tanneurs", "de la Bruche", "du Canal", "des Vignes",
     "de l’Orangerie", "du Faubourg", "des Cigognes", "du Wacken", "de la Musau", "du Ried",
     "de la Meinau", "des Bateliers", "du Kochersberg", "des Glacis"),
    _FRENCH, mobile="06 39 98",
)  # fmt: skip

SEINE_SAINT_DENIS = Land(
    "seine-saint-denis", "Seine-Saint-Denis", "Europe/Paris", "FR", ("fr", "en", "ar"), "fr",
    "SIAO 93", "01 99 00 93 00", "115",
    (
        Sector("plaine", "Plaine Commune", "EPT Plaine Commune"),
        Sector("est", "Est Ensemble", "EPT Est Ensemble"),
        Sector("envol", "Paris Terres d’Envol", "EPT Paris Terres d’Envol"),
        Sector("grand-est", "Grand Paris Grand Est", "EPT Grand Paris Grand Est"),
    ),
    (
        ("Saint-Denis", "93200", ("plaine",)), ("Aubervilliers", "93300", ("plaine",)),
        ("Épinay-sur-Seine", "93800", ("plaine",)), ("La Courneuve", "93120", ("plaine",)),
        ("Montreuil", "93100", ("est",)), ("Bobigny", "93000", ("est",)),
        ("Pantin", "93500", ("est",)), ("Noisy-le-Sec", "93130", ("est",)),
        ("Aulnay-sous-Bois", "93600", ("envol",)), ("Le Blanc-Mesnil", "93150", ("envol",)),
        ("Sevran", "93270", ("envol",)), ("Noisy-le-Grand", "93160", ("grand-est",)),
        ("Rosny-sous-Bois", "93110", ("grand-est",)), ("Clichy-sous-Bois", "93390", ("grand-est",)),
    ),
    ("de la Plaine", "du Canal", "des Murs à Pêches", "de l’Ourcq", "du Fort", "des Quatre-Chemins",
     "de la Basilique", "du Parc", "des Lilas", "du Landy", "de la Dhuys", "des Beaudottes",
     "du Croissant", "de la Noue", "du Vert-Galant", "des Courtillières"),
    _FRENCH, mobile="06 39 98",
)  # fmt: skip

BRUXELLES = Land(
    "bruxelles", "Bruxelles", "Europe/Brussels", "BE", ("fr", "nl", "en"), "be",
    "Cellule orientation logement", "02 000 19 00", "02 000 19 99",
    (
        Sector("centre", "Centre et Marolles", "Ville de Bruxelles"),
        Sector("nord", "Nord et canal", "Commission communautaire commune"),
        Sector("sud", "Sud", "Commission communautaire commune"),
    ),
    (
        ("Bruxelles", "1000", ("centre",)), ("Laeken", "1020", ("nord", "centre")),
        ("Schaerbeek", "1030", ("nord",)), ("Molenbeek-Saint-Jean", "1080", ("nord",)),
        ("Saint-Josse-ten-Noode", "1210", ("nord", "centre")), ("Jette", "1090", ("nord",)),
        ("Anderlecht", "1070", ("sud",)), ("Saint-Gilles", "1060", ("sud", "centre")),
        ("Forest", "1190", ("sud",)), ("Ixelles", "1050", ("sud",)),
        ("Etterbeek", "1040", ("sud",)),
    ),
    ("du Canal", "des Marolles", "de la Senne", "du Béguinage", "des Brasseurs", "de la Cambre",
     "du Cinquantenaire", "des Étangs", "de la Barrière", "du Parvis", "des Tilleuls", "du Midi",
     "de l’Abattoir", "du Maelbeek", "des Capucins", "de l’Escaut"),
    (
        ("CPAS de {}", "CCAS ou CIAS"), ("CPAS de {}", "CCAS ou CIAS"),
        ("Service d’aide aux sans-abri {}", "Association"),
        ("Centre de jour {}", "Accueil de jour"),
        ("Équipe de rue {}", "Maraude"), ("Hôpital {}", "Hôpital ou PASS"),
        ("Maison médicale {}", "Association"), ("Service de logement {}", "Association"),
        ("Aide à la jeunesse {}", "ASE"), ("Maison de justice {}", "SPIP"),
        ("Guidance à domicile {}", "Association"), ("Centre social {}", "Association"),
    ),
    kinds={
        "chrs": "Maison d’accueil",
        "chu": "Accueil d’urgence",
        "stabilisation": "Asile de nuit",
        "alt": "Logement de transit",
        "residence_sociale": "Logement accompagné",
        "fjt": "Kot social",
        "rhj": "Logement supervisé pour jeunes",
        "pension_de_famille": "Habitat solidaire",
        "residence_accueil": "Habitation protégée",
        "iml_mandat": "Agence immobilière sociale (AIS)",
        "iml_sous_location": "Logement de transition AIS",
        "bail_glissant": "Capteur logement, bail glissant",
        "logement_social": "Logement social (SISP)",
    },
    mobile="0470 00",
)  # fmt: skip

DEUX_RIVES = Land(
    "deux-rives", "Deux-Rives", "Europe/Paris", "FR", ("fr", "en"), "fr",
    "SIAO des Deux-Rives, pôle Insertion et accès au logement", "05 36 49 88 00", "115",
    (
        Sector("haut", "Haut-Pays", "DDETSPP des Deux-Rives"),
        Sector("vallee", "Vallée de l’Aune", "DDETSPP des Deux-Rives"),
        Sector("plaine", "Plaine et Chef-lieu", "DDETSPP des Deux-Rives"),
        Sector("littoral", "Littoral", "DDETSPP des Deux-Rives"),
    ),
    (
        ("Aunay-le-Chef", "88010", ("plaine",)), ("Bourg-sur-Aune", "88120", ("vallee", "plaine")),
        ("Montfaure", "88200", ("haut",)), ("Saint-Aubrin", "88210", ("haut",)),
        ("Pierrelongue", "88220", ("haut",)), ("Valmare", "88130", ("vallee",)),
        ("Les Deux-Ponts", "88140", ("vallee",)), ("Chantereine", "88030", ("plaine",)),
        ("Port-Orgeval", "88300", ("littoral",)), ("La Grève", "88310", ("littoral",)),
        ("Roquecaille", "88320", ("littoral",)),
    ),
    ("de l’Aune", "du Bac", "des Deux Ponts", "de la Halle", "du Moulin", "des Salines",
     "du Haut-Pays", "de la Gare", "du Phare", "des Peupliers", "du Vieux Bourg",
     "de la Passerelle", "des Tisserands", "du Verger", "de la Fontaine", "des Remparts"),
    _FRENCH, mobile="06 39 98",
)  # fmt: skip

LANDS = (STRASBOURG, SEINE_SAINT_DENIS, BRUXELLES, DEUX_RIVES)


@dataclass(frozen=True)
class Offer:
    """How a kind of place looks in the demonstration: programmes, units, sizes, monthly cost."""

    kind: str
    programmes: int
    units: int
    name: str
    sizes: tuple[tuple[str, int, int], ...]
    """(typology, smallest and largest household), taken in turn."""
    cost: int
    """Euros a month for one person; larger places cost more."""


_ROOMS = (("single_room", 1, 1), ("single_room", 1, 1), ("room_2", 1, 2))
_STUDIOS = (("studio", 1, 1), ("t1", 1, 1), ("t1bis", 1, 2))
_FLATS = (("t2", 1, 3), ("t3", 2, 4), ("t4", 3, 6), ("t1", 1, 2), ("t3", 2, 5))

OFFERS = (
    Offer("chrs", 5, 100, "CHRS {}", (*_ROOMS, ("t2", 2, 3), ("t3", 2, 5)), 60),
    Offer("chu", 3, 60, "Centre d’hébergement {}", _ROOMS, 0),
    Offer("stabilisation", 1, 20, "Centre de stabilisation {}", _ROOMS, 40),
    Offer("rhvs", 1, 30, "Résidence hôtelière {}", (("room_2", 1, 2), ("room_3", 2, 3)), 240),
    Offer("alt", 4, 60, "Logements temporaires {}", _FLATS, 150),
    Offer("residence_sociale", 4, 100, "Résidence sociale {}", _STUDIOS, 420),
    Offer("fjt", 2, 40, "Foyer de jeunes travailleurs {}", _STUDIOS, 390),
    Offer("rhj", 1, 20, "Résidence habitat jeunes {}", _STUDIOS, 400),
    Offer("pension_de_famille", 4, 70, "Pension de famille {}", _STUDIOS, 380),
    Offer("residence_accueil", 1, 15, "Résidence accueil {}", _STUDIOS, 390),
    Offer("iml_sous_location", 2, 35, "Intermédiation locative {}", _FLATS, 310),
    Offer("iml_mandat", 1, 15, "Gestion locative sociale {}", _FLATS, 380),
    Offer("bail_glissant", 1, 15, "Bail glissant {}", _FLATS, 400),
    Offer("logement_social", 1, 12, "Logements sociaux {}", _FLATS, 390),
    Offer("lhss", 1, 8, "Lits halte soins santé {}", (("single_room", 1, 1),), 0),
)
"""31 programmes, 600 places; the rest of the 40 organisations bring households."""
