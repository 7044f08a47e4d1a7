"""What happens between a person and the team: a message, its answer."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("message.written", N_("Message reçu"), tone="info"),
    EventKind(
        "message.answered", N_("Réponse envoyée"), N_("Vous avez une réponse à votre message.")
    ),
)
"""Both carry the person: what one adult writes is never told to the other."""
