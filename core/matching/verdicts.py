"""What a criterion answered: for the staff with figures, for the household plainly. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from core.extension.contributions import Criterion
from core.extension.criteria import FIGURES
from core.kernel.words import N_, Sentence
from core.matching.conditions import OTHER, OTHER_UNKNOWN
from core.matching.criteria import Condition, Conditions

OPEN_CLASSES = frozenset({"identity", "social"})
"""Classes whose reasons every adult of a household may read; others are one person's own."""

UNREADABLE = N_("Cette condition n’a pas pu être calculée : à vérifier.")
OTHER_PLAIN = N_("Une autre condition n’est pas remplie.")
OTHER_PLAIN_UNKNOWN = N_("Nous vérifions une autre condition.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion's answer: True yes, False no, None to be checked.

    `staff` and `plain` are None for a yes; `help_staff` and `help_plain` say what would help, and
    are None where nothing is suggested. A reader without the class reads neither label nor
    figures: `readable` is False, and `key` is still the criterion's for counting.
    """

    key: str
    owner: str
    label: str
    answer: bool | None
    hard: bool
    code: str
    readable: bool
    broken: bool
    staff: Sentence | None
    plain: Sentence | None
    help_staff: Sentence | None = None
    help_plain: Sentence | None = None

    @property
    def bars(self) -> bool:
        """It keeps the household from this place."""
        return self.hard and self.answer is False


def verdicts(conditions: Conditions, mask: int, figures: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """Every answer of a mask in words; `figures` are the named facts of both sides."""
    answers = conditions.answers(mask)
    return tuple(
        _verdict(one, answer, figures)
        if figures_in(_text(one.criterion, answer))
        else _same_for_all(one, answer)
        for one, answer in zip(conditions.all, answers, strict=True)
    )


def _text(c: Criterion, answer: bool | None) -> str:
    return "" if answer is True else c.unknown if answer is None else c.no + c.would_help


@lru_cache(2048)
def _same_for_all(one: Condition, answer: bool | None) -> Verdict:
    """Without a figure it is the same for every household: made once."""
    return _verdict(one, answer, {})


def _verdict(one: Condition, answer: bool | None, figures: Mapping[str, Any]) -> Verdict:
    c, no = one.criterion, answer is False
    staff = plain = help_staff = help_plain = None
    shared = c.field_class in OPEN_CLASSES
    if answer is not True:
        if one.broken:
            staff = Sentence(UNREADABLE)
        elif one.readable:
            staff = said(c.no if no else c.unknown, figures)
        else:
            staff = Sentence(OTHER if no else OTHER_UNKNOWN)
        if shared and not one.broken:
            plain = Sentence(c.plain_no if no else c.plain_unknown)
        else:
            plain = Sentence(OTHER_PLAIN if no else OTHER_PLAIN_UNKNOWN)
    if no and c.would_help:
        help_staff = said(c.would_help, figures) if one.readable else None
        help_plain = Sentence(c.plain_help) if shared else None
    return Verdict(
        c.key, one.owner, c.label, answer, c.hard, c.code if one.readable else "", one.readable,
        one.broken, staff, plain, help_staff, help_plain,
    )  # fmt: skip


def said(msgid: str, figures: Mapping[str, Any]) -> Sentence:
    """A text with the figures it names; what nobody knows is a dash."""
    return Sentence(msgid, {name: _shown(name, figures.get(name)) for name in figures_in(msgid)})


@lru_cache(2048)
def figures_in(msgid: str) -> tuple[str, ...]:
    """The names of the figures that stand in a text."""
    return tuple(name for name in FIGURES if f"%({name})s" in msgid)


def figures_of(conditions: Conditions) -> list[str]:
    """Every figure that the texts of these criteria may show."""
    texts = [t for one in conditions.all for t in
             (one.criterion.no, one.criterion.unknown, one.criterion.would_help)]  # fmt: skip
    return sorted({name for text in texts for name in figures_in(text)})


def columns_of(names: Sequence[str], facts: str = "f", place: str = "v") -> str:
    """The columns of these figures, as `figure_NAME`, each after a comma."""
    return "".join(
        f", {place}.{n.removeprefix('place_')} AS figure_{n}"
        if n.startswith("place_")
        else f", {facts}.{n} AS figure_{n}"
        for n in names
    )


def read_figures(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The figures of a row that `columns_of` asked for."""
    return {name: row[f"figure_{name}"] for name in names}


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith("_cents"):
        euros, cents = divmod(int(value), 100)
        whole = f"{euros:,}".replace(",", "\u202f")
        return f"{whole},{cents:02d}\u00a0€" if cents else f"{whole}\u00a0€"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
