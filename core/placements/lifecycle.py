"""Two life cycles: the referral (orientation) and the placement (séjour)."""

from __future__ import annotations

from core.kernel.machine import N_, Machine, Need, State, Transition

REFERRAL_STATES = {
    "proposed": State(N_("Proposée au ménage"), N_("Un lieu vous est proposé."), "info"),
    "accepted": State(N_("Acceptée par le ménage"), N_("Vous avez dit oui."), "ok"),
    "declined": State(N_("Déclinée par le ménage"), N_("Vous avez dit non."), "neutral"),
    "unanswered": State(N_("Sans réponse"), N_("Nous n’avons pas eu votre réponse."), "warn"),
    "sent_to_structure": State(
        N_("Envoyée à la structure"), N_("L’équipe du lieu étudie votre demande."), "info"
    ),
    "preadmission": State(N_("En préadmission"), N_("L’équipe du lieu vous rencontre."), "info"),
    "admitted": State(N_("Admise"), N_("L’équipe du lieu a dit oui."), "ok"),
    "refused_by_structure": State(
        N_("Refus de la structure"), N_("L’équipe du lieu a dit non."), "error"
    ),
    "refused_by_household": State(
        N_("Refus du ménage"), N_("Vous avez dit non à ce lieu."), "neutral"
    ),
    "unreachable": State(N_("Injoignable"), N_("Nous n’avons pas pu vous joindre."), "warn"),
    "no_show": State(N_("Non présenté"), N_("Vous n’êtes pas venu au rendez-vous."), "warn"),
    "withdrawn": State(N_("Annulée par le SIAO"), N_("La proposition est annulée."), "neutral"),
    "expired": State(N_("Expirée"), N_("Le délai de la proposition est passé."), "neutral"),
}

OPEN_REFERRAL = ("proposed", "accepted", "unanswered", "sent_to_structure", "preadmission")
"""States in which a referral holds its vacancy. An admitted one holds it through its placement."""

IN_TIME = Need("before_deadline", N_("Le délai de réponse est passé : appelez votre référent."))
SAID = Need("oral_answer_noted", N_("Notez qui a donné la réponse, quand et comment."))
REASON = Need("reason", N_("Indiquez un motif."))
ALLOWED = Need("reason_allowed", N_("Ce motif ne peut pas être utilisé ici."))
WORDED = Need("worded", N_("Ce motif demande une explication écrite."))
TRIES = Need("three_tries", N_("Il faut trois essais tracés pour dire une personne injoignable."))
UNDOABLE = Need("can_be_undone", N_("La réponse est déjà partie : appelez votre référent."))
HELD = Need("vacancy_held", N_("La place n’est plus réservée."))
AVAILABLE = Need("vacancy_available", N_("La place est déjà proposée à d’autres personnes."))
PASSED = Need("deadline_passed", N_("Le délai n’est pas encore passé."))
NOT_IN = Need("not_moved_in", N_("L’entrée dans les lieux est déjà faite."))

_YES = N_("Vous avez dit oui. L’équipe du lieu va vous contacter.")
_NO = N_("Vous avez dit non à ce lieu.")
_BACK = N_("Votre réponse est annulée. Vous pouvez répondre à nouveau.")

# A table: one act, then who, what is recorded, what each side reads, what it needs.
# fmt: off
REFERRAL = Machine(
    "referral",
    REFERRAL_STATES,
    (
        Transition("accept", ("proposed",), "accepted", "referrals.answer_own",
                   "referral.accepted", N_("Le ménage accepte, sur son espace."), _YES,
                   (IN_TIME, HELD)),
        Transition("accept_orally", ("proposed",), "accepted", "referrals.answer_for_household",
                   "referral.accepted_orally", N_("Le ménage accepte, de vive voix."), _YES,
                   (SAID, HELD)),
        Transition("decline", ("proposed",), "declined", "referrals.answer_own",
                   "referral.declined", N_("Le ménage décline, sur son espace."), _NO,
                   (IN_TIME, REASON, ALLOWED)),
        Transition("decline_orally", ("proposed", "unanswered"), "declined",
                   "referrals.answer_for_household", "referral.declined_orally",
                   N_("Le ménage décline, de vive voix."), _NO,
                   (SAID, REASON, ALLOWED)),
        Transition("undo_answer", ("accepted", "declined"), "proposed", "referrals.answer_own",
                   "referral.answer_undone", N_("Le ménage revient sur sa réponse."), _BACK,
                   (UNDOABLE, IN_TIME, AVAILABLE)),
        Transition("undo_answer_orally", ("accepted", "declined"), "proposed",
                   "referrals.answer_for_household", "referral.answer_undone_orally",
                   N_("Le ménage revient sur sa réponse, de vive voix."), _BACK,
                   (UNDOABLE, SAID, AVAILABLE)),
        Transition("mark_unanswered", ("proposed",), "unanswered", "referrals.follow",
                   "referral.unanswered", N_("Pas de réponse dans le délai."),
                   N_("Nous n’avons pas eu votre réponse. Appelez votre référent."),
                   (PASSED, TRIES)),
        Transition("accept_late", ("unanswered",), "accepted", "referrals.answer_for_household",
                   "referral.accepted_late", N_("Réponse tardive reçue : le ménage accepte."),
                   _YES, (SAID, HELD)),
        Transition("send", ("accepted",), "sent_to_structure", "referrals.follow",
                   "referral.sent", N_("Orientation envoyée à la structure."),
                   N_("L’équipe du lieu étudie votre demande."), (HELD,)),
        Transition("preadmit", ("sent_to_structure",), "preadmission", "referrals.answer_structure",
                   "referral.preadmission", N_("Préadmission engagée."),
                   N_("L’équipe du lieu va vous rencontrer."), (HELD,)),
        Transition("admit", ("sent_to_structure", "preadmission"), "admitted",
                   "referrals.answer_structure", "referral.admitted",
                   N_("La structure prononce l’admission."),
                   N_("L’équipe du lieu a dit oui."), (HELD,)),
        Transition("refuse", ("sent_to_structure", "preadmission"), "refused_by_structure",
                   "referrals.answer_structure", "referral.refused_by_structure",
                   N_("La structure refuse."), N_("L’équipe du lieu a dit non."),
                   (REASON, ALLOWED, WORDED)),
        Transition("decline_after", ("sent_to_structure", "preadmission", "admitted"),
                   "refused_by_household", "referrals.answer_own",
                   "referral.refused_by_household", N_("Le ménage refuse après l’orientation."),
                   _NO, (REASON, ALLOWED, NOT_IN)),
        Transition("decline_after_orally", ("sent_to_structure", "preadmission", "admitted"),
                   "refused_by_household", "referrals.answer_for_household",
                   "referral.refused_by_household_orally",
                   N_("Le ménage refuse après l’orientation, de vive voix."), _NO,
                   (SAID, REASON, ALLOWED, NOT_IN)),
        Transition("mark_unreachable", ("accepted", "sent_to_structure", "preadmission"),
                   "unreachable", "referrals.follow", "referral.unreachable",
                   N_("Ménage injoignable."),
                   N_("Nous n’avons pas pu vous joindre. Appelez votre référent."), (TRIES,)),
        Transition("mark_no_show", ("preadmission", "admitted"), "no_show", "referrals.follow",
                   "referral.no_show", N_("Le ménage ne s’est pas présenté."),
                   N_("Vous n’êtes pas venu au rendez-vous. Appelez votre référent."),
                   (NOT_IN,)),
        Transition("withdraw", (*OPEN_REFERRAL, "admitted"), "withdrawn", "referrals.decide",
                   "referral.withdrawn", N_("Orientation annulée par le SIAO."),
                   N_("La proposition est annulée. Ce n’est pas de votre fait."),
                   (REASON, NOT_IN)),
        Transition("expire", ("proposed", "unanswered", "accepted"), "expired", "referrals.follow",
                   "referral.expired", N_("Le délai de l’orientation est passé."),
                   N_("Le délai est passé. Vous restez sur la liste. Votre date ne change pas."),
                   (PASSED,)),
        Transition("expire_at_structure", ("sent_to_structure", "preadmission"), "expired",
                   "referrals.follow", "referral.structure_silent",
                   N_("La structure n’a pas répondu dans le délai : retour en liste, ancienneté "
                      "conservée."),
                   N_("Le lieu n’a pas répondu à temps. Vous restez sur la liste."), (PASSED,)),
    ),
    "proposed",
)

# fmt: on

PLACEMENT_STATES = {
    "planned": State(N_("Entrée prévue"), N_("Votre entrée est prévue."), "info"),
    "present": State(N_("Présent"), N_("Vous êtes dans les lieux."), "ok"),
    "exited": State(N_("Sorti"), N_("Vous avez quitté ce lieu."), "neutral"),
    "cancelled": State(N_("Entrée annulée"), N_("Votre entrée est annulée."), "neutral"),
}

EXIT_CODE = Need("exit_code", N_("Indiquez où va le ménage."))
DAY = Need("date", N_("Indiquez une date."))
IN_ORDER = Need("dates_in_order", N_("La sortie ne peut pas précéder l’entrée."))
FREE = Need("unit_free", N_("La place est occupée sur cette période."))
SINGLE = Need(
    "no_other_placement", N_("Le ménage occupe déjà une place : déclarez une double présence.")
)

# fmt: off
PLACEMENT = Machine(
    "placement",
    PLACEMENT_STATES,
    (
        Transition("move_in", ("planned",), "present", "placements.record",
                   "placement.started", N_("Entrée dans les lieux."),
                   N_("Vous êtes dans les lieux."), (DAY, FREE, SINGLE)),
        Transition("cancel", ("planned",), "cancelled", "placements.record",
                   "placement.cancelled", N_("Entrée annulée."),
                   N_("Votre entrée est annulée. Appelez votre référent."), (REASON,)),
        Transition("exit", ("present",), "exited", "placements.record", "placement.ended",
                   N_("Sortie enregistrée."), N_("Vous avez quitté ce lieu."),
                   (DAY, IN_ORDER, EXIT_CODE)),
        Transition("undo_move_in", ("present",), "planned", "placements.record",
                   "placement.start_undone", N_("Entrée enregistrée par erreur, reprise."), None,
                   (REASON,)),
        Transition("undo_exit", ("exited",), "present", "placements.record",
                   "placement.end_undone", N_("Sortie enregistrée par erreur, reprise."), None,
                   (REASON, FREE, SINGLE)),
    ),
    "planned",
)
# fmt: on
