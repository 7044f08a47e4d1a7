"""The path of a household as dated steps in plain words: what is done, now, and next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from core.kernel.machine import Machine
from core.kernel.words import N_
from core.placements.lifecycle import PLACEMENT, REFERRAL
from core.requests.lifecycle import ENDED, MACHINE

MACHINES: dict[str, Machine] = {m.name: m for m in (MACHINE, REFERRAL, PLACEMENT)}


@dataclass(frozen=True, slots=True)
class Moment:
    """One recorded step: which object, by which act, into which state, when.

    `by`: the name of who did it for the reader, under an authorisation.
    """

    machine: str
    verb: str
    state: str
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the household stands. States are None where there is no such object.

    `stay_of_request`: the stay came from this request; a household may also live in one place
    and wait for another, and then its path is that of the request.
    """

    request: str | None = None
    referral: str | None = None
    stay: str | None = None
    stay_of_request: bool = True
    starts_on: date | None = None
    history: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step to show. Texts are msgids; `who` names who acts, `by` who did it for the reader."""

    state: Literal["done", "now", "next"]
    title: str
    when: date | datetime | None = None
    text: str | None = None
    who: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """Where one is: the sentence, its sign, what it means, who acts now."""

    machine: str
    state: str
    sentence: str
    icon: str
    text: str | None
    who: str | None


YOU = N_("Vous")
TEAM = N_("L’équipe qui suit votre demande")
PLACE_TEAM = N_("L’équipe du lieu")
HELPER = N_("La personne qui vous accompagne, avec vous")

# What comes one after the other when all goes on: (what happens, who acts).
STAGES: tuple[tuple[str, str], ...] = (
    (N_("Votre demande est envoyée."), HELPER),
    (N_("Une personne lit votre demande."), TEAM),
    (N_("L’équipe prend une décision."), TEAM),
    (N_("Vous attendez une place qui vous convient."), TEAM),
    (N_("Un lieu vous est proposé."), TEAM),
    (N_("Vous dites oui ou non."), YOU),
    (N_("L’équipe du lieu vous rencontre."), PLACE_TEAM),
    (N_("Vous entrez dans les lieux."), PLACE_TEAM),
)

# (machine, state) -> (sign, index of the next stage, who acts now, what it means).
# fmt: off
_PLACES: dict[tuple[str, str], tuple[str, int | None, str | None, str | None]] = {
    ("request", "draft"): ("edit", 0, HELPER, None),
    ("request", "sent"): ("inbox", 1, TEAM, None),
    ("request", "in_review"): ("eye", 2, TEAM, None),
    ("request", "incomplete"): (
        "document", 2, HELPER, N_("Sans ces informations, la demande ne peut pas avancer.")),
    ("request", "in_commission"): ("people", 3, TEAM, None),
    ("request", "special_cases"): ("people", 3, TEAM, None),
    ("request", "adjourned"): (
        "clock", 2, HELPER, N_("La décision viendra quand les informations seront là.")),
    ("request", "validated"): ("ok", 3, TEAM, None),
    ("request", "waiting"): (
        "clock", 4, TEAM,
        N_("Les places se libèrent une par une. Vous gardez votre date d’inscription.")),
    ("request", "referred"): ("door", 5, TEAM, None),
    ("request", "admitted"): ("key", 7, PLACE_TEAM, None),
    ("request", "to_refresh"): (
        "edit", 4, HELPER, N_("Appelez ou écrivez pour dire si quelque chose a changé.")),
    ("request", "suspended"): ("clock", 3, TEAM, None),
    ("request", "refused"): (
        "info", None, None, N_("Vous pouvez demander un nouvel examen.")),
    ("request", "closed"): ("check", None, None, None),
    ("request", "cancelled"): (
        "info", None, None, N_("Vous pouvez reprendre votre demande. Parlez-en à l’équipe.")),
    ("referral", "proposed"): (
        "door", 5, YOU, N_("Lisez la proposition. Rien n’est décidé sans vous.")),
    ("referral", "unanswered"): (
        "phone", 5, YOU, N_("Appelez la personne qui vous accompagne.")),
    ("referral", "accepted"): ("ok", 6, TEAM, None),
    ("referral", "sent_to_structure"): ("building", 6, PLACE_TEAM, None),
    ("referral", "preadmission"): ("people", 7, PLACE_TEAM, None),
    ("referral", "admitted"): ("key", 7, PLACE_TEAM, None),
    ("placement", "planned"): ("calendar", 7, PLACE_TEAM, None),
    ("placement", "present"): ("home", None, None, None),
    ("placement", "exited"): ("info", None, None, None),
}
# fmt: on

# What was true then and is over is said of the past, and asks for nothing any more.
PAST: dict[str, str] = {
    "Votre demande se prépare.": N_("Votre demande est commencée."),
    "Une personne lit votre demande.": N_("Une personne a lu votre demande."),
    "Une réunion va étudier votre demande.": N_("Une réunion a étudié votre demande."),
    "Votre demande est à mettre à jour.": N_("Il fallait mettre à jour votre demande."),
    "Votre demande est à mettre à jour. Vous gardez votre date d’inscription.": N_(
        "Il fallait mettre à jour votre demande. Vous avez gardé votre date d’inscription."
    ),
    "Il manque des informations.": N_("Il manquait des informations."),
    "Il manque des informations. Lisez la liste.": N_("Il manquait des informations."),
    "Un lieu vous est proposé.": N_("Un lieu vous a été proposé."),
    "L’équipe du lieu étudie votre demande.": N_("L’équipe du lieu a étudié votre demande."),
    "Nous n’avons pas eu votre réponse. Appelez votre référent.": (
        "Nous n’avons pas eu votre réponse."
    ),
    "Nous n’avons pas pu vous joindre. Appelez votre référent.": (
        "Nous n’avons pas pu vous joindre."
    ),
    "Vous n’êtes pas venu au rendez-vous. Appelez votre référent.": (
        "Vous n’êtes pas venu au rendez-vous."
    ),
    "Votre entrée est annulée. Appelez votre référent.": "Votre entrée est annulée.",
}

NOTHING_YET = N_("Vous n’avez pas de demande en cours.")

# The referral or the stay says the same the same day, in better words.
_SAID_ELSEWHERE = frozenset({"refer", "admit", "close", "return_to_list"})


def here(facts: Facts) -> Here:
    """Where the household is now, in one sentence."""
    machine, state = _standing(facts)
    if state is None:
        return Here("none", "none", NOTHING_YET, "info", None, None)
    icon, _, who, text = _PLACES.get((machine, state), ("info", None, None, None))
    if machine == "placement" and goes_on(facts):
        text = GOES_ON
    return Here(machine, state, MACHINES[machine].states[state].resident, icon, text, who)


GOES_ON = N_("Votre demande continue. Vous gardez votre date d’inscription.")


def goes_on(facts: Facts) -> bool:
    """Whether the demande that led to a stay goes on after it: from a shelter to a home."""
    return (
        facts.stay == "present"
        and facts.stay_of_request
        and facts.request is not None
        and facts.request not in (*ENDED, "admitted")
    )


def _standing(facts: Facts) -> tuple[str, str | None]:
    """Which object speaks for the household: the one that is nearest to the keys."""
    open_request = facts.request is not None and facts.request not in ENDED
    # After a shelter a demande goes on: the stay speaks, until a place is proposed again.
    if facts.stay in ("planned", "present") and (facts.stay_of_request or not open_request):
        if not goes_on(facts) or facts.referral is None:
            return "placement", facts.stay
    if open_request:
        if facts.referral is not None:
            return "referral", facts.referral
        return "request", facts.request
    if facts.stay == "exited" and facts.request in (None, "closed"):
        return "placement", "exited"
    return "request", facts.request


def pathway(facts: Facts) -> tuple[Step, ...]:
    """The steps, the oldest first: those done, the one of now, those that usually follow."""
    at = here(facts)
    past = _past(facts.history)
    since: date | datetime | None = None
    by: str | None = None
    if past and past[-1].title == at.sentence:
        last = past.pop()
        since, by = last.when, last.by
    elif past and at.machine != "none":
        since = _since(facts.history, at)
    if at.machine == "placement" and facts.starts_on is not None and at.state != "exited":
        since = facts.starts_on
    past = [replace(step, title=PAST.get(step.title, step.title)) for step in past]
    steps = [*past, Step("now", at.sentence, since, at.text, at.who, by)]
    first = _PLACES.get((at.machine, at.state), ("", None, None, None))[1]
    if first is not None:
        steps += [Step("next", title, who=who) for title, who in STAGES[first:]]
    return tuple(steps)


def _past(history: tuple[Moment, ...]) -> list[Step]:
    """What was said to the household, in order, the same sentence never twice running."""
    done: list[Step] = []
    for moment in history:
        if moment.machine == "request" and moment.verb in _SAID_ELSEWHERE:
            continue
        title = _sentence(moment)
        if title is None or (done and done[-1].title == title):
            continue
        done.append(Step("done", title, moment.at, by=moment.by))
    return done


def _sentence(moment: Moment) -> str | None:
    """What the household reads of a step: the act's sentence, else its state's.

    A state reached without an act (the first one, or one brought by an import) speaks for itself.
    """
    machine = MACHINES.get(moment.machine)
    if machine is None or moment.state not in machine.states or ":" in moment.verb:
        return None  # "try:phone" and the like trace work on a state that does not change
    for transition in machine.transitions:
        if transition.verb == moment.verb:
            return transition.resident
    return machine.states[moment.state].resident


def _since(history: tuple[Moment, ...], at: Here) -> datetime | None:
    """When the state of now began, as far as it was recorded."""
    fitting = [m.at for m in history if (m.machine, m.state) == (at.machine, at.state)]
    return fitting[-1] if fitting else None
