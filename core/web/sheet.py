"""Tables as a page shows them and as a spreadsheet opens them: the same cells, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from litestar.response import Stream

Cell = str | int | None
"""What a cell says; None: nothing to say here."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would run."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its id on the page, its caption, its headers and rows. `note` stands under it.

    The first column names the row; `words`: the columns, from 0, that hold words and not figures.
    """

    key: str
    title: str
    headers: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    words: tuple[int, ...] = (0,)


def lines(sheets: Iterable[Sheet], about: Sequence[str] = ()) -> Iterator[str]:
    """The tables one after the other as CSV, with `;` and a mark of UTF-8 for spreadsheets.

    `about`: lines that come first, each in a cell of its own.
    """
    yield "\ufeff"
    for text in about:
        yield _line([text])
    for sheet in sheets:
        yield _line([])
        yield _line([sheet.title])
        yield _line(sheet.headers)
        for row in sheet.rows:
            yield _line(row)
        if sheet.note:
            yield _line([sheet.note])


def _line(cells: Sequence[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([_safe(c) for c in cells])
    return out.getvalue()


def _safe(cell: Cell) -> str | int:
    """A text that a spreadsheet would take for a formula is marked as a text."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell


def download(name: str, sheets: Iterable[Sheet], about: Sequence[str] = ()) -> Stream:
    """The answer that a browser saves as `name`.csv, sent line by line."""
    return Stream(
        lines(sheets, about),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
