"""What happens on waiting lists beyond the entry's machine: staff and resident sentences."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind(
        "entry.entered",
        N_("Inscrite sur une liste d’attente"),
        N_("Vous êtes sur une liste d’attente."),
        "info",
    ),
    EventKind("entry.tried", N_("Essai pour joindre le ménage")),
    EventKind(
        "entry.lapse_announced",
        N_("Sortie de liste annoncée au ménage"),
        N_("Sans nouvelles, vous allez sortir de la liste. Appelez-nous."),
        "warn",
    ),
    EventKind("ranking.signed", N_("Règle de classement signée")),
    EventKind("ranking.applied", N_("Règle de classement entrée en vigueur")),
    EventKind("entry.key_worker_told", N_("Référent prévenu d’une sortie de liste possible")),
)
