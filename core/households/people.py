"""Who makes a household: the four answers, ages, roles and the composition code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from core.kernel.dates import years_between
from core.kernel.words import N_

MAJORITY = 18


class AnswerState(IntEnum):
    """What became of a question. None (no row) means it was not asked."""

    YES = 1
    NO = 2
    REFUSED = 3
    UNKNOWN = 4


ANSWER_LABELS: dict[AnswerState | None, str] = {
    AnswerState.YES: N_("Oui"),
    AnswerState.NO: N_("Non"),
    AnswerState.REFUSED: N_("Ne souhaite pas répondre"),
    AnswerState.UNKNOWN: N_("Ne sait pas"),
    None: N_("Question non posée"),
}


class Sex(IntEnum):
    """As stated by the person; None when not asked. Our own ids."""

    MAN = 1
    WOMAN = 2
    OTHER = 3


class Role(StrEnum):
    """Place in the household, as stored in a membership."""

    MAIN = "main"
    PARTNER = "partner"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """One person in a household on a date. `shared_custody`: a child who lives in two homes."""

    person_id: int
    role: Role
    birth: date | None = None
    sex: Sex | None = None
    shared_custody: bool = False


def age(birth: date, on: date) -> int:
    """Age in whole years; a birth that is still to come counts as zero."""
    return max(0, years_between(birth, on))


def is_minor(member: Member, on: date) -> bool:
    """Under 18. Without a birth date, only a child's role says so."""
    if member.birth is None:
        return member.role is Role.CHILD
    return age(member.birth, on) < MAJORITY


def composition_code(members: Iterable[Member], on: date) -> int | None:
    """The SI-SIAO composition code (10 to 100), computed and never typed in.

    The main person and the partner lead a household at any age; a grown child neither makes nor
    breaks a couple while a minor child is there. Children in shared custody count: they sleep
    here too. None when it cannot be said: nobody, or someone alone whose sex is not stated.
    120 (a minor asking within a family) is a choice of the prescriber and is never computed.
    """
    people = list(members)
    adults = [m for m in people if not is_minor(m, on)]
    if not people:
        return None
    if not adults:
        return 80 if len(people) == 1 else 90
    leads = [
        m
        for m in people
        if m.role in (Role.MAIN, Role.PARTNER) or (m in adults and m.role is not Role.CHILD)
    ]
    children = [m for m in people if m not in leads and is_minor(m, on)]
    couple = sorted(m.role for m in leads) == [Role.MAIN, Role.PARTNER]
    if children:
        if couple:
            return 100
        return _by_sex(leads[0], man=50, woman=40) if len(leads) == 1 else 60
    if len(people) == 1:
        return _by_sex(people[0], man=10, woman=20)
    return 30 if couple and len(people) == 2 else 70


def _by_sex(person: Member, *, man: int, woman: int) -> int | None:
    return {Sex.MAN: man, Sex.WOMAN: woman}.get(person.sex) if person.sex else None
