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


def typology_labels() -> dict[str, str]:
    """French name of each category of place, in the list's order."""
    return {item.group: item.label for item in code_list("place_category").items}
