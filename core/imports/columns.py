"""Which column holds which field: known names, near names, and what the cells look like.

The result is a `Mapping` that a person can correct and that is remembered by the fingerprint
of the header, so a team maps its export once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from core.imports.cells import parse_answer, parse_email, parse_money, parse_phone, parse_sex
from core.imports.codes import CodeMatcher
from core.imports.dates import Order, order_of
from core.imports.fields import BY_HEADER, BY_NAME, FIELDS, Field
from core.imports.keys import fold
from core.imports.problems import Untrustworthy

SAMPLE_ROWS = 300
_NEAR = 80
_DATE = re.compile(r"\s*(\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2,4}|\d{4}[./\-]\d{1,2}[./\-]\d{1,2}.*)\s*")
_WORDY_DATE = re.compile(r"\s*\d{1,2}(er)?[ -][a-zéûA-Z]{3,9}\.?[ -]\d{2,4}\s*")
_DATES = {"birth", "past", "date"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the field it was taken for, how surely (0 to 1) and why."""

    index: int
    header: str
    field: str | None
    confidence: float
    why: str
    order: Order = "dmy"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Every column of a file and the field it brings, or none."""

    fingerprint: str
    columns: tuple[Column, ...]

    def index_of(self, field: str) -> int | None:
        return next((one.index for one in self.columns if one.field == field), None)

    @property
    def fields(self) -> dict[str, Column]:
        return {one.field: one for one in self.columns if one.field}

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Headers whose cells are left out, to be told to the person."""
        return tuple(one.header for one in self.columns if one.field is None and one.header)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a file cannot do without: a name for each person."""
        fields = self.fields
        if "full_name" in fields:
            return ()
        return tuple(name for name in ("family_name", "given_name") if name not in fields)

    @property
    def wished(self) -> tuple[str, ...]:
        """What the file lacks and the import does worse without."""
        wanted = ("request_no", "birth", "role", "first_sent_on")
        return tuple(name for name in wanted if name not in self.fields)

    def require_usable(self) -> None:
        """Raise `Untrustworthy` when the indispensable fields are not there."""
        if self.missing:
            labels = ", ".join(BY_NAME[name].label for name in self.missing)
            raise Untrustworthy("missing_columns", fields=labels)

    def corrected(self, choices: Dict[int, str | None]) -> Mapping:
        """The same mapping with a person's choices `{column index: field or None}`.

        A field chosen for one column is taken from the column that had it.
        """
        for name in choices.values():
            if name is not None and name not in BY_NAME:
                raise KeyError(name)
        taken = {name for name in choices.values() if name}
        columns = []
        for one in self.columns:
            if one.index in choices:
                columns.append(replace(one, field=choices[one.index], confidence=1.0, why="chosen"))
            elif one.field in taken:
                columns.append(replace(one, field=None, confidence=1.0, why="chosen"))
            else:
                columns.append(one)
        return Mapping(self.fingerprint, tuple(columns))

    def to_dict(self) -> dict[str, Any]:
        """To remember it: only headers and fields, nothing of the rows."""
        return {
            "fingerprint": self.fingerprint,
            "columns": [
                {
                    "index": one.index, "header": one.header, "field": one.field,
                    "confidence": round(one.confidence, 2), "why": one.why, "order": one.order,
                }
                for one in self.columns
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> Mapping:
        return cls(data["fingerprint"], tuple(Column(**one) for one in data["columns"]))


def fingerprint(header: Sequence[str]) -> str:
    """The same for two files whose headers read alike, whatever their capitals and accents."""
    return hashlib.sha256("\x1f".join(fold(cell) for cell in header).encode()).hexdigest()[:32]


def map_columns(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    lists: Dict[str, CodeMatcher] | None = None,
    remembered: Dict[str, Dict[str, Any]] | None = None,
) -> Mapping:
    """Map a header, with the first rows as evidence.

    `remembered` holds earlier mappings by fingerprint (`Mapping.to_dict`): one that fits this
    header is used as it is.
    """
    mark = fingerprint(header)
    if remembered and mark in remembered:
        return Mapping.from_dict(remembered[mark])
    samples: list[list[str]] = [[] for _ in header]
    for count, row in enumerate(rows):
        if count >= SAMPLE_ROWS:
            break
        for cells, cell in zip(samples, row, strict=False):
            if cell.strip():
                cells.append(cell)
    shapes = [_shape(cells, lists or {}) for cells in samples]
    scored: list[tuple[float, int, str, str]] = []
    for index, text in enumerate(header):
        scored.extend((score, index, name, why) for score, name, why in _named(text, shapes[index]))
        if not any(entry[1] == index for entry in scored):
            scored.extend((sc, index, name, "content") for sc, name in _by_content(shapes[index]))
    # surest first; between equals, the leftmost column
    chosen: dict[int, tuple[str, float, str]] = {}
    taken: set[str] = set()
    for score, index, name, why in sorted(scored, key=lambda one: (-one[0], one[1])):
        if index not in chosen and name not in taken:
            chosen[index] = (name, score, why)
            taken.add(name)
    if {"family_name", "given_name"} <= taken:
        chosen = {at: one for at, one in chosen.items() if one[0] != "full_name"}
    columns = []
    for index, text in enumerate(header):
        found, score, why = chosen.get(index, (None, 0.0, "unknown"))
        order = order_of(samples[index]) if found and BY_NAME[found].kind in _DATES else "dmy"
        columns.append(Column(index, text, found, score, why, order))
    return Mapping(mark, _name_alone(columns, samples))


def _name_alone(columns: list[Column], samples: list[list[str]]) -> tuple[Column, ...]:
    """A `Nom` without any `Prénom`, whose cells hold several words, is the whole name."""
    fields = {one.field for one in columns}
    if "family_name" in fields and not fields & {"given_name", "full_name"}:
        for at, one in enumerate(columns):
            cells = samples[one.index]
            several = sum(len(cell.split()) > 1 for cell in cells)
            if one.field == "family_name" and cells and several > len(cells) * 0.8:
                columns[at] = replace(one, field="full_name", confidence=0.8, why="content")
    return tuple(columns)


def _shape(cells: list[str], lists: Dict[str, CodeMatcher]) -> dict[str, float]:
    """Share of the cells that read as each kind."""
    if not cells:
        return {}
    sample = cells[:100]
    tests = {
        "birth": lambda cell: bool(_DATE.fullmatch(cell) or _WORDY_DATE.fullmatch(cell)),
        "serial": lambda cell: cell.isascii() and cell.isdigit() and len(cell) == 5,
        "phone": lambda cell: sum(c.isdigit() for c in cell) >= 9 and bool(parse_phone(cell)[0]),
        "email": lambda cell: "@" in cell and bool(parse_email(cell)[0]),
        "sex": lambda cell: bool(parse_sex(cell)[0]),
        "answer": lambda cell: bool(parse_answer(cell)[0]),
        "money": lambda cell: parse_money(cell)[0] is not None,
        "number": lambda cell: cell.strip().isdigit() and len(cell.strip()) <= 2,
        "housing_number": lambda cell: cell.strip().isdigit() and len(cell.strip()) in (17, 18),
        "digits": lambda cell: any(char.isdigit() for char in cell),
    }
    shape = {kind: sum(map(test, sample)) / len(sample) for kind, test in tests.items()}
    for name, matcher in lists.items():
        known = sum(matcher.match(cell)[0] is not None for cell in sample)
        shape[f"list:{name}"] = known / len(sample)
        shape[f"words:{name}"] = sum(
            any(char.isalpha() for char in cell) and matcher.match(cell)[0] is not None
            for cell in sample
        ) / len(sample)
    shape["any"] = 1.0
    return shape


def _named(text: str, shape: dict[str, float]) -> Iterable[tuple[float, str, str]]:
    """Fields that this header may name, each with its score after a look at the cells."""
    words = fold(text)
    if not words:
        return
    if exact := BY_HEADER.get(words):
        yield _weighed(1.0, exact, shape), exact.name, "name"
    for one in FIELDS:
        if one is exact:
            continue
        near = max(
            max(fuzz.ratio(words, known), fuzz.token_sort_ratio(words, known) - 2)
            for known in one.names
        )
        if near >= _NEAR and not (exact and near < 95):
            score = _weighed(near / 100 * 0.92, one, shape)
            if score >= 0.6:
                yield score, one.name, "near_name"


def _weighed(score: float, field: Field, shape: dict[str, float]) -> float:
    """Lower a name's score when the cells say otherwise, raise it a little when they agree."""
    if not shape:
        return score
    if field.kind in _DATES:
        seen = max(shape["birth"], shape["serial"])
    elif field.kind in ("phone", "email", "sex", "answer", "money", "number"):
        seen = shape[field.kind]
    elif field.kind == "name":
        seen = 1.0 - max(shape["digits"], shape["email"])
    else:
        return score
    return score * 0.5 if seen < 0.2 else min(1.0, score + 0.05 * seen)


def _by_content(shape: dict[str, float]) -> Iterable[tuple[float, str]]:
    """Fields that only the cells speak for. Dates and plain text never say what they are of."""
    if not shape:
        return
    for kind, field in (
        ("email", "email"), ("phone", "phone"), ("housing_number", "social_housing_no"),
    ):  # fmt: skip
        if shape[kind] > 0.8:
            yield 0.6, field
    if shape["sex"] > 0.95 and shape["number"] < 0.5:
        yield 0.55, "sex"
    for field in ("composition", "reason", "situation", "status", "permit"):
        name = BY_NAME[field].coded
        # bare numbers fit several lists: at least some labels must be there
        if shape.get(f"list:{name}", 0) > 0.85 and shape.get(f"words:{name}", 0) > 0.3:
            yield 0.55, field
