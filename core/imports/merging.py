"""A demande known here, read again: what to take from the file, what to leave, what to show.

Three sides are compared: what the file says now, what it said last time, what stands here. A
value that was changed here is never replaced: when the file changed too, both are shown. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from core.imports.keys import fold
from core.imports.plans import Flag
from core.imports.targets import CLASSES, PersonTarget, Target, fingerprint

Verdict = Literal["leave", "take", "clash"]
NEVER_SAID: Any = object()
"""The file's former word when there was none: an imported demande is met for the first time."""


@dataclass(slots=True)
class Member:
    """A person of the household as they stand here."""

    id: int
    external_no: str | None
    fields: Mapping[str, Any]
    situation: int | None

    @property
    def key(self) -> tuple[str, str, Any]:
        f = self.fields
        return fold(f["family_name"]), fold(f["given_name"]), f["birth"]


@dataclass(slots=True)
class Standing:
    """A known demande as it stands here."""

    request_id: int
    household_id: int
    request: Mapping[str, Any]
    household: Mapping[str, Any]
    kinds: tuple[str, ...]
    members: list[Member]
    answers: Mapping[tuple[int | None, str], tuple[int, Any]]


@dataclass(slots=True)
class Merge:
    """What to do. Each mapping holds only what is taken, by field; `people` by person's id."""

    request: dict[str, Any] = field(default_factory=dict)
    household: dict[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] | None = None
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    situations: dict[int, int] = field(default_factory=dict)
    answers: list[tuple[int | None, str, tuple[int, Any]]] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    joining: list[PersonTarget] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return bool(
            self.request or self.household or self.kinds is not None or self.people
            or self.situations or self.answers or self.remarks or self.joining
        )  # fmt: skip


def judge(file: Any, before: Any, here: Any) -> Verdict:
    """What becomes of one value. A file that does not say never empties what stands."""
    file, here = plain(file), plain(here)
    if file in (None, "", []) or file == here:
        return "leave"
    if before is NEVER_SAID:
        return "take" if here in (None, "", []) else "clash"
    before = plain(before)
    if file == before:
        return "leave"
    return "take" if here in (None, "", []) or here == before else "clash"


def plain(value: Any) -> Any:
    """The same for a value and for its copy that went through JSON."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return int(value) if isinstance(value, int) else value


def merge(target: Target, standing: Standing, said: Mapping[str, Any] | None) -> Merge:
    """Compare the three sides of a demande. `said` None: no file spoke of it before."""
    done = Merge()
    _fields(done, target, standing, said)
    if (v := judge(target.kinds, _of(said, "kinds"), standing.kinds)) == "take":
        done.kinds = target.kinds
    elif v == "clash":
        _clash(done, target.line, standing, "request", standing.request_id, "kinds",
               target.kinds, standing.kinds)  # fmt: skip
    former = list(said["people"]) if said else []
    left = list(standing.members)
    for one in target.people:
        member = _match(one, left)
        if member is None:
            if said is None or _match_said(one, former) is None:
                done.joining.append(one)
            continue
        left.remove(member)
        before = _match_said(one, former)
        _person(done, one, member, before, standing)
    for member in left:
        if any((row["no"] and row["no"] == member.external_no) or tuple(row["key"][:2])
               == member.key[:2] for row in former):  # fmt: skip
            done.flags.append(Flag(target.line, "member_gone", standing.household_id, member.id))
    _answers(done, target.line, None, target.answers, said["answers"] if said else None, standing)
    return done


def _of(said: Mapping[str, Any] | None, *path: str) -> Any:
    found: Any = said
    for name in path:
        if found is None or name not in found:
            return NEVER_SAID
        found = found[name]
    return found


def _fields(
    done: Merge, target: Target, standing: Standing, said: Mapping[str, Any] | None
) -> None:
    for name, value in target.household.items():
        here = standing.household[name]
        verdict = judge(value, _of(said, "household", name), here)
        if verdict == "take":
            done.household[name] = value
        elif verdict == "clash":
            _clash(done, target.line, standing, "household", standing.household_id, name,
                   value, here)  # fmt: skip
    for name, value in target.request.items():
        here = standing.request[name]
        verdict = judge(value, _of(said, "request", name), here)
        if verdict == "take" and name == "seniority_on" and here and value > here:
            verdict = "clash"  # nobody loses seniority by a line of a file
        if verdict == "take":
            done.request[name] = value
        elif verdict == "clash":
            _clash(done, target.line, standing, "request", standing.request_id, name, value, here)


def _person(
    done: Merge, one: PersonTarget, member: Member, before: Mapping[str, Any] | None,
    standing: Standing,
) -> None:  # fmt: skip
    taken = {}
    for name, value in one.fields.items():
        verdict = judge(value, _of(before, "fields", name), member.fields[name])
        if verdict == "take":
            taken[name] = value
        elif verdict == "clash":
            _clash(done, one.line, standing, "person", member.id, name, value,
                   member.fields[name], member.id)  # fmt: skip
    if member.external_no is None and one.external_no is not None:
        taken["external_no"] = one.external_no
    if taken:
        done.people[member.id] = taken
    verdict = judge(one.situation, _of(before, "situation"), member.situation)
    if verdict == "take" and one.situation is not None:
        done.situations[member.id] = one.situation
    elif verdict == "clash":
        _clash(done, one.line, standing, "situation", member.id, "situation", one.situation,
               member.situation, member.id)  # fmt: skip
    _answers(done, one.line, member.id, one.answers, before["answers"] if before else None,
             standing)  # fmt: skip
    if one.remarks and (before is None or fingerprint(one.remarks) != before["remarks"]):
        done.remarks.append((member.id, one.remarks))


def _answers(
    done: Merge, line: int, person_id: int | None, answers: Mapping[str, tuple[int, Any]],
    before: Mapping[str, Any] | None, standing: Standing,
) -> None:  # fmt: skip
    for question, answer in answers.items():
        here = standing.answers.get((person_id, question))
        verdict = judge(list(answer), _of(before, question), list(here) if here else None)
        if verdict == "take":
            done.answers.append((person_id, question, answer))
        elif verdict == "clash":
            _clash(done, line, standing, "answer", person_id or 0, question, answer, here,
                   person_id, CLASSES[question])  # fmt: skip


def _clash(
    done: Merge, line: int, standing: Standing, kind: str, object_id: int, name: str, file: Any,
    here: Any, person_id: int | None = None, field_class: str = "identity",
) -> None:  # fmt: skip
    done.flags.append(
        Flag(line, "local_newer", standing.household_id, person_id, None, name,
             {"object": kind, "id": object_id, "file": plain(file), "here": plain(here),
              "class": field_class, "request": standing.request_id})
    )  # fmt: skip


def _match(one: PersonTarget, members: Sequence[Member]) -> Member | None:
    """The member of this very demande that a line speaks of: by number, by identity, nearly."""
    for member in members:
        if one.external_no and member.external_no == one.external_no:
            return member
    candidates = [m for m in members if not (one.external_no and m.external_no)]
    for member in candidates:
        if member.key == one.key:
            return member
    # inside one household, two of family name, given name and birth are enough
    for member in candidates:
        family, given, birth = member.key
        same = (family == one.key[0]) + (given == one.key[1]) + (birth == one.key[2] is not None)
        if (same >= 2 and given == one.key[1]) or (birth == one.key[2] is not None and same >= 2):
            return member
    return None


def _match_said(one: PersonTarget, former: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    for row in former:
        if one.external_no and row["no"] == one.external_no:
            return row
    for row in former:
        if not (one.external_no and row["no"]) and tuple(row["key"]) == tuple(plain(one.key)):
            return row
    return None
