"""Runs that stopped half-way: what their page says of it, and how they are taken up by themselves.

A process can be killed, a disk can be full, the database can go away. What is written, or taken
back, is whole up to the last chunk: the worker sends somebody to go on from there, a little later
each time, and gives up after `MOST` tries that got no further: then a person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.extension.context import Ctx
from core.imports.jobs import Job, Launch
from core.kernel.unit import Unit

SILENT = timedelta(seconds=120)
"""Without a sign for so long, the process is gone: killed, it could not say so."""
MOST = 5
UNDER_WAY = ("running", "reverting")


def next_try(run: Mapping[str, Any]) -> datetime | None:
    """When the worker takes a run up again; None when it is left to a person.

    `run`: a row of `queries.read_run`. One minute after a failure, then twice as long each time.
    """
    if run["state"] not in UNDER_WAY or run["tries"] >= MOST:
        return None
    if run["state"] == "running" and not run["stored_as"]:
        return None  # a command's own file: nobody else has it
    if run["failed_at"] is None:
        return run["last_at"] + SILENT  # type: ignore[no-any-return]
    return run["failed_at"] + timedelta(minutes=2 ** run["tries"])  # type: ignore[no-any-return]


def stopped(run: Mapping[str, Any], now: datetime) -> bool:
    """Whether nobody works on a run that has not ended: it failed, or it is silent for long."""
    if run["state"] not in UNDER_WAY:
        return False
    return run["failed_at"] is not None or bool(now - run["last_at"] > SILENT)


_STOPPED = """
SELECT r.id, r.ref, r.state, r.stored_as, r.tries, r.failed_at,
  CASE r.state WHEN 'reverting' THEN r.reverted_by ELSE r.started_by END AS by,
  greatest((SELECT max(c.at) FROM import_chunk c WHERE c.run_id = r.id), r.reverted_at, r.beat_at,
           r.started_at) AS last_at
FROM import_run r WHERE r.state IN ('running', 'reverting') ORDER BY r.id FOR UPDATE SKIP LOCKED
"""


async def due(unit: Unit, slug: str) -> list[Job]:
    """The orders to give now. Each is marked as given, so that nobody else gives it too."""
    orders = []
    for run in await unit.fetch(_STOPPED):
        when = next_try(run)
        if when is None or when > unit.now:
            continue
        await note_order(unit, run["id"], counted=True)
        act = "revert" if run["state"] == "reverting" else "import"
        orders.append(Job(act, slug, run["by"], run["stored_as"], run["ref"]))
    return orders


async def note_order(unit: Unit, run_id: int, *, counted: bool = False) -> None:
    """Somebody is sent to work on a run: silence counts from now. A person's order begins anew."""
    await unit.fetch(
        "UPDATE import_run SET beat_at = $2, failed_at = NULL, failure = '', "
        "tries = CASE WHEN $3 THEN tries + 1 ELSE 0 END WHERE id = $1",
        run_id,
        unit.now,
        counted,
    )


async def note_failure(unit: Unit, job: Job, kind: str) -> None:
    """A try that ended badly, for the page of its run. `kind`: of error, never its words."""
    await unit.fetch(
        "UPDATE import_run SET failed_at = $3, failure = $4 WHERE (ref = $1 OR stored_as = $2) "
        "AND state = CASE WHEN $5 = 'revert' THEN 'reverting' ELSE 'running' END",
        job.ref or None,
        job.token or None,
        unit.now,
        kind,
        job.act,
    )


async def take_up(ctx: Ctx, launch: Launch) -> int:
    """Have every run of this territory that stopped, and is due, gone on with; how many."""
    async with ctx.unit() as unit:
        orders = await due(unit, ctx.place.slug)
    for order in orders:
        await launch(order)
    return len(orders)
