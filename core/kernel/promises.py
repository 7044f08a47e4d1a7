"""What a table promises beyond its columns: declared beside it, laid by `core.kernel.ground`.

Composite references, exclusions, checks and indexes, which Piccolo cannot write, each with the
sentence that a person reads when it speaks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from core.kernel.errors import SeuilError
from core.kernel.past import Kept, Rewritten


@dataclass(frozen=True)
class Reference:
    """`table.column` names a row of `target` in the same territory (a composite foreign key).

    Foreign keys are checked with row-level security off, so a plain one would let a row of
    another territory be named: the territory is part of the key.
    """

    table: str
    column: str
    target: str
    on_delete: str = "NO ACTION"

    @property
    def name(self) -> str:
        return f"sl_{bare_name(self.table)}_{self.column}_fk"[:63]

    @property
    def ddl(self) -> str:
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} "
            f"FOREIGN KEY (territory_id, {self.column}) REFERENCES {self.target} "
            f"(territory_id, id) ON DELETE {self.on_delete}"
        )


@dataclass(frozen=True)
class GlobalReference:
    """`table.column` names a row of a global table."""

    table: str
    column: str
    target: str

    @property
    def name(self) -> str:
        return f"sl_{bare_name(self.table)}_{self.column}_fk"[:63]

    @property
    def ddl(self) -> str:
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} "
            f"FOREIGN KEY ({self.column}) REFERENCES {self.target} (id)"
        )


@dataclass(frozen=True)
class Constraint:
    """A check, unique or exclusion constraint; `message` is what a person reads when it speaks."""

    table: str
    suffix: str
    definition: str
    message: str = ""

    @property
    def name(self) -> str:
        return f"sl_{bare_name(self.table)}_{self.suffix}"[:63]

    @property
    def ddl(self) -> str:
        return f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} {self.definition}"


@dataclass(frozen=True)
class Index:
    """An index, `unique` when it is a promise (then with a message)."""

    table: str
    suffix: str
    on: str
    unique: bool = False
    message: str = ""

    @property
    def name(self) -> str:
        return f"sl_{bare_name(self.table)}_{self.suffix}"[:63]

    @property
    def ddl(self) -> str:
        unique = "UNIQUE " if self.unique else ""
        return f"CREATE {unique}INDEX {self.name} ON {self.table} {self.on}"


@dataclass(frozen=True)
class Erasable:
    """Columns of a journal that hold somebody's words, with what is left when they are erased.

    Nothing else of a journal ever changes: the serving role may not UPDATE it, and these columns
    only through the function `sl_erase_<table>(ids)` that the ground lays for it, behind the
    territory's wall. `blanks`: (column, SQL literal).
    """

    table: str
    blanks: tuple[tuple[str, str], ...]

    @property
    def function(self) -> str:
        """The function that erases, in the table's own schema."""
        schema, _, bare = self.table.rpartition(".")
        return f"{schema or 'public'}.sl_erase_{bare}"


Ground = Reference | GlobalReference | Constraint | Index
Past = Kept | Rewritten

PROMISES: dict[str, Ground] = {}
"""Everything declared, by the name it has in the database."""

PASTS: dict[str, Past] = {}
"""What each table says of its past, likewise."""

AUTHORS: dict[str, str] = {}
"""The module that declared each."""

ERASABLE: dict[str, Erasable] = {}
"""What may be erased of the journals, by table."""

GROWING: set[str] = set()
"""Plugins' tables whose rows are added and never changed."""


def declare(*promises: Ground | Past | Erasable) -> None:
    """Called once by each `tables.py` with what its tables promise."""
    author = sys._getframe(1).f_globals.get("__name__", "")
    for promise in promises:
        if isinstance(promise, Erasable):
            ERASABLE[promise.table] = promise
            continue
        held: dict[str, Any] = PASTS if isinstance(promise, (Kept, Rewritten)) else PROMISES
        known = held.get(promise.name)
        if known is not None and known != promise:
            raise SeuilError(
                f"two promises are named {promise.name}, of {AUTHORS[promise.name]} and {author}"
            )
        held[promise.name] = promise
        AUTHORS.setdefault(promise.name, author)


def only_grows(*tables: str) -> None:
    """Called by a plugin's `tables.py` for its journals: rows are added, never changed."""
    GROWING.update(tables)


def declared_by(package: str) -> list[Ground]:
    """The promises that the modules of a package declared."""
    return [
        promise
        for name, promise in PROMISES.items()
        if AUTHORS[name] == package or AUTHORS[name].startswith(f"{package}.")
    ]


def message_of(constraint: str | None) -> str:
    """The sentence for the person when this constraint refuses, or ''."""
    promise = PROMISES.get(constraint or "")
    return getattr(promise, "message", "")


def bare_name(table: str) -> str:
    """A table's name as part of another: `plugin_x.y` is `plugin_x_y`."""
    return table.replace(".", "_")
