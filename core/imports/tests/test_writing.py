"""A chunk is written part by part while it is planned: what fails is told, and nothing stays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import asyncpg
import pytest

from core.extension.context import Ctx
from core.imports import chunks
from core.imports.plans import Plan
from core.imports.tests.test_again import line, write
from core.imports.tests.test_import import load
from core.imports.writing import DrawnIds, Writer
from core.kernel.unit import Unit

_MISTAKEN = 7
"""The birth of a person who is in the plan, and cannot be written: not a date at all."""


def _people(plan: Plan, births: Iterable[str | int]) -> None:
    for n, birth in enumerate(births):
        plan.add(
            "person", plan.take("person"), f"REF{n}{birth}", "Marelle", "Odile", "", "marelle",
            birth, 2, "", "", f"W{n}{birth}", plan.now,
        )  # fmt: skip


async def _plan(unit: Unit) -> Plan:
    ids = DrawnIds()
    await ids.draw(unit, {"person": 10})
    return Plan(unit.now, unit.today, None, 1, ids.take)


async def test_a_part_that_fails_is_told_at_the_end_and_leaves_nothing(ctx: Ctx) -> None:
    with pytest.raises(asyncpg.DataError):
        async with ctx.unit() as unit:
            plan = await _plan(unit)
            async with Writer(unit, plan, 1) as writer:
                _people(plan, ["1990-02-03", "1991-02-03"])
                await writer.hand_over()
                _people(plan, [_MISTAKEN])
                await writer.hand_over()
                _people(plan, ["1992-02-03"])
                await writer.close()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM person WHERE external_no LIKE 'W%'") == 0


async def test_planning_that_fails_stops_the_writing(ctx: Ctx) -> None:
    with pytest.raises(ZeroDivisionError):
        async with ctx.unit() as unit:
            plan = await _plan(unit)
            async with Writer(unit, plan, 1) as writer:
                _people(plan, ["1990-02-03"])
                await writer.hand_over()
                _ = 1 // 0
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM person WHERE external_no LIKE 'W%'") == 0


async def test_parts_leave_what_a_whole_leaves(
    ctx: Ctx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two demandes of one person (the same number), in two parts of one chunk."""
    monkeypatch.setattr(chunks, "_HANDED_OVER", frozenset({1, 3}))
    lines = [
        line(1),
        line(2),
        line(3),
        line(4, person="P1", family="Marellelk", birth="02/02/1951"),
    ]
    done = await load(ctx, write(tmp_path / "a.csv", *lines))
    assert (done.state, done.report.created) == ("done", 4)
    async with ctx.unit() as unit:
        rows = await unit.fetch("SELECT external_no FROM person ORDER BY external_no")
        assert [r["external_no"] for r in rows] == ["P1", "P2", "P3"]
        assert await unit.value("SELECT count(*) FROM membership") == 4
        assert await unit.value("SELECT count(*) FROM import_change") == 4
