"""`seuil worker`: hand events over, outside the process that answers requests."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click

from core import own
from core.commands.daily import tidy
from core.commands.site import Site, one_line, with_database
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.imports.jobs import launcher
from core.kernel import logs
from core.kernel.clock import Clock
from core.territories.holding import hold_behind
from core.worker import round_trip, run


@click.command()
@click.option("--once", is_flag=True, help="Hand over what waits now, then end.")
@one_line
def worker(once: bool) -> None:
    """Tell those concerned of what happened, and do what dates ask for, until stopped."""

    logs.configure()

    async def work(here: Site) -> None:
        base = Ctx(settings=here.settings, registry=Registry.build({"core": own}), clock=Clock())
        if once:
            await hold_behind(base.registry, base.clock)
            click.echo(f"Events handed over: {await round_trip(base)}.")
            return
        click.echo("The worker runs. Ctrl+C ends it.")
        launch = launcher(here.app_url)
        task = asyncio.create_task(run(base, each_day=tidy, launch=launch))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with_database(work)
