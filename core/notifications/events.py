"""What happens between a person and the team: a message, its answer."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("message.written", N_("Message reçu"), tone="info"),
    EventKind(
        "message.answered", N_("Réponse envoyée"), N_("Vous avez une réponse à votre message.")
    ),
    EventKind("person.contact_said", N_("Façon de joindre la personne notée")),
    EventKind("letter.posted", N_("Courrier posté"), tone="info"),
    EventKind("letter.handed", N_("Courrier remis en main propre"), tone="info"),
    EventKind("letter.returned", N_("Courrier revenu"), tone="warn"),
    EventKind("letter.undone", N_("Envoi d’un courrier annulé")),
)
"""All carry the person: what one adult writes is never told to the other."""
