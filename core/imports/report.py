"""What an import did and found, for a person and as JSON.

Values of sensitive columns (violence, ASE, permit, mobility, remarks) are never echoed, and
neither is anything that could not be told apart from them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from core.imports.fields import BY_NAME
from core.imports.problems import CODES, Gravity, Problem, Untrustworthy

BAD_SHARE = 20
"""Per cent of refused rows above which nothing of the file is imported."""
LISTED = 5_000
"""Problems listed one by one; beyond, they are counted by code."""
SHOWN = 80
NAMED = 500
"""Unknown names of a kind told one by one."""
_ORDER: tuple[Gravity, ...] = ("refuse", "drop", "flag", "note")

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at its place. `value` is None where showing it is nobody's business."""

    line: int
    column: str | None
    value: str | None
    code: str
    message: str
    gravity: Gravity

    def to_dict(self) -> dict[str, Any]:
        return {
            "line": self.line, "column": self.column, "value": self.value, "code": self.code,
            "message": self.message, "gravity": self.gravity,
        }  # fmt: skip


@dataclass(slots=True)
class Report:
    """Counts of one run, and its findings. Households and people are counted apart, always."""

    lines: int = 0
    rows: int = 0
    households: int = 0
    people: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    flagged: int = 0
    blank_lines: int = 0
    repeated_headers: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    file: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Counter[str]] = field(default_factory=dict)
    untrusted: Untrustworthy | None = None
    _flagged_lines: set[int] = field(default_factory=set, repr=False)
    _rejected_lines: set[int] = field(default_factory=set, repr=False)

    def add(
        self, line: int, problem: Problem, *, name: str | None = None,
        column: str | None = None, value: str | None = None,
    ) -> None:  # fmt: skip
        """Record a problem of field `name`, found in `column`, whose cell holds `value`."""
        gravity = problem.gravity
        self.by_code[problem.code] += 1
        if gravity == "refuse":
            self._rejected_lines.add(line)
        elif gravity in ("drop", "flag"):
            self._flagged_lines.add(line)
        self.rejected = len(self._rejected_lines)
        self.flagged = len(self._flagged_lines)
        if len(self.findings) < LISTED:
            secret = name is not None and BY_NAME[name].sensitive
            shown = None if secret or name is None else value
            # the sentence may carry a label of the list, which is the value in other words
            message = problem.hushed if secret else problem.message
            if shown is not None and len(shown) > SHOWN:
                shown = shown[:SHOWN] + "…"
            self.findings.append(Finding(line, column, shown, problem.code, message, gravity))

    def name(self, kind: str, said: str) -> None:
        """A commune or a prescriber that means nothing here yet, and how many demandes say it."""
        found = self.names.setdefault(kind, Counter())
        if said in found or len(found) < NAMED:
            found[said] += 1

    def count(self, outcome: Outcome) -> None:
        """What became of one household in the base."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def judge(self) -> None:
        """Mark the file untrusted when too many of its rows are refused."""
        if self.rows == 0:
            self.untrusted = Untrustworthy("no_rows")
        elif self.rejected * 100 > self.rows * BAD_SHARE:
            self.untrusted = Untrustworthy(
                "too_many_bad_rows", bad=self.rejected, rows=self.rows, limit=BAD_SHARE
            )

    @property
    def trusted(self) -> bool:
        return self.untrusted is None

    @classmethod
    def of_untrusted(cls, error: Untrustworthy) -> Report:
        """The report of a file that could not even be read."""
        return cls(untrusted=error)

    def to_dict(self) -> dict[str, Any]:
        return {
            "trusted": self.trusted,
            "error": None
            if self.untrusted is None
            else {"code": self.untrusted.code, "message": str(self.untrusted)},
            "counts": {
                name: getattr(self, name)
                for name in (
                    "lines", "rows", "households", "people", "created", "updated", "unchanged",
                    "rejected", "flagged", "blank_lines", "repeated_headers",
                )
            },
            "file": self.file,
            "names": {kind: dict(found) for kind, found in self.names.items()},
            "by_code": [
                {"code": code, "count": count, "gravity": CODES[code][0]}
                for code, count in sorted(
                    self.by_code.items(), key=lambda one: (_ORDER.index(CODES[one[0]][0]), one[0])
                )
            ],
            "problems": [one.to_dict() for one in self.findings],
            "problems_not_listed": self.by_code.total() - len(self.findings),
        }  # fmt: skip

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
