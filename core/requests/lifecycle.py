"""The life cycle of a housing request (demande): states, acts, needs, sentences.

The official list of SI-SIAO statuses is not public: these states are a proposal built on the
attested ones (à compléter, transmise, à mettre à jour, annulée, en attente) and on the four
outcomes of a commission (validate, adjourn, complex cases, refuse).
"""

from __future__ import annotations

from core.kernel.machine import N_, Machine, Need, State, Transition

STATES = {
    "draft": State(N_("Brouillon"), N_("Votre demande se prépare."), "neutral"),
    "sent": State(N_("Transmise"), N_("Votre demande est envoyée."), "info"),
    "in_review": State(N_("En instruction"), N_("Une personne lit votre demande."), "info"),
    "incomplete": State(N_("À compléter"), N_("Il manque des informations."), "warn"),
    "in_commission": State(N_("En commission"), N_("Une réunion va décider."), "info"),
    "validated": State(N_("Validée"), N_("Votre demande est acceptée."), "ok"),
    "adjourned": State(N_("Ajournée"), N_("La décision est reportée."), "warn"),
    "refused": State(N_("Refusée"), N_("Votre demande n’est pas acceptée."), "error"),
    "special_cases": State(
        N_("Cas particuliers"), N_("Plusieurs équipes cherchent une solution."), "info"
    ),
    "waiting": State(N_("En liste d’attente"), N_("Vous êtes sur une liste d’attente."), "info"),
    "referred": State(N_("Orientée"), N_("Un lieu vous est proposé."), "ok"),
    "admitted": State(N_("Admise"), N_("Un lieu vous attend."), "ok"),
    "closed": State(N_("Close"), N_("Votre demande est terminée."), "neutral"),
    "to_refresh": State(N_("À mettre à jour"), N_("Votre demande est à mettre à jour."), "warn"),
    "suspended": State(N_("Suspendue"), N_("Votre demande est en pause."), "neutral"),
    "cancelled": State(N_("Annulée"), N_("Votre demande est annulée."), "neutral"),
}

UNDER_REVIEW = ("sent", "in_review", "in_commission", "special_cases")
ENDED = ("refused", "closed", "cancelled")
"""States from which nothing is waited for any more; a refused request may be re-examined."""

COMPLETE = Need("complete", N_("Des informations nécessaires à la transmission manquent."))
INFORMED = Need("informed", N_("Le ménage n’a pas encore été informé de l’usage de ses données."))
ITEMS = Need("missing_items", N_("Indiquez ce qui manque."))
DATE = Need("due_date", N_("Indiquez une date."))
REASON = Need("reason", N_("Indiquez un motif."))
REMEDIES = Need("remedies", N_("Indiquez les voies et délais de recours."))
RECOMMENDED = Need("recommendation", N_("Indiquez au moins une préconisation."))
VACANCY = Need("vacancy_held", N_("La place n’est pas réservée pour ce ménage."))
SECOND = Need(
    "second_person", N_("Une deuxième personne doit confirmer que le refus est irrecevable.")
)
WAS_LISTED = Need("was_listed", N_("Cette demande n’était pas encore en liste d’attente."))
WAS_SENT = Need("was_sent", N_("Cette demande n’avait pas encore été transmise."))
NOT_SENT = Need("never_sent", N_("Cette demande a déjà été transmise : réactivez-la."))
NOTHING_HERE = Need("nothing_here", N_("Une orientation est en cours ici : répondez-y d’abord."))
OVERDUE = Need("refresh_overdue", N_("La date d’actualisation n’est pas encore passée."))
KEPT = Need(
    "seniority_kept",
    N_("Après un refus jugé irrecevable, la demande doit être transmise à nouveau."),
)

# A table: one act, then who, what is recorded, what each side reads, what it needs.
# fmt: off
TRANSITIONS = (
    Transition(
        "transmit", ("draft",), "sent", "requests.transmit", "request.sent",
        N_("Demande transmise au SIAO."), N_("Votre demande est envoyée."), (COMPLETE, INFORMED),
    ),
    Transition(
        "take_up", ("sent",), "in_review", "requests.review", "request.taken_up",
        N_("Instruction commencée."), N_("Une personne lit votre demande."),
    ),
    Transition(
        "ask_missing", ("sent", "in_review"), "incomplete", "requests.review",
        "request.incomplete", N_("Compléments demandés."),
        N_("Il manque des informations. Lisez la liste."), (ITEMS, DATE),
    ),
    Transition(
        "complete", ("incomplete",), "sent", "requests.transmit", "request.completed",
        N_("Compléments reçus, demande transmise à nouveau."),
        N_("Les informations sont arrivées. Votre demande continue."), (COMPLETE,),
    ),
    Transition(
        "put_on_agenda", ("in_review",), "in_commission", "requests.review",
        "request.put_on_agenda", N_("Inscrite à l’ordre du jour d’une commission."),
        N_("Une réunion va étudier votre demande."), (DATE,),
    ),
    Transition(
        "take_off_agenda", ("in_commission",), "in_review", "requests.review",
        "request.taken_off_agenda", N_("Retirée de l’ordre du jour."),
        N_("La réunion est changée. Votre demande continue."), (REASON,),
    ),
    Transition(
        "validate", UNDER_REVIEW, "validated", "requests.decide", "request.validated",
        N_("Demande validée."), N_("Votre demande est acceptée."), (RECOMMENDED,),
    ),
    Transition(
        "validate_and_list", UNDER_REVIEW, "waiting", "requests.decide",
        "request.validated_and_listed", N_("Demande validée et inscrite en liste d’attente."),
        N_("Votre demande est acceptée. Vous êtes sur une liste d’attente."), (RECOMMENDED,),
    ),
    Transition(
        "list", ("validated",), "waiting", "requests.decide", "request.listed",
        N_("Inscrite en liste d’attente."), N_("Vous êtes sur une liste d’attente."),
        (RECOMMENDED,),
    ),
    Transition(
        "adjourn", UNDER_REVIEW, "adjourned", "requests.decide", "request.adjourned",
        N_("Décision ajournée jusqu’à réception des compléments."),
        N_("La décision est reportée. Il manque des informations."), (ITEMS, DATE),
    ),
    Transition(
        "return_from_adjournment", ("adjourned",), "in_review", "requests.review",
        "request.returned", N_("Retour en instruction après ajournement."),
        N_("Votre demande est étudiée à nouveau."),
        (Need("items_received_or_due", N_("Les compléments ne sont pas arrivés et la date n’est "
                                          "pas passée.")),),
    ),
    Transition(
        "send_to_special_cases", ("sent", "in_review", "in_commission"), "special_cases",
        "requests.decide", "request.sent_to_special_cases", N_("Inscrite aux cas particuliers."),
        N_("Plusieurs équipes vont chercher une solution avec vous."), (REASON,),
    ),
    Transition(
        "refuse", UNDER_REVIEW, "refused", "requests.decide", "request.refused",
        N_("Demande refusée."),
        N_("Votre demande n’est pas acceptée."),
        (REASON, REMEDIES),
    ),
    Transition(
        "reexamine", ("refused",), "in_review", "requests.review", "request.reexamined",
        N_("Réexamen ouvert."), N_("Votre demande est étudiée à nouveau."),
        (Need("asked_again", N_("Le ménage ou son référent n’a pas demandé de réexamen.")),),
    ),
    Transition(
        "refer", ("validated", "waiting"), "referred", "requests.refer", "request.referred",
        N_("Orientation proposée."), N_("Un lieu vous est proposé."), (VACANCY,),
    ),
    Transition(
        "return_to_list", ("referred", "admitted"), "waiting", "requests.refer",
        "request.returned_to_list", N_("Retour en liste d’attente, ancienneté conservée."),
        N_("Vous restez sur la liste. Votre date d’inscription ne change pas."), (REASON,),
    ),
    Transition(
        "return_to_refresh", ("referred", "waiting"), "to_refresh", "requests.judge_refusal",
        "request.refusal_inadmissible",
        N_("Refus jugé irrecevable : demande à mettre à jour, ancienneté reprise à la prochaine "
           "transmission."),
        N_("Votre demande est à mettre à jour. Votre date d’inscription va changer."),
        (REASON, SECOND),
    ),
    Transition(
        "admit", ("referred",), "admitted", "requests.refer", "request.admitted",
        N_("Admission prononcée."), N_("Votre demande est acceptée. Un lieu vous attend."),
    ),
    Transition(
        "close", ("admitted",), "closed", "requests.refer", "request.closed",
        N_("Demande close après l’entrée dans les lieux."),
        N_("Vous êtes dans les lieux. Votre demande est terminée."),
        (Need("moved_in", N_("L’entrée dans les lieux n’est pas enregistrée.")),),
    ),
    Transition(
        "close_otherwise",
        ("sent", "in_review", "incomplete", "in_commission", "validated", "adjourned",
         "special_cases", "waiting", "to_refresh", "suspended"),
        "closed", "requests.close", "request.closed_otherwise",
        N_("Demande close sans entrée dans les lieux."), N_("Votre demande est terminée."),
        (REASON,),
    ),
    Transition(
        "close_otherwise", ("referred", "admitted"), "closed", "requests.close",
        "request.closed_otherwise", N_("Demande close sans entrée dans les lieux."),
        N_("Votre demande est terminée."), (REASON, NOTHING_HERE),
    ),
    Transition(
        "mark_to_refresh", ("validated", "waiting"), "to_refresh", "requests.refresh",
        "request.refresh_due", N_("Actualisation à faire."),
        N_("Votre demande est à mettre à jour. Vous gardez votre date d’inscription."),
        (OVERDUE,),
    ),
    Transition(
        "refresh", ("validated",), "validated", "requests.refresh", "request.refreshed",
        N_("Demande actualisée."), N_("Votre demande est à jour."),
    ),
    Transition(
        "refresh", ("to_refresh", "waiting"), "waiting", "requests.refresh", "request.refreshed",
        N_("Demande actualisée."), N_("Votre demande est à jour."), (KEPT,),
    ),
    Transition(
        "retransmit", ("to_refresh",), "sent", "requests.transmit", "request.sent_again",
        N_("Demande transmise à nouveau."), N_("Votre demande est envoyée à nouveau."),
        (COMPLETE,),
    ),
    Transition(
        "suspend", ("sent", "in_review", "incomplete", "validated", "waiting"), "suspended",
        "requests.refresh", "request.suspended", N_("Demande suspendue."),
        N_("Votre demande est en pause. Vous gardez votre date d’inscription."), (REASON,),
    ),
    Transition(
        "resume", ("suspended",), "waiting", "requests.refresh", "request.resumed",
        N_("Retour en liste d’attente."), N_("Vous êtes de nouveau sur la liste d’attente."),
        (WAS_LISTED,),
    ),
    Transition(
        "resume_review", ("suspended",), "in_review", "requests.refresh",
        "request.review_resumed", N_("Instruction reprise."),
        N_("Votre demande est étudiée à nouveau."),
    ),
    Transition(
        "cancel",
        ("draft", "sent", "in_review", "incomplete", "in_commission", "validated", "adjourned",
         "special_cases", "waiting", "to_refresh", "suspended"),
        "cancelled", "requests.cancel", "request.cancelled", N_("Demande annulée."),
        N_("Votre demande est annulée. Vous pouvez la reprendre."), (REASON,),
    ),
    Transition(
        "cancel", ("referred", "admitted"), "cancelled", "requests.cancel", "request.cancelled",
        N_("Demande annulée."), N_("Votre demande est annulée. Vous pouvez la reprendre."),
        (REASON, NOTHING_HERE),
    ),
    Transition(
        "reopen_draft", ("cancelled",), "draft", "requests.transmit", "request.draft_reopened",
        N_("Brouillon repris."), N_("Votre demande se prépare à nouveau."), (NOT_SENT,),
    ),
    Transition(
        "reactivate", ("cancelled",), "in_review", "requests.review", "request.reactivated",
        N_("Demande réactivée, ancienneté conservée."),
        N_("Votre demande reprend. Vous gardez votre date d’inscription."), (WAS_SENT,),
    ),
    Transition(
        "reactivate_on_list", ("cancelled",), "waiting", "requests.review",
        "request.reactivated_on_list", N_("Demande réactivée en liste, ancienneté conservée."),
        N_("Vous revenez sur la liste. Vous gardez votre date d’inscription."), (WAS_LISTED,),
    ),
)
# fmt: on

MACHINE = Machine("request", STATES, TRANSITIONS, "draft")
