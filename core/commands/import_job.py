"""An import asked for on a page, done by a process of its own: reading must not slow pages down.

The order comes by the standard input, so that no address or password shows in a list of processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import msgspec
import structlog

from core.commands.imports import acting_in
from core.extension.context import Ctx
from core.imports.jobs import Job, give_way
from core.imports.resuming import note_failure
from core.imports.reverting import revert_import
from core.imports.uploads import Uploads, bring_in, check
from core.kernel import logs
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.settings import Settings
from core.kernel.trace import trace

log = structlog.get_logger()


async def do(ctx: Ctx, job: Job) -> None:
    """The job itself, under the context of the person who asked."""
    if job.act == "revert":
        await revert_import(ctx.unit, job.ref)
        return
    uploads = Uploads(ctx.settings.home)
    upload = uploads.find(job.token, ctx.place.id)
    try:
        await (check if job.act == "check" else bring_in)(ctx.unit, uploads, upload)
    except BaseException:
        upload.state = "failed"
        uploads.save(upload)
        raise


async def do_or_tell(job: Job, settings: Settings) -> None:
    """Do a job; where it fails, its run says so at once, and the error goes on."""
    try:
        await do(await acting_in(settings, Clock(), job.slug, account_id=job.account_id), job)
    except BaseException as error:
        # A database that went away cannot be told: the run's silence will.
        with contextlib.suppress(Exception):
            system = await acting_in(settings, Clock(), job.slug)
            async with system.unit() as unit:
                await note_failure(unit, job, type(error).__name__)
        raise


def main() -> None:
    """One job, read from the standard input. Ends with 1 when it failed, having logged where."""
    logs.configure()
    give_way()
    order = msgspec.json.decode(sys.stdin.buffer.read())

    async def run() -> None:
        # Nobody's page waits for this process: a statement may take its time.
        await ENGINE.open(order["url"], 2, patience=None)
        try:
            await do_or_tell(Job(**order["job"]), Settings.from_env())
        finally:
            await ENGINE.close()

    try:
        asyncio.run(run())
    except Exception as error:
        # the error's own words may quote a cell or a row: its kind and its lines of code are told
        log.error("import job failed", act=order["job"]["act"], **trace(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
