"""One line of a file as a typed person, with what was found in each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from core.imports import cells as cell
from core.imports import dates
from core.imports.codes import Code, CodeMatcher
from core.imports.columns import Column, Mapping
from core.imports.fields import BY_NAME
from core.imports.mending import Fits
from core.imports.names import Name, parse_name, split_name
from core.imports.problems import Problem

CACHED = 50_000
"""Distinct cells remembered per column; a column of unique texts starts over at this many."""

Parse = Callable[[str], tuple[Any, Problem | None]]
Cache = dict[str, tuple[Any, Problem | None]]
_UNIQUE = {"key", "phone", "email", "housing_number"}  # what never repeats is not remembered


@dataclass(frozen=True, slots=True)
class CellFinding:
    """A problem of one cell (or of the row, when `name` is None), where it stands in the file."""

    line: int
    problem: Problem
    name: str | None = None
    column: str | None = None
    value: str | None = None


@dataclass(slots=True)
class PersonRow:
    """A person as one line tells them. None means that the file does not say.

    Code fields hold the list's id, or the text as written when no list was supplied; money is in
    cents; dates are dates; `answers` fields hold a `Reply` (answer and words beside it).
    """

    line: int
    request_no: str | None = None
    group_no: str | None = None
    person_no: str | None = None
    role: cell.Role | None = None
    family_name: Name | None = None
    given_name: Name | None = None
    usual_name: Name | None = None
    sex: cell.Sex | None = None
    birth: date | None = None
    phone: str | None = None
    email: str | None = None
    composition: Code | None = None
    size: int | None = None
    status: Code | None = None
    reason: Code | None = None
    situation: Code | None = None
    first_sent_on: date | None = None
    last_sent_on: date | None = None
    seniority_on: date | None = None
    refresh_due: date | None = None
    recommendation_1: Code | None = None
    recommendation_2: Code | None = None
    recommendation_3: Code | None = None
    commune: str | None = None
    prescriber: str | None = None
    worker: str | None = None
    resource_kind: Code | None = None
    resource_amount: int | None = None
    social_housing_no: str | None = None
    dalo: cell.Reply | None = None
    daho: cell.Reply | None = None
    syplo: Code | None = None
    permit: Code | None = None
    animals: str | None = None
    reduced_mobility: cell.Reply | None = None
    violence: cell.Reply | None = None
    ase: cell.Reply | None = None
    remarks: str | None = None
    findings: list[CellFinding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        # most lines have nothing to say, and each is asked several times
        return bool(self.findings) and any(one.problem.gravity == "refuse" for one in self.findings)

    @property
    def family_key(self) -> str:
        return self.family_name.key if self.family_name else ""

    @property
    def given_key(self) -> str:
        return self.given_name.key if self.given_name else ""

    @property
    def identity(self) -> tuple[str, str, date | None]:
        """What to look a person up by when no number says who it is."""
        return self.family_key, self.given_key, self.birth

    def values(self) -> tuple[Any, ...]:
        """All that the line says, for comparing two lines."""
        values: tuple[Any, ...] = _values(self)
        return values


VALUE_FIELDS = tuple(
    name for name in PersonRow.__dataclass_fields__ if name not in ("line", "findings")
)
_values = attrgetter(*VALUE_FIELDS)


class RowParser:
    """Turns lined-up cells into `PersonRow`s under one mapping.

    Cells repeat a great deal in such files: each column remembers what it has read.
    """

    def __init__(
        self, mapping: Mapping, *, today: date, lists: Dict[str, CodeMatcher] | None = None,
        region: str = "FR",
    ) -> None:  # fmt: skip
        self._lists = dict(lists or {})
        self._today = today
        self._region = region
        self._plan: list[tuple[int, str, str, Parse, Cache | None]] = [
            (
                one.index, one.field, one.header, self._parser(one, one.field),
                None if BY_NAME[one.field].kind in _UNIQUE else {},
            )
            for one in mapping.columns
            if one.field
        ]  # fmt: skip

    def _parser(self, column: Column, name: str) -> Parse:
        one = BY_NAME[name]
        if one.name == "full_name":
            return _whole_name
        if one.kind == "birth":
            return partial(dates.parse_birth, today=self._today, order=column.order)
        if one.kind == "past":
            return partial(dates.parse_past, today=self._today, order=column.order)
        if one.kind == "date":
            return partial(dates.parse_date, today=self._today, order=column.order)
        if one.kind == "phone":
            return partial(cell.parse_phone, region=self._region)
        if one.kind == "code":
            matcher = self._lists.get(one.coded or "")
            return matcher.match if matcher else cell.parse_text
        return _PARSERS[one.kind]

    def fits(self, width: int) -> list[Fits | None]:
        """For each column, whether a text belongs there; None for free text."""
        fits: list[Fits | None] = [None] * width
        for index, name, _, parse, _ in self._plan:
            kind = BY_NAME[name].kind
            if kind not in ("text", "name", "key") and not (
                kind == "code" and BY_NAME[name].coded not in self._lists
            ):
                fits[index] = partial(_fits, parse)
        return fits

    def parse(self, line: int, cells: Sequence[str], notes: Sequence[str] = ()) -> PersonRow:
        """The person of one line. Never raises: what cannot be read is a finding."""
        row = PersonRow(line)
        findings = row.findings
        for note in notes:
            findings.append(CellFinding(line, Problem(note)))
        for index, name, header, parse, cache in self._plan:
            text = cells[index]
            if not text:
                continue
            if cache is None:
                value, problem = parse(text)
            else:
                known = cache.get(text)
                if known is None:
                    if len(cache) >= CACHED:
                        cache.clear()
                    known = cache[text] = parse(text)
                value, problem = known
            if value is not None:
                if name == "full_name":
                    row.family_name, row.given_name, usual = value
                    row.usual_name = row.usual_name or usual
                else:
                    setattr(row, name, value)
            if problem is not None:
                findings.append(CellFinding(line, problem, name, header, text))
        if row.family_name is None or row.given_name is None:
            self._nameless(row)
        if row.first_sent_on and row.last_sent_on and row.first_sent_on > row.last_sent_on:
            findings.append(CellFinding(line, Problem("dates_disordered"), "first_sent_on"))
        return row

    @staticmethod
    def _nameless(row: PersonRow) -> None:
        if row.family_name is None and row.given_name is None:
            if not row.refused:
                row.findings.append(CellFinding(row.line, Problem("name_missing")))
        else:
            row.findings.append(CellFinding(row.line, Problem("name_incomplete")))


def _whole_name(text: str) -> tuple[Any, Problem | None]:
    family, given, usual, problem = split_name(text)
    return ((family, given, usual) if family or given else None), problem


def _fits(parse: Parse, text: str) -> bool:
    value, problem = parse(text)
    return value is not None or problem is None


_PARSERS: dict[str, Parse] = {
    "key": cell.parse_key,
    "role": cell.parse_role,
    "name": parse_name,
    "sex": cell.parse_sex,
    "email": cell.parse_email,
    "number": cell.parse_number,
    "text": cell.parse_text,
    "money": cell.parse_money,
    "answer": cell.parse_answer,
    "housing_number": cell.parse_housing_number,
}
