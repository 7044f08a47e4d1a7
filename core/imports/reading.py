"""From bytes to lined-up cells: encoding, separator, header, quotes, physical line numbers.

Streaming: nothing of the file is kept but the current record. Every line is numbered as a text
editor numbers it, so a person finds what a report speaks of.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rapidfuzz import fuzz, process

from core.imports.encoding import detect
from core.imports.fields import BY_HEADER
from core.imports.keys import clean, fold
from core.imports.problems import Untrustworthy

SEPARATORS = (";", ",", "\t", "|", "\x1f")
HEADER_WITHIN = 60
"""Physical lines searched for the header: beyond, titles are no longer titles."""
LINE_LIMIT = 1 << 20
QUOTED_LINES = 30
"""Physical lines a quoted cell may span before its quote is held to be a stray one."""
_CHUNK = 1 << 20
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1e\x7f]")
_KNOWN_HEADERS = tuple(BY_HEADER)


class Record(NamedTuple):
    """One record of the file: physical line it starts on, its cells, codes of what was mended."""

    line: int
    cells: list[str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How this file is written."""

    encoding: str
    errors: str
    separator: str
    header_line: int
    header: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.header)


@dataclass(slots=True)
class Skipped:
    """What the last complete reading left out, and on how many physical lines it was."""

    lines: int = 0
    blank: int = 0
    headers: int = 0
    header_lines: tuple[int, ...] = ()


class Sheet:
    """A file of rows that can be read again and again; opening it finds its layout.

    `source` is a path or the bytes themselves. Raises `Untrustworthy` when it is not a table.
    """

    def __init__(self, source: Path | str | bytes) -> None:
        self._open: Callable[[], BinaryIO]
        if isinstance(source, bytes):
            data = source
            self._open = lambda: io.BytesIO(data)
        else:
            path = Path(source)
            self._open = lambda: path.open("rb")
        try:
            with self._open() as stream:
                encoding, errors = detect(iter(lambda: stream.read(_CHUNK), b""))
        except OSError:
            raise Untrustworthy("unreadable") from None
        self._encoding, self._errors = encoding, errors
        self.layout = self._find_layout()
        self.skipped = Skipped()

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Physical lines, numbered from 1, without their end (LF, CRLF and CR alike)."""
        with (
            self._open() as stream,
            io.TextIOWrapper(
                stream, encoding=self._encoding, errors=self._errors, newline=""
            ) as text,
        ):
            number = 0
            while line := text.readline(LINE_LIMIT):
                number += 1
                if len(line) == LINE_LIMIT:
                    raise Untrustworthy("huge_line", line=number)
                yield number, line.rstrip("\r\n")

    def _find_layout(self) -> Layout:
        head: list[tuple[int, str]] = []
        for number, line in self._lines():
            if number > HEADER_WITHIN:
                break
            head.append((number, line))
        best: tuple[float, str, Record] | None = None
        for separator in SEPARATORS:
            for record in _records(iter(head), separator, 0):
                score = _header_score(record.cells)
                # among equals the first line wins: a repeated header is only an echo
                if score and (best is None or score > best[0]):
                    best = (score, separator, record)
        if best is None:
            raise Untrustworthy("no_header")
        _, separator, found = best
        header = [clean(cell) for cell in found.cells]
        while header and not header[-1]:
            header.pop()
        titles = tuple(clean(text.strip(separator)) for at, text in head if at < found.line)
        titles = tuple(title for title in titles if title and not title.lower().startswith("sep="))
        return Layout(self._encoding, self._errors, separator, found.line, tuple(header), titles)

    def records(self) -> Iterator[Record]:
        """Every record under the header; blank lines and repeated headers are skipped, counted."""
        layout, skipped = self.layout, Skipped()
        self.skipped = skipped
        header = [fold(cell) for cell in layout.header]
        first = layout.header[0]
        repeated: list[int] = []
        for record in _records(self._lines(), layout.separator, layout.width, skipped):
            line, cells, _ = record
            if line <= layout.header_line:
                continue
            if not any(cells) or not any(cell.strip() for cell in cells):
                skipped.blank += 1
                continue
            if clean(cells[0]) == first and _same_header(cells, header):
                repeated.append(line)
                continue
            yield record
        skipped.headers = len(repeated)
        skipped.header_lines = tuple(repeated[:1000])


def _same_header(cells: list[str], header: list[str]) -> bool:
    same = sum(fold(cell) == name for cell, name in zip(cells, header, strict=False))
    return same >= max(2, len(header) * 0.7)


def _header_score(cells: list[str]) -> float:
    """How much a record looks like a header: its known names, less its cells that are values."""
    if len(cells) < 2:
        return 0.0
    exact, near, values = 0, 0, 0
    seen: set[str] = set()
    for cell in cells[:400]:
        name = fold(cell)
        if not name or len(name) > 60:
            continue
        if name in BY_HEADER:
            if name not in seen:
                exact += 1
            seen.add(name)
        elif name.replace(" ", "").isdigit():
            values += 1
        elif process.extractOne(name, _KNOWN_HEADERS, scorer=fuzz.ratio, score_cutoff=85):
            near += 1
    if exact + near < 2 or exact == 0 or values > exact + near:
        return 0.0
    return exact + 0.6 * near - values


def _records(
    lines: Iterator[tuple[int, str]], separator: str, width: int, skipped: Skipped | None = None
) -> Iterator[Record]:
    """Records of physical lines. A line without a quote is split at once, which is exact."""
    waiting: list[tuple[int, str]] = []  # lines read ahead for a quote that proved stray
    while True:
        if waiting:
            number, line = waiting.pop(0)
        else:
            try:
                number, line = next(lines)
            except StopIteration:
                return
            if skipped is not None:
                skipped.lines = number
        notes: tuple[str, ...] = ()
        # C0 controls break databases and terminals; isprintable() is the quick way to know
        if not line.isprintable() and _CONTROL.search(line):
            line = _CONTROL.sub("", line)
            notes = ("control_characters",)
        if '"' not in line:
            yield Record(number, line.split(separator), notes)
            continue
        cells, used = _quoted(line, lines, waiting, separator, width)
        if cells is None:
            cells, notes = line.split(separator), (*notes, "stray_quote")
        else:
            del waiting[:used]
        yield Record(number, cells, notes)


def _quoted(
    line: str,
    lines: Iterator[tuple[int, str]],
    waiting: list[tuple[int, str]],
    separator: str,
    width: int,
) -> tuple[list[str] | None, int]:
    """Cells of a record that holds quotes, and how many of the `waiting` lines it went through.

    A quote that is never closed would swallow the rest of the file: when the lines ahead do not
    close it, or begin records of their own, the cells are None and the quote is literal.
    """
    text, used = line, 0
    while True:
        try:
            cells = next(csv.reader([text], delimiter=separator, strict=True))
        except csv.Error as error:
            if "unexpected end of data" not in str(error) or used >= QUOTED_LINES:
                return _lenient(line, separator) if used == 0 else None, 0
        else:
            return cells, used
        if used == len(waiting):
            if (ahead := next(lines, None)) is None:
                return None, 0
            waiting.append(ahead)
        following = waiting[used][1]
        if width > 3 and '"' not in following and following.count(separator) >= width - 1:
            return None, 0
        text += "\n" + _CONTROL.sub("", following)
        used += 1


def _lenient(line: str, separator: str) -> list[str] | None:
    """Quotes inside cells, closed or not within the line: read as spreadsheets do."""
    if line.count('"') % 2:
        return None
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error:
        return None
