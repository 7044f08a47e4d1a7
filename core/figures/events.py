"""What happens to the figures of a structure: drafted, commented, published."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("figures.drafted", N_("Chiffres proposés à la relecture de la structure.")),
    EventKind("figures.commented", N_("Chiffres commentés par la structure.")),
    EventKind("figures.published", N_("Chiffres publiés, avec le commentaire de la structure.")),
)
