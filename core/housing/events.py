"""What happens to organisations, programmes and units, beyond the vacancy's machine."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("housing.kind_reworded", N_("Type de place modifié.")),
    EventKind("organisation.registered", N_("Organisation ajoutée au territoire.")),
    EventKind("organisation.contact_changed", N_("Coordonnées de l’organisation modifiées.")),
    EventKind("programme.opened", N_("Structure ouverte.")),
    EventKind("programme.changed", N_("Fiche de la structure modifiée.")),
    EventKind("programme.kind_changed", N_("Type de la structure modifié.")),
    EventKind("unit.added", N_("Place ajoutée.")),
    EventKind("unit.changed", N_("Fiche de la place modifiée.")),
    EventKind("unit.closed", N_("Place fermée.")),
    EventKind("vacancy.declared", N_("Place déclarée libre.")),
    EventKind("vacancy.noted", N_("Note de la place modifiée.")),
)
