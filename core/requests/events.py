"""What happens to demandes beyond their machine: staff and resident sentences."""

from core.extension.contributions import EventKind
from core.kernel.words import N_
from core.requests.seniority import SENTENCES

EVENT_KINDS = (
    EventKind("request.opened", N_("Demande ouverte"), N_("Votre demande se prépare."), "info"),
    EventKind("request.changed", N_("Demande complétée")),
    EventKind("request.recommended", N_("Préconisation notée")),
    EventKind(
        "request.carried",
        N_("Demande reprise après un changement du ménage, ancienneté conservée"),
        N_("Votre demande continue. Votre date d’inscription ne change pas."),
        "info",
    ),
    EventKind("request.joined", N_("Une autre demande est réunie à celle-ci"), None, "info"),
    EventKind("request.tagged", N_("Mention ajoutée à la demande")),
    EventKind("request.untagged", N_("Mention de la demande terminée")),
    EventKind("request.to_review", N_("Préconisation à revoir avec le ménage"), None, "warn"),
    EventKind(
        "request.refresh_reminder",
        N_("Actualisation bientôt due"),
        N_("Votre demande sera bientôt à mettre à jour. Appelez votre référent."),
        "info",
    ),
    *(
        EventKind(f"seniority.{kind}", staff, SENTENCES[kind], "warn")
        for kind, staff in (
            ("correction", N_("Ancienneté corrigée")),
            ("earlier_request", N_("Ancienneté d’une demande antérieure reprise")),
            ("given_back", N_("Ancienneté rendue")),
            ("oldest_kept", N_("Ancienneté la plus longue gardée")),
            ("restart", N_("Ancienneté reprise à la nouvelle transmission")),
        )
    ),
)
