"""`seuil skeleton …`: what one asks of the plugin from a terminal."""

from __future__ import annotations

import click

from core.commands.site import Site, one_line, with_database
from core.kernel.unit import Unit
from core.territories.queries import load_places
from plugins._skeleton.queries import late_steps


@click.command()
@click.argument("territory")
@one_line
def late(territory: str) -> None:
    """How many steps are late in a territory."""

    async def work(_: Site) -> None:
        async with Unit(territory_id=None) as unit:
            place = (await load_places(unit)).get(territory)
        if place is None:
            raise click.ClickException(f"no territory is named {territory}")
        async with Unit(territory_id=place.id, zone=place.zone) as unit:
            click.echo(f"{place.name}: {await late_steps(unit)} step(s) late.")

    with_database(work)
