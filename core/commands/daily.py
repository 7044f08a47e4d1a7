"""`seuil daily`: what dates move, one territory at a time. To run once a day; again is harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import click

from core.accounts.throttle import sweep_tries
from core.app import CORE
from core.commands.site import Site, one_line, with_database
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.imports.uploads import Uploads
from core.kernel.clock import Clock
from core.kernel.unit import Unit
from core.placements.service import expire_overdue
from core.requests.refresh import BATCH, mark_overdue
from core.territories.queries import load_places

Work = Callable[[Unit], Awaitable[dict[str, int]]]

DUTIES: tuple[Work, ...] = (mark_overdue, expire_overdue)
"""Each moves a batch of what is due and says how many; it is asked again while a batch was full."""


@click.command()
@one_line
def daily() -> None:
    """Refreshes that fall due, adjournments that come back, proposals and holds that run out."""

    async def work(site: Site) -> None:
        base = Ctx(settings=site.settings, registry=Registry.build(CORE), clock=Clock())
        moved = await do_day(base)
        for slug, counts in moved.items():
            said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
            click.echo(f"{slug:<24} {said or 'nothing due'}")
        if not moved:
            click.echo("No territory yet: seuil territory create SLUG NAME")

    with_database(work)


async def do_day(base: Ctx) -> dict[str, dict[str, int]]:
    """Every duty of every territory: how many of each, by the territory's short name."""
    Uploads(base.settings.home).clear()
    async with Unit(territory_id=None, clock=base.clock) as unit:
        places = await load_places(unit)
        await sweep_tries(unit)
    return {p.slug: await visit(replace(base, territory=p)) for p in places.values()}


async def visit(ctx: Ctx) -> dict[str, int]:
    """Do every duty of one territory, in short transactions; how many of each."""
    moved: Counter[str] = Counter()
    for duty in DUTIES:
        full = True
        while full:
            async with ctx.unit() as unit:
                counts = await duty(unit)
            moved.update(counts)
            full = max(counts.values(), default=0) >= BATCH
    return dict(moved)
