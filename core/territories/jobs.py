"""The jobs of a territory: run when they are due, one at a time, each run kept with its result.

A job's work and the row that says it was done are one transaction, so that no crash leaves one
without the other. Two workers never run the same job at once: the second finds its lock taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog

from core.extension.context import Ctx
from core.extension.contributions import Job, Ran
from core.kernel.errors import DatabaseUnavailable, NotFound
from core.kernel.trace import trace
from core.kernel.unit import Unit
from core.kernel.words import Sentence
from core.territories.rules import due_at

log = structlog.get_logger()

BATCHES = 500
"""How often a job that stops at a full batch is asked again in a row."""


@dataclass(frozen=True)
class Standing:
    """Where a job stands here: its last run (None before the first) and when it is due."""

    key: str
    job: Job
    plugin: str
    due_at: datetime
    last: Mapping[str, Any] | None = None
    failures: int = 0

    @property
    def said(self) -> Sentence | None:
        """What its last run said, if it did not fail."""
        if self.last is None or self.last["error"]:
            return None
        return Sentence(self.last["said"], msgspec.json.decode(self.last["params"]))


_LAST = """
SELECT DISTINCT ON (r.job) r.job, r.due_at, r.started_at, r.ended_at, r.said, r.params, r.error,
  a.name AS author,
  CASE WHEN r.error = '' THEN 0 ELSE (SELECT count(*) FROM job_run f WHERE f.job = r.job
    AND f.id > coalesce((SELECT max(g.id) FROM job_run g WHERE g.job = r.job AND g.error = ''), 0))
  END AS failures
FROM job_run r LEFT JOIN account a ON a.id = r.by WHERE r.job = ANY($1)
ORDER BY r.job, r.id DESC
"""


def jobs_here(ctx: Ctx) -> dict[str, tuple[str, Job]]:
    """The jobs of this territory by key, with who brings each: core's, and what is on."""
    registry, on = ctx.registry, ctx.hooks.enabled
    return {
        key: (registry.owners["job", key], job)
        for key, job in registry.jobs.items()
        if registry.owners["job", key] in on
    }


async def standings(ctx: Ctx, unit: Unit) -> list[Standing]:
    """Every job here with its last run, in the order to show them. One statement."""
    here = jobs_here(ctx)
    last = {row["job"]: row for row in await unit.fetch(_LAST, list(here))}
    found = []
    for key, (plugin, job) in here.items():
        row = last.get(key)
        ended, failures = (row["ended_at"], row["failures"]) if row else (None, 0)
        due = due_at(job, unit.now, unit.zone, ended, failures)
        found.append(Standing(key, job, plugin, due, row, failures))
    return sorted(found, key=lambda one: (one.job.order, one.key))


_KEEP = """
INSERT INTO job_run (plugin, job, due_at, started_at, ended_at, said, params, error, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def run_job(ctx: Ctx, key: str, *, asked: bool = False) -> Ran | None:
    """Run one job if it is due; `asked`: whatever the hour, by the actor of `ctx`.

    Returns what it did; None when it was not due, is running elsewhere, or failed: the failure is
    kept and logged, what it wrote is undone. Raises NotFound for a job that is not here.
    """
    if key not in jobs_here(ctx):
        raise NotFound()
    ran: Ran | None = None
    for _ in range(BATCHES):
        async with ctx.unit() as unit:
            ran = await _run_once(ctx, unit, key, asked or ran is not None)
        if ran is None or not ran.more:
            break
    return ran


async def _run_once(ctx: Ctx, unit: Unit, key: str, whatever: bool) -> Ran | None:
    lock = f"seuil job {unit.territory_id} {key}"
    if not await unit.value("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", lock):
        return None
    stands = next(one for one in await standings(ctx, unit) if one.key == key)
    if stands.due_at > unit.now and not whatever:
        return None
    job, error, ran = stands.job, "", Ran(Sentence(""))
    try:
        async with asyncio.timeout(job.seconds), unit.savepoint(job.seconds * 1000):
            with unit.consequence():
                ran = await job.run(ctx, unit)
            if not isinstance(ran, Ran):
                raise TypeError(f"the job gave a {type(ran).__name__} where a Ran belongs")
    except DatabaseUnavailable:
        raise
    except Exception as failure:
        log.error("job failed", job=key, plugin=stands.plugin, **trace(failure))
        error, ran = type(failure).__name__, Ran(Sentence(""))
    await unit.fetch(
        _KEEP,
        stands.plugin,
        key,
        min(stands.due_at, unit.now),
        unit.now,
        max(ctx.clock.now(), unit.now),
        ran.said.msgid,
        msgspec.json.encode(dict(ran.said.params)).decode(),
        error,
        unit.actor.account_id,
    )
    return None if error else ran


async def run_due(ctx: Ctx) -> datetime | None:
    """Run every job of this territory that is due; when the next one is, None without any job."""
    async with ctx.unit() as unit:
        waiting = await standings(ctx, unit)
        now = unit.now
    for one in waiting:
        if one.due_at <= now:
            await run_job(ctx, one.key)
    if not waiting:
        return None
    async with ctx.unit() as unit:
        return min(one.due_at for one in await standings(ctx, unit))


async def recent_runs(unit: Unit, limit: int = 50) -> list[Any]:
    """The last runs here, the newest first."""
    return await unit.fetch(
        "SELECT r.job, r.plugin, r.started_at, r.ended_at, r.said, r.params, r.error, "
        "a.name AS author FROM job_run r LEFT JOIN account a ON a.id = r.by "
        "ORDER BY r.id DESC LIMIT $1",
        limit,
    )
