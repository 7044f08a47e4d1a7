"""How a figure is measured: ours and the floor in turn, medians, and whether both agree."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results.json"

SIZES = {"S": 2_000, "M": 100_000, "L": 1_000_000}
"""Households waiting: a territory, every SIAO in one deployment, a national load test."""


@dataclass
class Result:
    """One row of the table. Times are seconds for one piece of work; `held`: the goal is met."""

    scenario: str
    size: str
    ours_s: float
    floor_s: float
    ratio: float
    goal: str
    held: bool
    growth: float | None = None
    statements: int | None = None
    bytes: int | None = None
    peak_mb: float | None = None


class Disagreement(Exception):
    """Ours and the floor gave different answers: the figure would mean nothing."""


def peak_mb() -> float:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def in_turn(
    ours: Callable[[], Awaitable[Any]],
    floor: Callable[[], Awaitable[Any]],
    *,
    runs: int = 30,
    same: Callable[[Any, Any], bool] | None = None,
) -> tuple[float, float]:
    """Median seconds of both, run in turn A B A B after a warm-up; raises when they disagree."""
    first, reference = await ours(), await floor()
    if same is not None and not same(first, reference):
        raise Disagreement(f"ours {first!r:.200} floor {reference!r:.200}")
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        for work, times in ((ours, mine), (floor, theirs)):
            began = time.perf_counter()
            await work()
            times.append(time.perf_counter() - began)
    return statistics.median(mine), statistics.median(theirs)


def write(results: list[Result]) -> None:
    """The table on the screen, the list in `bench/results.json`."""
    RESULTS.write_text(json.dumps([asdict(r) for r in results], indent=2, ensure_ascii=False))
    table = Table(title="Seuil bench")
    for heading in (
        "scenario", "size", "ours", "floor", "ratio", "growth", "SQL", "bytes", "MB", "goal", "",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading in ("scenario", "goal") else "right")
    for r in results:
        table.add_row(
            r.scenario,
            r.size,
            _seconds(r.ours_s),
            _seconds(r.floor_s),
            f"{r.ratio:.2f}",
            "" if r.growth is None else f"{r.growth:.2f}",
            "" if r.statements is None else str(r.statements),
            "" if r.bytes is None else str(r.bytes),
            "" if r.peak_mb is None else f"{r.peak_mb:.0f}",
            r.goal,
            "held" if r.held else "MISSED",
        )
    Console(width=150).print(table)


def _seconds(value: float) -> str:
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.2f} ms"
