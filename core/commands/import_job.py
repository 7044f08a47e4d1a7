"""An import asked for on a page, done by a process of its own: reading must not slow pages down.

The order comes by the standard input, so that no address or password shows in a list of processes.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from core.commands.imports import acting_in
from core.extension.context import Ctx
from core.imports.jobs import Job, give_way
from core.imports.reverting import revert_import
from core.imports.uploads import Uploads, bring_in, check
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.settings import Settings


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


def main() -> None:
    """One job, read from the standard input."""
    give_way()
    order = msgspec.json.decode(sys.stdin.buffer.read())

    async def run() -> None:
        await ENGINE.open(order["url"], 2)
        try:
            job = Job(**order["job"])
            ctx = await acting_in(Settings.from_env(), Clock(), job.slug, account_id=job.account_id)
            await do(ctx, job)
        finally:
            await ENGINE.close()

    asyncio.run(run())


if __name__ == "__main__":
    main()
