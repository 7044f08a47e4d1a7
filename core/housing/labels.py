"""Names of the codes of housing on the screen: typologies, leases, devices."""

from __future__ import annotations

from core.kernel.words import N_
from core.territories.codes import code_list

LEASE_LABELS = {
    "sejour": N_("Contrat de séjour ou DIPC"),
    "hotel": N_("Contrat hôtelier"),
    "occupation": N_("Convention d’occupation"),
    "titre_occupation": N_("Contrat de résidence"),
    "bail_direct": N_("Bail direct"),
    "sous_location": N_("Sous-location"),
    "bail_glissant": N_("Bail glissant"),
}
"""What gives a household the right to be there."""

DEVICE_LABELS = {
    "hebergement": N_("Hébergement"),
    "logement_accompagne": N_("Logement accompagné"),
    "logement": N_("Logement"),
    "soin": N_("Soin"),
}

PLAIN_SIZES = {
    "single_room": N_("Une chambre pour vous"),
    "room_2": N_("Une chambre pour 2 personnes"),
    "room_3": N_("Une chambre pour 3 personnes"),
    "room_4": N_("Une chambre pour 4 personnes"),
    "room_5_plus": N_("Une chambre pour 5 personnes ou plus"),
    "dormitory": N_("Un dortoir"),
    "studio": N_("Un studio"),
    "t1": N_("Un logement d’une pièce"),
    "t1bis": N_("Un logement d’une pièce et demie"),
    "t2": N_("Un logement de 2 pièces"),
    "t3": N_("Un logement de 3 pièces"),
    "t4": N_("Un logement de 4 pièces"),
    "t5": N_("Un logement de 5 pièces"),
    **dict.fromkeys(("t6", "t7", "t8", "t9"), N_("Un logement de 6 pièces ou plus")),
    "modular": N_("Une partie d’un logement"),
}
"""Sizes as people say them, on the portal and in a letter."""


def typology_labels() -> dict[str, str]:
    """French name of each category of place, in the list's order."""
    return {item.group: item.label for item in code_list("place_category").items}
