"""A file of demandes, from its bytes to households, one at a time: what an import reads.

    file = DemandeFile(path, today=…, lists=…)      # layout and mapping, or Untrustworthy
    report = file.survey()                           # a whole reading that writes nothing
    if report.trusted:
        for demande in file.demandes(report2): …

Lines of one demande are most often side by side, not always: a newer state may be exported at
the end. A first quick pass counts the lines of each demande (some 100 bytes per demande); the
second holds the lines of a demande until the last has come, as one text each. Memory is that
index and the open demandes, not the file. Reading by offsets instead would seek at random and
forbid sources that only stream; a temporary database would copy personal data to a disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict
from datetime import date
from pathlib import Path
from typing import Any

from core.imports.cells import parse_key, parse_role
from core.imports.codes import CodeMatcher
from core.imports.columns import Mapping, map_columns
from core.imports.households import DemandeRow, assemble
from core.imports.keys import fold
from core.imports.lookalikes import Lookalikes
from core.imports.mending import line_up
from core.imports.problems import Problem, Untrustworthy
from core.imports.reading import Record, Sheet
from core.imports.report import Report
from core.imports.rows import CellFinding, RowParser

Progress = Callable[[int], None]
"""Called now and then with the number of the line being read."""
_EVERY = 2_000


class DemandeFile:
    """A readable file of demandes. Raises `Untrustworthy` when it is not one."""

    def __init__(
        self, source: Path | str | bytes, *, today: date,
        lists: Dict[str, CodeMatcher] | None = None,
        remembered: Dict[str, Dict[str, Any]] | None = None, region: str = "FR",
    ) -> None:  # fmt: skip
        self.sheet = Sheet(source)
        self.today, self.lists, self.region = today, dict(lists or {}), region
        self._counts: dict[int, int] | None = None
        self._aliases: dict[int, int] = {}
        self.use(
            map_columns(
                self.sheet.layout.header,
                (record.cells for record in self.sheet.records()),
                lists=self.lists,
                remembered=remembered,
            )
        )

    def use(self, mapping: Mapping) -> None:
        """Read under this mapping: the found one, or one that a person corrected."""
        mapping.require_usable()
        self.mapping = mapping
        self._counts = None
        self._parser = RowParser(mapping, today=self.today, lists=self.lists, region=self.region)
        self._fits = self._parser.fits(self.sheet.layout.width)
        at = mapping.index_of
        self._request, self._group, self._role = at("request_no"), at("group_no"), at("role")
        names = [at(name) for name in ("family_name", "given_name", "full_name")]
        self._needed = max(index for index in names if index is not None) + 1
        self._roles: dict[str, str | None] = {}

    def survey(self, progress: Progress | None = None) -> Report:
        """Read all of it and write nothing: the counts, the findings, and whether to trust it."""
        report = Report()
        try:
            for _ in self.demandes(report, progress):
                pass
        except Untrustworthy as error:
            report.untrusted = error
            return report
        report.judge()
        return report

    def demandes(
        self, report: Report | None = None, progress: Progress | None = None
    ) -> Iterator[DemandeRow]:
        """Every demande, refused ones too (`refused` is set), as soon as its last line is read."""
        remaining = dict(self._index())
        report = report if report is not None else Report()
        self._describe(report)
        looks = Lookalikes()
        open_lines: dict[int, list[tuple[int, str, tuple[str, ...]]]] = defaultdict(list)
        sequence = _Sequence()
        for record in self.sheet.records():
            report.rows += 1
            if progress is not None and report.rows % _EVERY == 0:
                progress(record.line)
            cells, problem = self._lined(record)
            if cells is None:
                if _is_footer(record.cells):
                    report.rows -= 1
                    problem = Problem("not_a_row")
                if problem is not None:
                    report.add(record.line, problem)
                continue
            notes = record.notes if problem is None else (*record.notes, problem.code)
            key = self._key(cells, record.line, sequence)
            held = open_lines[key]
            # NUL cannot be in a cell: the reading takes control characters out
            held.append((record.line, "\0".join(cells), notes))
            remaining[key] -= 1
            if remaining[key]:
                continue
            del open_lines[key], remaining[key]
            yield self._emit(held, looks, report)
        skipped = self.sheet.skipped
        report.lines, report.blank_lines = skipped.lines, skipped.blank
        report.repeated_headers = skipped.headers
        for line in skipped.header_lines:
            report.add(line, Problem("header_again"))

    def _emit(
        self, held: list[tuple[int, str, tuple[str, ...]]], looks: Lookalikes, report: Report
    ) -> DemandeRow:
        rows = [self._parser.parse(line, text.split("\0"), notes) for line, text, notes in held]
        first = rows[0]
        key = next((row.request_no for row in rows if row.request_no), None) or next(
            (f"groupe {row.group_no}" for row in rows if row.group_no), f"ligne {first.line}"
        )
        demande = assemble(key, rows, today=self.today)
        if not demande.refused:
            report.households += 1
            report.people += len(demande.members)
            for member in demande.members:
                for line, score in looks.add(
                    member.family_key, member.given_key, member.birth, member.line, key
                ):
                    problem = Problem("maybe_same_person", {"line": line, "score": score})
                    demande.findings.append(CellFinding(member.line, problem))
        for one in demande.findings:
            report.add(
                one.line, one.problem, name=one.name, column=one.column or self._header(one.name),
                value=one.value,
            )  # fmt: skip
        return demande

    def _header(self, name: str | None) -> str | None:
        column = self.mapping.fields.get(name) if name else None
        return column.header if column else None

    def _lined(self, record: Record) -> tuple[list[str] | None, Problem | None]:
        if len(record.cells) == len(self._fits):
            return record.cells, None
        return line_up(record.cells, self._fits, self.sheet.layout.separator, self._needed)

    def _index(self) -> dict[int, int]:
        """How many lines each demande has, by the hash of its key."""
        if self._counts is not None:
            return self._counts
        counts: dict[int, int] = defaultdict(int)
        by_group: dict[int, int] = {}
        self._aliases = {}
        alone: set[int] = set()
        sequence = _Sequence()
        for record in self.sheet.records():
            cells, _ = self._lined(record)
            if cells is None:
                continue
            key = self._key(cells, record.line, sequence)
            counts[key] += 1
            if self._request is not None and self._group is not None and cells[self._group]:
                group = hash(("group", _number(cells[self._group])))
                if _number(cells[self._request]):
                    by_group.setdefault(group, key)
                else:
                    alone.add(group)
        # a line that lost its demande number joins the demande of its group
        for group in alone & by_group.keys():
            self._aliases[group] = by_group[group]
            counts[by_group[group]] += counts.pop(group)
        self._counts = dict(counts)
        return self._counts

    def _key(self, cells: list[str], line: int, sequence: _Sequence) -> int:
        """The hash of what tells one demande from another: its number, its group, its place."""
        if self._request is not None and (number := _number(cells[self._request])):
            return hash(("request", number))
        if self._group is not None and (number := _number(cells[self._group])):
            key = hash(("group", number))
            return self._aliases.get(key, key)
        if self._request is None and self._group is None and self._role is not None:
            # no number at all in this file: a household starts with its main applicant
            return sequence.place(line, self._role_of(cells[self._role]))
        return hash(("line", line))

    def _role_of(self, text: str) -> str | None:
        if text not in self._roles:
            if len(self._roles) > 10_000:
                self._roles.clear()
            self._roles[text] = parse_role(text)[0]
        return self._roles[text]

    def _describe(self, report: Report) -> None:
        layout = self.sheet.layout
        report.file = {
            "encoding": layout.encoding,
            "separator": layout.separator,
            "header_line": layout.header_line,
            "titles": list(layout.titles),
            "mapping": self.mapping.to_dict(),
            "unmapped": list(self.mapping.unmapped),
            "missing": list(self.mapping.wished),
        }


class _Sequence:
    """Households told apart only by their order: main applicant, then those with them."""

    def __init__(self) -> None:
        self._current: int | None = None

    def place(self, line: int, role: str | None) -> int:
        if self._current is None or role in (None, "main"):
            self._current = line
        return hash(("line", self._current))


_FOOTERS = ("total", "nombre", "fin de", "page ", "extrait", "extraction", "edite", "imprime")


def _is_footer(cells: list[str]) -> bool:
    """A total or the foot of a page: one cell alone that begins as these do."""
    said = [cell for cell in cells if cell.strip()]
    return len(said) == 1 and fold(said[0][:60]).startswith(_FOOTERS)


def _number(text: str) -> str:
    return (parse_key(text)[0] or "").casefold()
