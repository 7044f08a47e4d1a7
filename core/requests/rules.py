"""Pure rules of the housing request: seniority, refresh dates, remedies, completeness, separation.

The life cycle itself is in `lifecycle.py`; `MACHINE` is offered here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.kernel.dates import add_months
from core.kernel.errors import Refused
from core.kernel.words import N_
from core.requests.lifecycle import ENDED, MACHINE

__all__ = [
    "DECISIONS",
    "MACHINE",
    "MissingField",
    "RefreshSchedule",
    "Remedy",
    "SeniorityAct",
    "SeparatedRequest",
    "adjournment_returns",
    "missing_to_start",
    "missing_to_transmit",
    "reexamination_open",
    "refresh_schedule",
    "refusal_remedies",
    "seniority_on",
    "separate",
]

DECISIONS = (
    "validate_and_refer",
    "validate_and_list",
    "adjourn",
    "send_to_special_cases",
    "refuse",
)
"""What a professional may decide directly, without any commission."""


@dataclass(frozen=True, slots=True)
class SeniorityAct:
    """A recorded act that moved the seniority date: the only thing that can.

    Acts are never erased: undoing one is another act, with its own author and reason.
    """

    at: date
    before: date | None
    after: date
    reason: str
    by: int | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise Refused(N_("Un changement d’ancienneté demande un motif écrit."))


def seniority_on(first_sent_on: date | None, acts: Iterable[SeniorityAct]) -> date | None:
    """The seniority date: the first transmission, unless a recorded act moved it (latest wins).

    A refresh, an adjournment, a pause, a lapse or a proposal that failed never moves it.
    None while nothing was transmitted. Source: a stored, resettable date (SIAO 95).
    """
    recorded = list(acts)
    return recorded[-1].after if recorded else first_sent_on


def restart_at_resubmission(
    current: date, resubmitted_on: date, reason: str, by: int | None = None
) -> SeniorityAct:
    """The act recorded when a request is transmitted again after an inadmissible refusal."""
    if resubmitted_on < current:
        raise Refused(N_("La nouvelle transmission ne peut pas précéder l’ancienneté."))
    return SeniorityAct(resubmitted_on, current, resubmitted_on, reason, by)


def undo_seniority(act: SeniorityAct, at: date, reason: str, by: int | None = None) -> SeniorityAct:
    """The act that gives back the date an earlier act took away."""
    if act.before is None:
        raise Refused(N_("Il n’y avait pas d’ancienneté avant cet acte."))
    return SeniorityAct(at, act.after, act.before, reason, by)


@dataclass(frozen=True, slots=True)
class RefreshSchedule:
    """Dates of a periodic refresh (actualisation). `lapse_not_before` is a floor, not an order."""

    reminder_on: date
    due_on: date
    lapse_not_before: date


def refresh_schedule(
    last_sent_on: date, months: int = 6, reminder_days: int = 15, lapse_days: int = 30
) -> RefreshSchedule:
    """When to remind, when the refresh is due, and before when nothing may lapse.

    The period is each territory's (3 or 6 months are usual); the defaults are a proposal.
    """
    if months < 1 or reminder_days < 0 or lapse_days < 1:
        raise ValueError("a refresh period lasts a month at least, a grace a day at least")
    due = add_months(last_sent_on, months)
    reminder = max(due - timedelta(days=reminder_days), last_sent_on)
    return RefreshSchedule(reminder, due, due + timedelta(days=lapse_days))


def adjournment_returns(due_on: date, on: date, items_left: Collection[object]) -> bool:
    """Whether an adjourned request comes back by itself: nothing is missing or the date passed."""
    return not items_left or on >= due_on


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way to contest a refusal. `until` is the last day, None when no delay applies."""

    code: str
    staff: str
    resident: str
    until: date | None = None


def refusal_remedies(
    notified_on: date,
    *,
    court_relevant: bool = False,
    reexamination_months: int = 2,
    court_months: int = 2,
    country: str = "FR",
) -> tuple[Remedy, ...]:
    """Ways and delays to write in a refusal, counted from the day the household was told.

    Two months for a re-examination is this project's proposal, dated data of a territory. The
    court is named only where the decision can be brought before it; its two months are the
    common delay of administrative litigation, to be checked by the territory. The DAHO (article
    L441-2-3 of the French housing code) and that court are French: elsewhere they are not named.
    """
    remedies = [
        Remedy(
            "reexamination",
            N_("Réexamen par le SIAO"),
            N_("Vous pouvez demander un nouvel examen."),
            add_months(notified_on, reexamination_months),
        ),
    ]
    if country == "FR":
        remedies.append(
            Remedy(
                "daho",
                N_("Recours devant la commission de médiation (DAHO)"),
                N_("Vous pouvez demander le droit à l’hébergement (DAHO)."),
            )
        )
    if court_relevant and country == "FR":
        remedies.append(
            Remedy(
                "administrative_court",
                N_("Recours devant le tribunal administratif"),
                N_("Vous pouvez écrire au tribunal administratif."),
                add_months(notified_on, court_months),
            )
        )
    remedies.append(
        Remedy(
            "mediator",
            N_("Médiateur ou personne qualifiée"),
            N_("Une personne extérieure peut vous aider gratuitement."),
        )
    )
    return tuple(remedies)


def reexamination_open(remedies: Iterable[Remedy], on: date) -> bool:
    """Whether a re-examination is still within its delay."""
    return any(r.code == "reexamination" and (r.until is None or on <= r.until) for r in remedies)


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field without an answer, and what to say about it."""

    field: str
    message: str


STARTING_FIELDS = (
    MissingField("family_name", N_("Indiquez le nom.")),
    MissingField("given_name", N_("Indiquez le prénom.")),
    MissingField("birth", N_("Indiquez la date de naissance, même approximative.")),
    MissingField("residential_situation", N_("Indiquez où la personne dort aujourd’hui.")),
    MissingField("contact", N_("Indiquez comment joindre la personne.")),
)
"""The five fields a request starts from."""

TRANSMISSION_FIELDS = (
    MissingField("composition", N_("Indiquez la composition du ménage.")),
    MissingField("request_reason", N_("Indiquez le motif de la demande.")),
    MissingField("resources", N_("Indiquez les ressources, ou que la personne ne répond pas.")),
    MissingField("recommendation", N_("Indiquez au moins une préconisation.")),
    MissingField("prescriber", N_("Indiquez l’organisme prescripteur.")),
    MissingField("key_worker", N_("Indiquez le référent de parcours.")),
    MissingField("informed_on", N_("Indiquez quand le ménage a été informé.")),
)
"""What transmission needs besides. Lawful stay is not among them: shelter is unconditional."""


def missing_to_start(facts: Mapping[str, object]) -> list[MissingField]:
    """Which of the five starting fields have no answer. Never blocks saving."""
    return [f for f in STARTING_FIELDS if _unanswered(facts.get(f.field))]


def missing_to_transmit(facts: Mapping[str, object]) -> list[MissingField]:
    """What is missing before transmission. Nothing blocks saving until then.

    "Refused to answer", "unknown" and "no" are answers (an `AnswerState`, a zero, False); only
    what was not asked is missing.
    """
    return [f for f in (*STARTING_FIELDS, *TRANSMISSION_FIELDS) if _unanswered(facts.get(f.field))]


def _unanswered(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Sequence | set | frozenset | dict):
        return len(value) == 0
    return value is None


@dataclass(frozen=True, slots=True)
class SeparatedRequest:
    """The request that an adult takes along when a couple separates."""

    state: str
    first_sent_on: date | None
    seniority_on: date | None
    review_needed: bool


def separate(
    state: str, first_sent_on: date | None, seniority: date | None
) -> SeparatedRequest | None:
    """The leaving adult's own request: same seniority, same place in the life cycle.

    A proposal or an admission belongs to the household it was made to: the leaving adult goes
    back to the list instead. What was decided for the former composition is to be reviewed.
    None when the request had ended: a new one is then an ordinary new request.
    """
    if state not in MACHINE.states:
        raise ValueError(f"unknown request state {state!r}")
    if state in ENDED:
        return None
    target = "waiting" if state in ("referred", "admitted") else state
    target = "in_review" if target == "in_commission" else target
    return SeparatedRequest(target, first_sent_on, seniority, review_needed=state != "draft")
