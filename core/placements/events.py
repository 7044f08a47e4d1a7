"""What happens to referrals and stays beyond their machines: staff and resident sentences."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind(
        "referral.proposed", N_("Orientation proposée."), N_("Un lieu vous est proposé."), "info"
    ),
    EventKind(
        "referral.deadline_soon",
        N_("Délai de réponse bientôt passé : ménage et référents prévenus."),
        N_("Le délai pour répondre se termine bientôt. Répondez vite."),
        "warn",
    ),
    EventKind("referral.try_traced", N_("Essai pour joindre le ménage.")),
    EventKind(
        "referral.passed_over",
        N_("Place proposée à un autre ménage, motif noté."),
        N_("Un lieu a été proposé à d’autres personnes. La raison est écrite."),
    ),
    EventKind(
        "referral.judged_once",
        N_("Refus jugé irrecevable par une première personne ; un deuxième avis est attendu."),
        None,
        "warn",
    ),
    EventKind(
        "referral.judged_inadmissible",
        N_("Refus jugé irrecevable par deux personnes."),
        N_("Deux personnes ont lu votre raison. Votre référent va vous expliquer la suite."),
        "warn",
    ),
    EventKind(
        "referral.judged_admissible",
        N_("Refus jugé recevable : rien ne change pour le ménage."),
        N_("Votre raison est acceptée. Votre date d’inscription ne change pas."),
        "ok",
    ),
    EventKind(
        "referral.to_check",
        N_("Le ménage a changé pendant la proposition : à confirmer ou à retirer."),
        N_("Votre situation a changé. L’équipe vérifie que le lieu vous convient toujours."),
        "warn",
    ),
    EventKind(
        "referral.change_confirmed",
        N_("Proposition confirmée pour le ménage tel qu’il est maintenant."),
        N_("L’équipe a vérifié. Le lieu vous est toujours proposé."),
        "ok",
    ),
    EventKind("referral.deadline_moved", N_("Délai de l’orientation prolongé.")),
    EventKind(
        "placement.direct",
        N_("Admission en urgence par la structure ; le SIAO est informé."),
        N_("Vous êtes dans les lieux."),
        "ok",
    ),
    EventKind(
        "emergency.declared", N_("Admission en urgence déclarée, à confirmer."), None, "warn"
    ),
    EventKind("emergency.confirmed", N_("Admission en urgence confirmée par le SIAO.")),
    EventKind("emergency.set_aside", N_("Admission en urgence écartée par le SIAO.")),
    EventKind("placement.declared_double", N_("Double présence déclarée."), None, "warn"),
    EventKind("refusal_reason.reworded", N_("Motif de refus modifié.")),
)
