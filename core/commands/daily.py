"""`seuil daily`: what dates move, one territory at a time. To run once a day; again is harmless."""

from __future__ import annotations

from dataclasses import replace

import click

from core.accounts.throttle import sweep_tries
from core.app import CORE
from core.commands.site import Site, one_line, with_database
from core.extension.context import Ctx
from core.extension.contributions import Ran
from core.extension.registry import Registry
from core.imports.uploads import Uploads
from core.kernel.clock import Clock
from core.kernel.unit import Unit
from core.territories.holding import hold_behind
from core.territories.jobs import jobs_here, run_job
from core.territories.queries import load_places


@click.command()
@one_line
def daily() -> None:
    """Every job of every territory now, whatever its hour: the worker does each when it is due."""

    async def work(site: Site) -> None:
        base = Ctx(settings=site.settings, registry=Registry.build(CORE), clock=Clock())
        await hold_behind(base.registry, base.clock)
        moved = await do_day(base)
        for slug, jobs in moved.items():
            said = ", ".join(f"{key}: {ran.said if ran else 'FAILED'}" for key, ran in jobs.items())
            click.echo(f"{slug:<24} {said}")
        if not moved:
            click.echo("No territory yet: seuil territory create SLUG NAME")

    with_database(work)


async def do_day(base: Ctx) -> dict[str, dict[str, Ran | None]]:
    """Every job of every territory, whatever its hour: what each did, by the territory's name."""
    async with Unit(territory_id=None, clock=base.clock) as unit:
        places = await load_places(unit)
    await tidy(base)
    return {p.slug: await visit(replace(base, territory=p)) for p in places.values()}


async def tidy(base: Ctx) -> None:
    """What belongs to no territory: uploads nobody came back to, tries that no longer count."""
    Uploads(base.settings.home).clear()
    async with Unit(territory_id=None, clock=base.clock) as unit:
        await sweep_tries(unit)


async def visit(ctx: Ctx) -> dict[str, Ran | None]:
    """Every job of one territory; None for one that failed."""
    return {key: await run_job(ctx, key, asked=True) for key in jobs_here(ctx)}
