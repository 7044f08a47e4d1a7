"""What happens when a right is answered: for the staff, and for the person alone."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind(
        "rights.copied",
        N_("Copie des données remise à la personne"),
        N_("L’équipe a préparé une copie de vos données."),
        "info",
    ),
    EventKind("rights.erased", N_("Données d’une personne effacées"), None, "warn"),
)
