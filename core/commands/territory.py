"""`seuil territory`: create and list territories, let their first people in."""

from __future__ import annotations

import secrets

import click

from core.accounts.team import invite as invite_colleague
from core.commands.site import Site, one_line, with_database
from core.extension.permissions import ROLES
from core.kernel.unit import Unit
from core.opening import open_territory
from core.territories.queries import load_places


@click.group()
def territory() -> None:
    """Territories: create, list; let their first people in (invite)."""


@territory.command("list")
@one_line
def list_() -> None:
    """Every territory: short name, name, languages."""

    async def work(_: Site) -> None:
        async with Unit(territory_id=None) as unit:
            places = await load_places(unit)
        for place in places.values():
            click.echo(f"{place.slug:<24} {place.name}  [{', '.join(place.langs)}]")
        if not places:
            click.echo("No territory yet: seuil territory create SLUG NAME")

    with_database(work)


@territory.command()
@click.argument("slug")
@click.argument("name")
@click.option("--zone", default="Europe/Paris", show_default=True)
@click.option("--country", default="FR", show_default=True)
@click.option(
    "--langs", default="fr,en", show_default=True, help="Languages, the first is the default."
)
@click.option(
    "--vocabulary",
    type=click.Choice(["fr", "be"]),
    help="The trade's words there: fr (SIAO, 115) or be.  [default: be for --country BE, else fr]",
)
@one_line
def create(
    slug: str, name: str, zone: str, country: str, langs: str, vocabulary: str | None
) -> None:
    """A new territory, with the shipped lists, kinds of housing and ranking rules."""

    async def work(_: Site) -> None:
        await open_territory(
            slug=slug,
            name=name,
            zone=zone,
            country=country,
            langs=tuple(part.strip() for part in langs.split(",") if part.strip()),
            vocabulary=vocabulary or ("be" if country == "BE" else "fr"),
        )
        click.echo(f"Created: {name}, at /{slug} and /admin/{slug}.")
        click.echo(f"Let its first person in: seuil territory invite {slug} EMAIL NAME")

    with_database(work)


@territory.command()
@click.argument("slug")
@click.argument("email")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(sorted(set(ROLES) - {"prescriber", "structure"})),
    default="administrator",
    show_default=True,
)
@one_line
def invite(slug: str, email: str, name: str, role: str) -> None:
    """Let somebody in, with a password for their first sign-in: the first administrator."""

    async def work(_: Site) -> None:
        async with Unit(territory_id=None) as unit:
            place = (await load_places(unit)).get(slug)
        if place is None:
            raise click.ClickException(f"no territory is named {slug}: see seuil territory list")
        password = secrets.token_urlsafe(12)
        async with Unit(territory_id=place.id, zone=place.zone) as unit:
            invited = await invite_colleague(
                unit, name=name, email=email, role=role, password=password
            )
        click.echo(f"{email} is {role} in {place.name}: sign in at /admin/{slug}/connexion")
        if invited.new:
            click.echo(f"Password for the first sign-in, shown once: {password}")
        else:
            click.echo("The account existed: its password stays.")

    with_database(work)
