"""`seuil daily`: what dates move, one territory at a time. To run once a day; again is harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

import click

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
        Uploads(site.settings.home).clear()
        base = Ctx(settings=site.settings, registry=Registry.build(CORE), clock=Clock())
        async with Unit(territory_id=None) as unit:
            places = await load_places(unit)
        for place in places.values():
            moved = await visit(Ctx(base.settings, base.registry, base.clock, territory=place))
            said = ", ".join(f"{name} {count}" for name, count in moved.items() if count)
            click.echo(f"{place.slug:<24} {said or 'nothing due'}")
        if not places:
            click.echo("No territory yet: seuil territory create SLUG NAME")

    with_database(work)


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
