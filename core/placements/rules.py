"""Pure rules of referrals and placements: who may refuse with what, and what follows.

One function, `effect_of`, says the consequence of an outcome: screens show it before the act,
services carry it out after, so that both can never differ.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from core.kernel.errors import Refused
from core.kernel.machine import Verdict
from core.kernel.words import N_, Sentence
from core.placements.lifecycle import OPEN_REFERRAL, PLACEMENT, REFERRAL

__all__ = [
    "AUTHORS",
    "CHRS_GROUNDS",
    "OPEN_REFERRAL",
    "PLACEMENT",
    "REFERRAL",
    "Author",
    "Effect",
    "RefusalReason",
    "effect_of",
    "effect_of_reopening",
    "may_judge_inadmissible",
    "may_use",
    "needs_stay_contract",
]

Author = Literal["structure", "household", "siao"]
Seniority = Literal["kept", "restarts_at_resubmission"]
AUTHORS: tuple[Author, ...] = ("structure", "household", "siao")


CHRS_GROUNDS = frozenset({
    "unsuitable_size", "outside_authorisation", "outside_activities", "no_longer_available",
    "accessibility",
})  # fmt: skip
"""What a CHRS may invoke: its capacity, authorised categories, authorised activities (CASF
R345-4). A reason that a territory adds is not among them: the law is not widened by a setting."""


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """A coded reason to refuse, with its declared effect. A proposal, data of a territory.

    `plain`: the reason as the household reads it. `admissible` (recevable): a good reason,
    taken without more questions. `binds_household` (opposable au ménage): may be held against
    it. `keeps_seniority` False: once judged inadmissible by two people, seniority restarts at
    the next transmission. `needs_words`: must be explained in writing. `field_class`: the reason
    and the words given with it are read by whoever may read that class, whatever the territory
    calls it.
    """

    author: Author
    code: str
    label: str
    label_en: str
    plain: str
    admissible: bool = True
    binds_household: bool = False
    keeps_seniority: bool = True
    needs_words: bool = False
    evidence: str = ""
    contestable: bool = True
    field_class: str = "social"

    def __post_init__(self) -> None:
        if self.author not in AUTHORS:
            raise ValueError(f"refusal reason {self.code}: unknown author {self.author!r}")
        if self.author != "household" and (self.binds_household or not self.keeps_seniority):
            raise ValueError(f"{self.code}: only a household's own refusal can weigh on it")
        if not self.keeps_seniority and (self.admissible or not self.binds_household):
            raise ValueError(f"{self.code}: an admissible reason never costs seniority")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an outcome does to the request, the vacancy and the seniority, and what each reads.

    A None verb: that object stays as it is. `needs_second_person`: the effect holds only once
    a second person confirmed. `warning`: what could still happen, said before the act.
    """

    request_verb: str | None
    vacancy_verb: str | None
    seniority: Seniority
    resident: str
    staff: str
    needs_second_person: bool = False
    warning: str | None = None


_STAYS = N_("Vous restez sur la liste. Votre date d’inscription ne change pas.")
_BACK = N_("Retour en liste d’attente, ancienneté conservée ; la place redevient disponible.")

_AUTHOR_OF: dict[str, Author] = {
    "declined": "household",
    "refused_by_household": "household",
    "refused_by_structure": "structure",
    "withdrawn": "siao",
}

# fmt: off
_FIXED: dict[str, Effect] = {
    "proposed": Effect(None, None, "kept", N_("Vous pouvez répondre oui ou non."),
                       N_("La place reste réservée jusqu’à la réponse.")),
    "accepted": Effect(None, None, "kept",
                       N_("L’équipe du lieu va vous contacter. Votre date ne change pas."),
                       N_("La place reste réservée ; orientation à envoyer à la structure.")),
    "sent_to_structure": Effect(None, None, "kept",
                                N_("L’équipe du lieu étudie votre demande."),
                                N_("La place reste réservée jusqu’à la réponse de la structure.")),
    "preadmission": Effect(None, None, "kept", N_("L’équipe du lieu va vous rencontrer."),
                           N_("La place reste réservée pendant la préadmission.")),
    "admitted": Effect("admit", "fill", "kept",
                       N_("Un lieu vous attend. Convenez d’une date d’entrée."),
                       N_("Demande admise, place pourvue ; entrée à enregistrer.")),
    "unanswered": Effect(None, None, "kept",
                         N_("Nous n’avons pas eu votre réponse. Votre date ne change pas."),
                         N_("Sans réponse : la place reste réservée jusqu’au bout du délai.")),
    "unreachable": Effect("return_to_list", "release", "kept", _STAYS, _BACK),
    "no_show": Effect("return_to_list", "release", "kept", _STAYS, _BACK),
    "expired": Effect("return_to_list", "release", "kept", _STAYS, _BACK),
    "withdrawn": Effect("return_to_list", "release", "kept",
                        N_("Ce n’est pas de votre fait. Votre date d’inscription ne change pas."),
                        _BACK),
    "refused_by_structure": Effect(
        "return_to_list", "release", "kept",
        N_("L’équipe du lieu a dit non. Votre date d’inscription ne change pas."),
        N_("Refus notifié au ménage et au SIAO ; retour en liste, ancienneté conservée."),
    ),
}

# fmt: on

_HOUSEHOLD_RISK = N_(
    "Deux personnes vont lire votre raison. Votre date d’inscription peut changer."
)


def effect_of(
    outcome: str,
    reason: RefusalReason | None = None,
    *,
    inadmissible: bool = False,
    moved_from_filled: bool = False,
) -> Effect:
    """The consequence of a referral's outcome (one of the referral's states).

    A household's refusal always keeps seniority at first. Only when its reason is one that may
    be held against it, and two people judged it inadmissible (`inadmissible=True`), does the
    request go to refresh and seniority restart at the next transmission (rule of SIAO 95).
    `moved_from_filled`: the vacancy was already filled by an admission that fell through, so it
    is reopened instead of released. Raises `Refused` when the reason cannot lead there.
    """
    if outcome not in REFERRAL.states:
        raise ValueError(f"unknown referral outcome {outcome!r}")
    author = _AUTHOR_OF.get(outcome)
    if reason is not None and reason.author != author:
        raise Refused(N_("Ce motif ne correspond pas à l’auteur de ce refus."))
    if inadmissible:
        effect = _inadmissible(outcome, reason)
    elif author == "household":
        at_risk = reason is not None and not reason.keeps_seniority
        effect = Effect(
            "return_to_list",
            "release",
            "kept",
            _STAYS,
            _BACK,
            warning=_HOUSEHOLD_RISK if at_risk else None,
        )
    else:
        effect = _FIXED[outcome]
    if moved_from_filled and effect.vacancy_verb == "release":
        return Effect(
            effect.request_verb,
            "reopen",
            effect.seniority,
            effect.resident,
            effect.staff,
            effect.needs_second_person,
            effect.warning,
        )
    return effect


def _inadmissible(outcome: str, reason: RefusalReason | None) -> Effect:
    if _AUTHOR_OF.get(outcome) != "household" or reason is None:
        raise Refused(N_("Seul un refus motivé du ménage peut être jugé irrecevable."))
    if reason.admissible:
        raise Refused(N_("Ce motif est recevable : il ne peut pas être retenu contre le ménage."))
    if not reason.binds_household:
        raise Refused(N_("Ce motif ne peut pas être retenu contre le ménage."))
    return Effect(
        "return_to_refresh",
        None,  # the refusal itself already released the vacancy
        "kept" if reason.keeps_seniority else "restarts_at_resubmission",
        N_("Votre demande est à mettre à jour. Votre date ne change pas.")
        if reason.keeps_seniority
        else N_("Votre demande est à mettre à jour. Votre date d’inscription va changer."),
        N_("Refus irrecevable : demande à mettre à jour, ancienneté conservée.")
        if reason.keeps_seniority
        else N_(
            "Refus irrecevable : demande à mettre à jour, ancienneté reprise à la prochaine "
            "transmission."
        ),
        needs_second_person=True,
    )


def effect_of_reopening(former: str) -> Effect:
    """What follows when an answer is undone or comes late: the place is held and proposed again.

    `former`: the referral's state before. A yes taken back, or a silence,
    had released nothing.
    """
    if former not in ("accepted", "declined", "unanswered"):
        raise Refused(N_("Cette réponse ne peut plus être reprise."))
    if former in ("accepted", "unanswered"):
        return _FIXED["proposed"]
    return Effect(
        "refer",
        "hold",
        "kept",
        N_("Le lieu vous est de nouveau proposé."),
        N_("La place est de nouveau réservée et la demande orientée."),
    )


_CHRS_ONLY = N_(
    "Un CHRS ne peut refuser que pour sa capacité, ses publics ou ses activités autorisés."
)

_NOT_IN_PROCEDURE = N_("La procédure de ce type de place n’admet pas ce motif de refus.")


def may_use(
    reason: RefusalReason,
    author: Author,
    *,
    programme_kind: str | None = None,
    words: str = "",
    admitted: Collection[str] = (),
) -> Verdict:
    """Whether this author may refuse with this reason, for this kind of programme.

    Each list belongs to its author. A CHRS may invoke only its capacity and its authorised
    categories and activities, and must say why in writing (CASF R345-4). `admitted`: the codes
    that the kind's procedure lets a structure invoke; empty, all.
    """
    if reason.author != author:
        return Verdict(False, Sentence(N_("Ce motif est réservé à un autre auteur.")))
    is_chrs = author == "structure" and programme_kind == "chrs"
    if is_chrs and reason.code not in CHRS_GROUNDS:
        return Verdict(False, Sentence(_CHRS_ONLY))
    if author == "structure" and admitted and reason.code not in admitted:
        return Verdict(False, Sentence(_NOT_IN_PROCEDURE))
    if (reason.needs_words or is_chrs) and not words.strip():
        return Verdict(False, Sentence(N_("Ce motif demande une explication écrite.")))
    return Verdict(True)


def may_judge_inadmissible(first_person: int, second_person: int | None) -> Verdict:
    """Two different people must agree before a refusal weighs on a household."""
    if second_person is None or second_person == first_person:
        return Verdict(
            False,
            Sentence(N_("Une deuxième personne doit confirmer que le refus est irrecevable.")),
        )
    return Verdict(True)


def needs_stay_contract(days: int) -> bool:
    """Whether a stay of this length needs a contract (over two months, CASF D311), else a DIPC."""
    return days > 61
