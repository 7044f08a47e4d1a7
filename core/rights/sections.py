"""What a section of a person's copy is: one statement, its columns in words, and who may read it.

Every statement stands over `mine`: the households a person was in, from when to when, and whether
they were the only adult of it. What an adult of a couple told never shows to the other one: what
is a household's is given for the time the person was there, its free words only to the adult who
was alone in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.households.people import MAJORITY

GROWN = f"interval '{MAJORITY} years'"

MINE = f"""
WITH mine AS (
  SELECT m.household_id, m.role, m.starts_on, coalesce(m.ends_on, 'infinity') AS ends_on,
    m.end_reason, NOT EXISTS (
      SELECT 1 FROM membership o
      JOIN person q ON q.territory_id = o.territory_id AND q.id = o.person_id
      WHERE o.household_id = m.household_id AND o.person_id <> $1
        AND o.ends_on IS DISTINCT FROM o.starts_on
        AND (o.role <> 'child' OR q.birth <= $2::date - {GROWN})) AS alone
  FROM membership m WHERE m.person_id = $1 AND m.ends_on IS DISTINCT FROM m.starts_on)
"""  # noqa: S608 made of constants
"""$1 the person, $2 the legal day. A membership that began and ended the same day never was."""


def during(at: str) -> str:
    """SQL: an instant or a day that falls in the person's time in the household."""
    return f"{at}::date BETWEEN mine.starts_on AND mine.ends_on"


class Word(str):
    """A msgid: said in the words of the place, where what people wrote stays as it is."""


def named(codes: Mapping[Any, str]) -> Callable[[Any], str]:
    """A code in words; one that is no longer known stays as it is stored."""
    return lambda code: Word(codes[code]) if code in codes else str(code)


@dataclass(frozen=True)
class Column:
    """A value of a row: its name in the statement, what it is called, and how a code is said."""

    name: str
    label: str
    said: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Section:
    """A part of the copy. `sql` is over MINE. `reader`: the permission that opens it to staff, or
    '' where each row says its class in a column `class`."""

    title: str
    sql: str
    columns: tuple[Column, ...]
    reader: str = "households.read"


def in_words(columns: Iterable[Column], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by the words of its columns; what nobody gave is left out."""
    return {
        column.label: column.said(row[column.name]) if column.said else row[column.name]
        for column in columns
        if row[column.name] not in (None, "", [], {})
    }
