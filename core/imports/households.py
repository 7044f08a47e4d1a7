"""The lines of one demande put together into one household."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.imports.codes import Code
from core.imports.problems import Problem
from core.imports.rows import CellFinding, PersonRow

_SHARED = ("status", "composition", "first_sent_on", "seniority_on")
"""What the lines of one demande must agree on. Situations and workers may differ per person."""


@dataclass(slots=True)
class DemandeRow:
    """One demande of the file: a household and its members, the main applicant first.

    `refused`: nothing of it may be imported before its file is mended. `findings` are all those
    of its lines, and those of the household.
    """

    key: str
    lines: tuple[int, ...]
    members: tuple[PersonRow, ...]
    request_no: str | None = None
    group_no: str | None = None
    composition: Code | None = None
    size: int | None = None
    status: Code | None = None
    reason: Code | None = None
    situation: Code | None = None
    first_sent_on: date | None = None
    last_sent_on: date | None = None
    seniority_on: date | None = None
    refresh_due: date | None = None
    recommendations: tuple[Code, ...] = ()
    commune: str | None = None
    prescriber: str | None = None
    worker: str | None = None
    refused: bool = False
    findings: list[CellFinding] = field(default_factory=list)

    @property
    def main(self) -> PersonRow | None:
        return self.members[0] if self.members else None

    @property
    def digest(self) -> str:
        """Equal for two readings that say the same: how a second import finds nothing to do."""
        said: list[Any] = [
            getattr(self, name)
            for name in self.__slots__
            if name not in ("lines", "members", "findings", "refused")
        ]
        said += [member.values() for member in self.members]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def assemble(key: str, rows: Sequence[PersonRow], *, today: date) -> DemandeRow:
    """One household of the lines that carry its number, in file order.

    The same person twice is one state replaced by another: the one sent last wins, and both
    lines say so. A refused main applicant refuses the demande: a child must not become one by
    accident of a typing error.
    """
    findings: list[CellFinding] = []
    lines = tuple(row.line for row in rows)
    kept = [row for row in rows if not row.refused]
    current, superseded = _newest(kept, findings)
    # somebody refused on one line and readable on another is there after all
    present = {_who(row) for row in current}
    lost = [row for row in rows if row.refused and _who(row) not in present]
    main = _main(current, lost, findings)
    refused = not current or (
        any(row.role == "main" for row in lost) and not any(row.role == "main" for row in current)
    )
    if current and refused:
        findings.extend(CellFinding(row.line, Problem("main_refused")) for row in current)
    elif lost and current:
        findings.extend(
            CellFinding(main.line if main else current[0].line,
                        Problem("member_refused", {"line": row.line}))
            for row in lost
        )  # fmt: skip
    members = sorted(current, key=lambda row: (row is not main, row.line))
    demande = DemandeRow(key, lines, tuple(members), refused=refused)
    if members:
        _fill(demande, members, findings)
        shown = len(members) + len(lost)
        if demande.size is not None and demande.size != shown:
            problem = Problem("size_contradicts", {"size": demande.size, "members": shown})
            findings.append(CellFinding(members[0].line, problem, "size", None, str(demande.size)))
    # what an older state held wrong is no longer anybody's work, unless it was refused
    gone = {id(row) for row in superseded}
    for row in rows:
        demande.findings.extend(one for one in row.findings if id(row) not in gone)
    demande.findings.extend(findings)
    return demande


def _who(row: PersonRow) -> object:
    return row.person_no or row.identity


def _newest(
    rows: Sequence[PersonRow], findings: list[CellFinding]
) -> tuple[list[PersonRow], list[PersonRow]]:
    latest: dict[object, PersonRow] = {}
    superseded: list[PersonRow] = []
    for row in rows:
        who = _who(row)
        before = latest.get(who)
        if before is None:
            latest[who] = row
            continue
        if row.values() == before.values():
            findings.append(CellFinding(row.line, Problem("repeated_line", {"line": before.line})))
            superseded.append(row)
            continue
        # equal dates: the line written later is the later state
        later = (row.last_sent_on or date.min) >= (before.last_sent_on or date.min)
        newer, older = (row, before) if later else (before, row)
        findings.append(CellFinding(older.line, Problem("older_state", {"line": newer.line})))
        findings.append(CellFinding(newer.line, Problem("newer_state", {"line": older.line})))
        superseded.append(older)
        latest[who] = newer
    return list(latest.values()), superseded


def _main(
    rows: Sequence[PersonRow], lost: Sequence[PersonRow], findings: list[CellFinding]
) -> PersonRow | None:
    """The main applicant: named, else deduced from the unnamed roles, else the eldest."""
    if not rows:
        return None
    named = [row for row in rows if row.role == "main"]
    unnamed = [row for row in rows if row.role is None]
    if named:
        main = named[0]
        findings.extend(CellFinding(row.line, Problem("main_several")) for row in named[1:])
    elif any(row.role == "main" for row in lost):
        main = rows[0]
    else:
        main = min(unnamed or rows, key=lambda row: (row.birth or date.max, row.line))
        code = "main_guessed" if len(rows) > 1 or main.role is not None else "main_alone"
        findings.append(CellFinding(main.line, Problem(code), "role"))
        main.role = "main"
    findings.extend(
        CellFinding(row.line, Problem("role_missing"), "role") for row in unnamed if row is not main
    )
    return main


def _fill(demande: DemandeRow, members: list[PersonRow], findings: list[CellFinding]) -> None:
    """Household values: from the newest state, the main applicant's line first, then the others."""
    newest = max(row.last_sent_on or date.min for row in members)
    ordered = sorted(members, key=lambda row: (row.last_sent_on or date.min) != newest)
    for name in (
        "request_no", "group_no", "composition", "size", "status", "reason", "situation",
        "first_sent_on", "last_sent_on", "refresh_due", "commune", "prescriber", "worker",
    ):  # fmt: skip
        for row in ordered:
            if (value := getattr(row, name)) is not None:
                setattr(demande, name, value)
                break
    # several dates of seniority: the earliest, for nobody loses it by a slip of the file
    demande.seniority_on = min(
        (row.seniority_on for row in members if row.seniority_on), default=None
    )
    for row in ordered:
        kinds = (row.recommendation_1, row.recommendation_2, row.recommendation_3)
        if found := tuple(dict.fromkeys(kind for kind in kinds if kind is not None)):
            demande.recommendations = found
            break
    for name in _SHARED:
        said = getattr(demande, name)
        kept = next((row.line for row in ordered if getattr(row, name) == said), members[0].line)
        for row in ordered:
            other = getattr(row, name)
            if other is not None and other != said:
                problem = Problem("value_contradicts", {"line": kept})
                findings.append(CellFinding(row.line, problem, name, None, str(other)))
                break
    _numbers(demande, members, findings)


def _numbers(demande: DemandeRow, members: list[PersonRow], findings: list[CellFinding]) -> None:
    first = members[0].line
    if demande.group_no is None:
        code = "no_number" if demande.request_no is None else "group_missing"
        findings.append(CellFinding(first, Problem(code), "group_no"))
        return
    without = next((row for row in members if row.group_no is None), None)
    if without is not None:
        findings.append(CellFinding(without.line, Problem("group_missing"), "group_no"))
    if len({row.group_no for row in members if row.group_no}) > 1:
        findings.append(CellFinding(first, Problem("group_conflict"), "group_no"))
