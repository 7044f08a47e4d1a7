"""Figures kept as they stood: counted each night, read by every page in one statement.

A page never counts a whole territory, so that a portal stays quick with 100,000 demandes; it says
when its figures were made. Before the first night they are counted at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from core.figures.fairness import Group, count_groups
from core.figures.outcomes import Cell, count_outcomes
from core.figures.rules import window
from core.figures.vacancies import Empty, count_vacancies
from core.figures.waits import Wait, count_waits
from core.kernel.unit import Unit
from core.territories.settings import read_settings


@dataclass(frozen=True)
class Rollup:
    """One set of figures: what its rows are, and how they are counted over some months."""

    row: type
    count: Callable[[Unit, int], Awaitable[Any]]


async def _outcomes(unit: Unit, months: int) -> list[Cell]:
    return await count_outcomes(unit, *window(unit.today, months))


async def _vacancies(unit: Unit, months: int) -> list[Empty]:
    return await count_vacancies(unit, *window(unit.today, months))


ROLLUPS = {
    "waits": Rollup(Wait, count_waits),
    "outcomes": Rollup(Cell, _outcomes),
    "fairness": Rollup(Group, count_groups),
    "vacancies": Rollup(Empty, _vacancies),
}


@dataclass(frozen=True)
class Counted:
    """The rows of a rollup, when they were counted and over how many months."""

    rows: list[Any]
    made_at: datetime
    months: int


class _Stored(msgspec.Struct):
    months: int
    rows: msgspec.Raw


async def counted(unit: Unit, what: str) -> Counted:
    """A set of figures as it was last kept; counted now where it never was."""
    rollup = ROLLUPS[what]
    row = await unit.row("SELECT values, made_at FROM figure_rollup WHERE what = $1", what)
    if row is None:
        months = (await read_settings(unit)).figures_months
        return Counted(await rollup.count(unit, months), unit.now, months)
    stored = msgspec.json.decode(row["values"], type=_Stored)
    return Counted(
        msgspec.json.decode(stored.rows, type=list[rollup.row]),  # type: ignore[name-defined]
        row["made_at"],
        stored.months,
    )


_KEEP = """
INSERT INTO figure_rollup (what, values, made_at) VALUES ($1, $2, $3)
ON CONFLICT (territory_id, what) DO UPDATE SET values = excluded.values,
  made_at = excluded.made_at
"""


async def count_all(unit: Unit) -> int:
    """Count every set of figures and keep it in the place of the former; how many rows."""
    months, done = (await read_settings(unit)).figures_months, 0
    for what, rollup in ROLLUPS.items():
        rows = await rollup.count(unit, months)
        values = msgspec.json.encode({"months": months, "rows": rows}).decode()
        await unit.fetch(_KEEP, what, values, unit.now)
        done += len(rows)
    return done
