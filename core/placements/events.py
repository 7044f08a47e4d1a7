"""What happens to referrals and stays beyond their machines: staff and resident sentences."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind(
        "referral.proposed", N_("Orientation proposée."), N_("Un lieu vous est proposé."), "info"
    ),
    EventKind(
        "referral.visit_asked",
        N_("Le ménage demande à visiter avant de répondre."),
        N_("Votre demande de visite est notée. L’équipe cherche une date."),
        notice=False,
    ),
    EventKind(
        "referral.visit_planned",
        N_("Visite fixée avant la réponse du ménage."),
        N_("La visite est fixée. Lisez le jour et le lieu."),
        "info",
    ),
    EventKind(
        "referral.visit_held",
        N_("Visite faite."),
        N_("La visite est faite. Vous pouvez répondre."),
        "info",
    ),
    EventKind(
        "referral.visit_missed",
        N_("La visite n’a pas eu lieu : rien n’est retenu contre le ménage."),
        N_("La visite n’a pas eu lieu. Vous pouvez encore répondre."),
        "info",
    ),
    EventKind(
        "referral.visit_cancelled",
        N_("Visite annulée."),
        N_("La visite est annulée."),
        notice=False,
    ),
    EventKind("referral.stalled", N_("L’orientation n’avance plus : à relancer."), None, "warn"),
    EventKind("referral.alert_read", N_("Alerte d’une orientation lue.")),
    EventKind("procedure.written", N_("Procédure d’orientation en vigueur à une date.")),
    EventKind(
        "procedure.to_confirm", N_("Procédure d’orientation à relire par une autre personne.")
    ),
    EventKind("procedure.dropped", N_("Procédure d’orientation écartée.")),
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
        N_("Deux personnes ont lu votre raison. Lisez la suite et comment contester."),
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
