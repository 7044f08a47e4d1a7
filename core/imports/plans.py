"""What a chunk is going to write: rows by table, changes to undo later, flags, events."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from core.imports.report import Outcome

Take = Callable[[str], int]
"""Gives the next id of a table."""


def imaginary_ids() -> Take:
    """Ids for a plan that will not be written: never those of a row."""
    numbers: Iterator[int] = count(-1, -1)
    return lambda table: next(numbers)


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `import_change`: what was done to one object, with what a revert needs."""

    line: int
    kind: str
    object_id: int
    act: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A row of `import_flag`: somebody should look."""

    line: int
    code: str
    household_id: int | None = None
    person_id: int | None = None
    other_person_id: int | None = None
    field: str = ""
    details: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """Everything one chunk does. `rows` holds tuples in the order of `writing.COLUMNS`."""

    now: datetime
    today: date
    by: int | None
    run_id: int
    take: Take
    rows: dict[str, list[tuple[Any, ...]]] = dataclasses.field(
        default_factory=lambda: defaultdict(list)
    )
    changes: list[Change] = dataclasses.field(default_factory=list)
    flags: list[Flag] = dataclasses.field(default_factory=list)
    outcomes: list[tuple[int, Outcome]] = dataclasses.field(default_factory=list)
    happened: list[tuple[str, int, int]] = dataclasses.field(default_factory=list)
    numbers: dict[str, int] = dataclasses.field(default_factory=dict)
    """People that this chunk records, by the file's number: two of its demandes may share one."""
    households: list[int] = dataclasses.field(default_factory=list)
    """Households that this chunk opens."""
    named: set[int] = dataclasses.field(default_factory=set)
    """Households for which the file names a key worker of the SIAO."""

    def take_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows planned since the last time: what is being written is planned no more."""
        rows, self.rows = self.rows, defaultdict(list)
        return rows

    def add(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def told_state(self, request_id: int, state: str) -> None:
        """The state that a file tells of a demande, in its journal under the verb `import`.

        Not a `step` of the life cycle: nobody acted here. The demande went its way in SI-SIAO,
        its steps there are unknown, and none may be invented: the machine would ask for needs
        (a commission, a person told) that were met elsewhere, and send the household messages
        about acts of last year. A state changed here since is never replaced (`merging`).
        """
        self.add("request_state", request_id, "import", state, self.now, self.by, "")

    def told_entry(self, entry_id: int, state: str) -> None:
        """The same for a place on a waiting list, which follows its demande."""
        self.add("waiting_state", entry_id, "import", state, self.now, self.by, "")
