"""`seuil demo`: a running site with four territories that lived two years; and who may try it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import asyncpg
import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from core.app import CORE
from core.commands.serve import require_port, run_server
from core.commands.site import Site, Whole, one_line, site
from core.demo.accounts import DemoAccount, demo_accounts
from core.demo.fill import SIZE, demo, filled
from core.demo.places import LANDS
from core.extension.registry import Registry
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.migrate import migrate
from core.kernel.settings import Settings

SEED = 67


@click.group(invoke_without_command=True)
@click.option("--reset", is_flag=True, help="Begin again from new data.")
@click.option("--size", type=Whole(1, 2000), default=SIZE, show_default=True,
              envvar="SEUIL_DEMO_SIZE", show_envvar=True,
              help="Households of each territory.")  # fmt: skip
@click.option("--fill-only", is_flag=True, help="Make the data and do not serve.")
@click.pass_context
@one_line
def demonstration(context: click.Context, reset: bool, size: int, fill_only: bool) -> None:
    """A running site with its demonstration data, made when there is none."""
    if context.invoked_subcommand is not None:
        return
    settings = Settings.from_env()
    _only_for_trying(settings)
    if not fill_only:
        require_port(settings)
    with site() as here:
        asyncio.run(_prepare(here, reset, size))
        if fill_only:
            return
        _show(asyncio.run(_accounts(here)), here)
        run_server(here)


@demonstration.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts: url and fields of each form.")
@one_line
def accounts(as_json: bool) -> None:
    """Who may be tried, and how they sign in; a resident's code opens once."""
    _only_for_trying(Settings.from_env())
    with site() as here:
        asyncio.run(migrate(here.admin_url, here.settings.secret_key))
        found = asyncio.run(_accounts(here))
        if not found:
            raise click.ClickException("no demonstration data here: run seuil demo")
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode([a.as_json() for a in found])))
        else:
            _show(found, here)


def _only_for_trying(settings: Settings) -> None:
    if settings.production:
        raise click.ClickException(
            "SEUIL_ENV is production: the demonstration's passwords are known to everybody."
        )


async def _prepare(here: Site, reset: bool, size: int) -> None:
    """Bring the base to this version, empty it when asked, fill it when nothing is there."""
    if reset:
        await _empty(here)
    await migrate(here.admin_url, here.settings.secret_key)
    # A demonstration may lose its last instant in a crash of its making: it is then made again.
    apart = "&" if "?" in here.app_url else "?"
    await ENGINE.open(f"{here.app_url}{apart}synchronous_commit=off", 4)
    try:
        found = await filled()
        whole = [land.slug for land in LANDS if found.get(land.slug)]
        if len(whole) == len(LANDS):
            return
        if found:
            raise click.ClickException(
                "this base holds an unfinished demonstration or other territories: "
                "seuil demo --reset begins again and loses what it holds"
                if set(found) <= {land.slug for land in LANDS}
                else "this base holds other territories: set SEUIL_HOME to another folder"
            )
        await _fill(here, size)
    finally:
        await ENGINE.close()


async def _empty(here: Site) -> None:
    admin = await asyncpg.connect(here.admin_url)
    try:
        known = await admin.fetchval("SELECT to_regclass('public.territory')")
        slugs = {land.slug for land in LANDS}
        if known:
            others = await admin.fetch("SELECT slug FROM territory")
            if {r["slug"] for r in others} - slugs:
                raise click.ClickException(
                    "this base holds other territories: it is not emptied. "
                    "Set SEUIL_HOME to another folder."
                )
        await admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        for row in await admin.fetch("SELECT nspname FROM pg_namespace WHERE nspname ~ '^plugin_'"):
            await admin.execute(f'DROP SCHEMA "{row["nspname"]}" CASCADE')
    finally:
        await admin.close()


async def _fill(here: Site, size: int) -> None:
    console = Console(stderr=True)
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {land.name: bar.add_task(land.name, total=1.0) for land in LANDS}

        def progress(name: str, part: float) -> None:
            bar.update(tasks[name], completed=part)

        await demo(
            SEED,
            Clock().today(),
            settings=here.settings,
            registry=Registry.build(CORE),
            size=size,
            progress=progress,
        )
    seconds = round(time.monotonic() - began)
    console.print(f"Four territories of {size} households were made in {seconds} s.")


async def _accounts(here: Site) -> list[DemoAccount]:
    await ENGINE.open(here.app_url, 2)
    try:
        return await demo_accounts(here.settings)
    finally:
        await ENGINE.close()


def _show(found: Sequence[DemoAccount], here: Site) -> None:
    click.echo(f"Seuil: {here.settings.public_url}/")
    territory = ""
    for account in found:
        if account.territory != territory:
            territory = account.territory
            click.echo(f"\n{territory}")
        if account.face == "admin":
            way = f"{account.fields['email']}  {account.fields['password']}"
        else:
            born = "/".join(account.fields[f"birth_date_{p}"] for p in ("day", "month", "year"))
            way = f"code {account.fields['code']}  né·e le {born}"
        click.echo(f"  {account.name:<22} {way:<58} {account.story}")
    click.echo(
        "\nA resident's code opens once: seuil demo accounts shows the next one, and --json all "
        "that are left."
    )
