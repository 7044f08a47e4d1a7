"""What happens to households and people, beyond any state machine: staff and resident sentences."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("household.created", N_("Dossier ouvert"), N_("Votre dossier est ouvert."), "info"),
    EventKind("household.changed", N_("Coordonnées du ménage modifiées")),
    EventKind("household.closed", N_("Dossier du ménage fermé")),
    EventKind("household.member_joined", N_("Une personne entre dans le ménage")),
    EventKind("household.member_left", N_("Une personne quitte le ménage")),
    EventKind("household.member_changed", N_("Place d’une personne dans le ménage modifiée")),
    EventKind("household.life_event", N_("Événement de vie noté"), None, "info"),
    EventKind("household.separated", N_("Dossier ouvert après une séparation"), None, "info"),
    EventKind("household.stay_to_review", N_("Logement actuel à vérifier"), None, "warn"),
    EventKind("household.access_to_offer", N_("Un accès personnel est à proposer"), None, "warn"),
    EventKind("person.changed", N_("Fiche d’une personne modifiée")),
    EventKind("person.situation", N_("Situation de logement notée")),
    EventKind("person.protection", N_("Mesure de protection notée")),
    EventKind("person.messages_stopped", N_("Plus aucun message vers cette personne")),
    EventKind("answer.given", N_("Réponse notée")),
    EventKind("note.written", N_("Note ajoutée")),
    EventKind("question.asked", N_("Question posée au référent"), None, "info"),
    EventKind("question.answered", N_("Réponse du référent"), None, "info"),
    EventKind(
        "key_worker.assigned",
        N_("Référent nommé"),
        N_("Une personne suit votre dossier. Son nom est sur votre page d’accueil."),
        "info",
    ),
    EventKind(
        "key_worker.changed",
        N_("Référent changé"),
        N_("Une autre personne suit votre dossier. Son nom est sur votre page d’accueil."),
        "info",
    ),
    EventKind("key_worker.ended", N_("Référent terminé"), None, "warn"),
    EventKind(
        "shelter.handed",
        N_("Dossier transmis au 115"),
        N_("Le 115 connaît votre besoin pour cette nuit."),
        "info",
    ),
    EventKind("shelter.received", N_("Dossier reçu du 115"), None, "info"),
    EventKind("shelter.settled", N_("Suite donnée par le 115")),
    EventKind(
        "mandate.given",
        N_("Autorisation d’aide notée"),
        N_("Une personne peut vous aider ici. Vous pouvez arrêter quand vous voulez."),
    ),
    EventKind(
        "circle.joined",
        N_("Proche autorisé à recevoir des lettres"),
        N_("Une personne proche peut recevoir vos lettres. Vous pouvez arrêter cela."),
        notice=False,
    ),
    EventKind(
        "circle.left",
        N_("Un proche ne reçoit plus de lettres"),
        N_("Cette personne proche ne reçoit plus vos lettres."),
        notice=False,
    ),
    EventKind("mandate.used", N_("Espace ouvert avec une autorisation d’aide"), None, "info"),
    EventKind("mandate.ended", N_("Autorisation d’aide terminée"), N_("L’aide est arrêtée.")),
)
