"""What a demande of a file asks the base to hold: plain values, ready to compare and to write.

Pure: a `DemandeRow` in, a `Target` out. The comparison of two readings, and of a reading with
what was changed here, is made on these values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.households.names import search_key
from core.households.people import AnswerState
from core.imports.cells import Reply
from core.imports.codes import Code
from core.imports.households import DemandeRow
from core.imports.lists import NO_RESOURCES
from core.imports.rows import PersonRow
from core.requests.rules import refresh_schedule

LISTED = {"waiting": "active", "to_refresh": "to_refresh", "suspended": "paused"}
"""States of a demande that keep a place on the lists, with the state of its entries there."""
OVER = frozenset({"closed", "cancelled", "refused"})
"""States in which nothing is waited for: such a demande has no refresh date."""
SEX = {"male": 1, "female": 2, "other": 3}
STATE_OF = {
    "yes": AnswerState.YES, "no": AnswerState.NO, "refused": AnswerState.REFUSED,
    "unknown": AnswerState.UNKNOWN,
}  # fmt: skip

PERSON_QUESTIONS: Mapping[str, tuple[str, str]] = {
    "reduced_mobility": ("reduced_mobility", "health"),
    "violence": ("violence", "violence"),
    "ase": ("child_care", "child"),
    "permit": ("permit", "social"),
    "resource_kind": ("resource_kind", "social"),
}
"""Fields of a person's line kept as answers: the question, and the class that guards it."""

HOUSEHOLD_QUESTIONS: Mapping[str, tuple[str, str]] = {
    "resources_cents": ("resources_cents", "social"),
    "animals": ("animals", "social"),
    "accessible_needed": ("accessible_needed", "social"),
    "social_housing_no": ("social_housing_no", "social"),
    "dalo": ("dalo", "social"),
    "daho": ("daho", "social"),
    "syplo": ("syplo", "social"),
    "commune": ("commune", "social"),
    "prescriber": ("prescriber_named", "social"),
    "worker": ("worker_named", "social"),
}
CLASSES: Mapping[str, str] = dict([*PERSON_QUESTIONS.values(), *HOUSEHOLD_QUESTIONS.values()])
"""The field class of each question that an import may answer."""

REMARKS_CLASS = "health"
"""Free remarks of a file may tell anything: they get a class that is never open to everybody."""

Answers = dict[str, tuple[int, Any]]
"""Question -> (one of the four answers, its value)."""


@dataclass(slots=True)
class PersonTarget:
    """A person as the file tells them. `key`: names and birth, when no number says who it is."""

    line: int
    external_no: str | None
    key: tuple[str, str, date | None]
    role: str
    fields: dict[str, Any]
    situation: int | None
    answers: Answers
    remarks: str | None

    def said(self) -> dict[str, Any]:
        """To be kept and compared with the next reading; remarks only by their fingerprint."""
        return {
            "no": self.external_no,
            "key": self.key,
            "role": self.role,
            "fields": self.fields,
            "situation": self.situation,
            "answers": self.answers,
            "remarks": fingerprint(self.remarks) if self.remarks else None,
        }


@dataclass(slots=True)
class Target:
    """A household with its demande as the base should hold them after the import."""

    key: str
    line: int
    digest: str
    request_no: str | None
    group_no: str | None
    household: dict[str, Any]
    request: dict[str, Any]
    kinds: tuple[str, ...]
    answers: Answers
    people: list[PersonTarget]
    composition: int | None
    size: int | None
    situated_on: date | None
    prescriber: str | None
    worker: str | None
    commune: str | None

    def said(self) -> dict[str, Any]:
        return {
            "household": self.household,
            "request": self.request,
            "kinds": self.kinds,
            "answers": self.answers,
            "people": [one.said() for one in self.people],
        }


def fingerprint(text: str) -> str:
    """Says whether two texts are the same without keeping either."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def state_of(demande: DemandeRow) -> str:
    """The state of the demande; a file that does not say has at least sent it, or not yet.

    Nobody waits on a list of no kind: such a demande is validated, and its kind is to be named.
    """
    status = demande.status
    if not isinstance(status, str):
        return "sent" if demande.first_sent_on or demande.last_sent_on else "draft"
    if status == "waiting" and not demande.recommendations:
        return "validated"
    return status


def key_of(demande: DemandeRow) -> str:
    """What names this demande from one file to the next: its number, its group's, its person."""
    if demande.request_no:
        return f"d:{demande.request_no.casefold()}"
    if demande.group_no:
        return f"g:{demande.group_no.casefold()}"
    main = demande.members[0]
    if main.person_no:
        return f"n:{main.person_no.casefold()}"
    return f"p:{fingerprint(repr((main.identity, demande.first_sent_on)))}"


def target_of(demande: DemandeRow, *, today: date, refresh_months: int = 6) -> Target:
    """The target of a readable demande (not `refused`)."""
    main = demande.members[0]
    state = state_of(demande)
    first = demande.first_sent_on or demande.seniority_on
    if first is None and state != "draft":
        first = demande.last_sent_on
    last = demande.last_sent_on or first
    due = demande.refresh_due
    if due is None and last is not None and state not in OVER and state != "draft":
        due = refresh_schedule(last, refresh_months).due_on
    request = {
        "state": state,
        "reason_code": _number(demande.reason),
        "first_sent_on": first,
        "last_sent_on": last,
        "seniority_on": demande.seniority_on or first,
        "refresh_due": due,
    }
    situated = min(last or today, today)
    return Target(
        key_of(demande),
        demande.lines[0],
        demande.digest,
        demande.request_no,
        demande.group_no,
        {"phone": main.phone or "", "email": main.email or ""},
        request,
        tuple(str(kind) for kind in demande.recommendations),
        _answers(demande),
        [_person(row, is_main=row is main) for row in demande.members],
        _number(demande.composition),
        demande.size,
        situated,
        demande.prescriber,
        demande.worker,
        demande.commune,
    )


def _number(code: Code | None) -> int | None:
    return code if isinstance(code, int) else None


def _person(row: PersonRow, *, is_main: bool) -> PersonTarget:
    role = "main" if is_main else (row.role or "other")
    fields = {
        "family_name": row.family_name.written if row.family_name else "",
        "given_name": row.given_name.written if row.given_name else "",
        "usual_name": row.usual_name.written if row.usual_name else "",
        "birth": row.birth,
        "sex": SEX[row.sex] if row.sex else None,
        "phone": row.phone or "",
        "email": row.email or "",
    }
    answers: Answers = {}
    for name in ("reduced_mobility", "violence", "ase"):
        reply: Reply | None = getattr(row, name)
        if reply is not None:
            answers[PERSON_QUESTIONS[name][0]] = _reply(reply)
    if (permit := _number(row.permit)) is not None:
        answers["permit"] = (AnswerState.YES, permit)
    if (kind := _number(row.resource_kind)) is not None and kind != NO_RESOURCES:
        answers["resource_kind"] = (AnswerState.YES, kind)
    # one household has one main person: another one so named is an adult of it
    return PersonTarget(
        row.line,
        row.person_no,
        row.identity,
        "other" if role == "main" and not is_main else role,
        fields,
        _number(row.situation),
        answers,
        row.remarks,
    )


def _reply(reply: Reply) -> tuple[int, Any]:
    state = STATE_OF[reply.answer] if reply.answer else AnswerState.UNKNOWN
    return state, reply.detail


def _answers(demande: DemandeRow) -> Answers:
    answers: Answers = {}
    amounts = [row.resource_amount for row in demande.members if row.resource_amount is not None]
    if amounts:
        answers["resources_cents"] = (AnswerState.YES, sum(amounts))
    elif any(row.resource_kind == NO_RESOURCES for row in demande.members):
        answers["resources_cents"] = (AnswerState.NO, None)
    for name in ("dalo", "daho"):
        reply = next((getattr(r, name) for r in demande.members if getattr(r, name)), None)
        if reply is not None:
            answers[name] = _reply(reply)
    for name in ("syplo", "social_housing_no"):
        value = next((getattr(r, name) for r in demande.members if getattr(r, name)), None)
        if value is not None:
            answers[name] = (AnswerState.YES, value)
    animals = next((row.animals for row in demande.members if row.animals), None)
    if animals:
        none = search_key(animals) in _NONE
        answers["animals"] = (AnswerState.NO, None) if none else (AnswerState.YES, animals)
    moving = [row.reduced_mobility for row in demande.members if row.reduced_mobility]
    if any(reply.answer == "yes" for reply in moving):
        answers["accessible_needed"] = (AnswerState.YES, None)
    elif moving and all(reply.answer == "no" for reply in moving):
        answers["accessible_needed"] = (AnswerState.NO, None)
    # who prescribed and who follows are kept as they were named, even when found here
    for name in ("commune", "prescriber", "worker"):
        if text := getattr(demande, name):
            answers[HOUSEHOLD_QUESTIONS[name][0]] = (AnswerState.YES, text)
    return answers


_NONE = frozenset({"non", "aucun", "aucune", "neant", "0", "pas d animal", "sans", "n"})
