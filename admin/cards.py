"""Any card that is changed in place: two editors compared field by field, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.journal.changes import CardChange
from core.kernel.errors import Conflict
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit
from core.web.words import format_date, format_money

FOUR = {1: N_("Oui"), 2: N_("Non"), 3: N_("Refus de répondre"), 4: N_("Ne sait pas")}

Choices = Mapping[str, Mapping[Any, str]]
"""What a coded value reads, by field: already in the reader's language."""


@dataclass(frozen=True)
class Compared:
    """What two editors of a card made of it: (label, what stands, what was typed) by field.

    What was typed is None where the second had touched nothing: then what stands is taken.
    `own`: both are the same person, in two windows.
    """

    rows: list[tuple[str, str, str | None]]
    own: bool = False


@dataclass(frozen=True)
class Card:
    """How the fields of a card are named and said, in the order to show them.

    `four` are fields of the four answers, `yes_no` booleans, `cents` amounts, `days` dates;
    `inputs` names the form's field where it is not the column's.
    """

    labels: Mapping[str, str]
    four: frozenset[str] = frozenset()
    yes_no: frozenset[str] = frozenset()
    cents: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    inputs: Mapping[str, str] = field(default_factory=dict)

    def say(self, visit: Visit, name: str, value: Any, choices: Choices) -> str:
        """A value as a person reads it; '' when there is none."""
        if value is None or value == "" or value == []:
            return ""
        if name in self.four:
            return visit._(FOUR[int(value)])
        if name in self.yes_no:
            return visit._(FOUR[1 if value else 2])
        if name in self.cents:
            return format_money(int(value), lang=visit.ctx.lang)
        if name in self.days:
            day = value if isinstance(value, date) else date.fromisoformat(value)
            return format_date(day, lang=visit.ctx.lang)
        if name in choices:
            said = {str(key): words for key, words in choices[name].items()}
            return said.get(str(value), str(value))
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    def compared(
        self, visit: Visit, error: Conflict, mine: Mapping[str, Any], choices: Choices
    ) -> Compared:
        """Each field that differs between what stands and what was typed.

        A conflict that brings nothing to compare is not about this card: it is raised again.
        """
        if not error.theirs:
            raise error
        rows = [
            (
                visit._(label),
                self.say(visit, name, error.theirs[name], choices),
                None if name in error.untouched else self.say(visit, name, mine[name], choices),
            )
            for name, label in self.labels.items()
            if name in error.theirs and name in mine and error.theirs[name] != mine[name]
        ]
        return Compared(rows, error.own)

    def upon(self, form: Form, error: Conflict, shown: Mapping[str, Any]) -> Form:
        """What was typed, over the version that stands now: sending again is a choice made knowing.

        A field that the second editor had not touched takes what stands, so that sending again
        undoes nothing; `shown` says how a form holds it, by the form's own names.
        """
        values: dict[str, Any] = dict(form.dump())
        for name in error.untouched:
            of_form = self.inputs.get(name, name)
            values[of_form] = shown[of_form]
        return Form({**values, "version": error.theirs["version"]}, csrf=form.csrf)

    def told(
        self, visit: Visit, changes: Iterable[CardChange], choices: Choices
    ) -> list[dict[str, Any]]:
        """The card's history as its macro shows it: who, when, and each field before and after."""
        return [
            {
                "row_id": change.row_id,
                "at": change.at,
                "author": change.author or visit._(N_("Système")),
                "fields": [
                    (
                        visit._(self.labels[one.field]),
                        self.say(visit, one.field, one.before, choices),
                        self.say(visit, one.field, one.after, choices),
                    )
                    for one in change.fields
                ],
            }
            for change in changes
        ]


def version_of(form: Form) -> int:
    """The version that the form was filled from; 0, older than any, when it carries none."""
    return form.integer("version", 0, 2**62) or 0
