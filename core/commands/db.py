"""`seuil db`: the database of this site, started, stopped, visited, saved and brought back.

With DATABASE_URL set, it is that server's; otherwise the embedded one of SEUIL_HOME, which is
started for the time of the command when it is not running.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import click

from core.kernel.errors import SeuilError
from core.kernel.postgres import (
    DATABASE,
    SUPERUSER,
    ServerError,
    data_home,
    keep,
    serving,
)
from core.kernel.postgres import (
    backup as saving,
)
from core.kernel.postgres import (
    stop as stop_server,
)
from core.kernel.postgres.binaries import shipped
from core.kernel.roles import prepare_roles
from core.kernel.settings import Settings


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn what is known to go wrong into one line and a non-zero exit, never a traceback."""
    try:
        yield
    except SeuilError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _address() -> Iterator[str]:
    """The address of the database for an account that sees all of it."""
    settings = Settings.from_env()
    given = settings.owner_database_url or settings.database_url
    if given:
        yield given
        return
    with serving(data_home(settings.home)) as server:
        yield server.url(SUPERUSER, DATABASE)


def _embedded_home() -> Path:
    settings = Settings.from_env()
    if settings.database_url:
        raise click.ClickException(
            "DATABASE_URL is set: start and stop that server with its own tools, or unset it."
        )
    return data_home(settings.home)


@click.group()
def db() -> None:
    """The database: start, stop, psql, backup, restore."""


@db.command()
def start() -> None:
    """Start the embedded database; it stays up until `seuil db stop`."""
    with _one_line():
        server = keep(_embedded_home())
    click.echo(f"The database runs (process {server.pid()}), its data in {server.data}.")


@db.command()
def stop() -> None:
    """Stop the embedded database."""
    with _one_line():
        stopped = stop_server(_embedded_home())
    click.echo("The database is stopped." if stopped else "The database was not running.")


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def psql(args: tuple[str, ...]) -> None:
    """Talk to the database in SQL: `seuil db psql -- ARGS` passes ARGS on to psql."""
    with _one_line(), _address() as url:
        # Ctrl-C belongs to psql, which cancels a query with it; we only wait for its end.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            terminal = {name: os.environ[name] for name in ("TERM", "PAGER") if name in os.environ}
            done = subprocess.run(
                [_psql_program(), *args], env={**saving.connection(url), **terminal}, check=False
            )
        finally:
            signal.signal(signal.SIGINT, before)
    raise SystemExit(done.returncode)


def _psql_program() -> str:
    """The embedded psql, else the system's."""
    try:
        program = shipped() / "psql"
        if program.is_file():
            return str(program)
    except ServerError:
        pass  # no binaries for this platform: a psql of the system does as well
    if found := shutil.which("psql"):
        return found
    raise ServerError("There is no psql here: install the package postgresql-client.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Save the database to FILE, which must not exist yet."""
    with _one_line(), _address() as url:
        size = saving.back_up(url, file)
    click.echo(f"The database is saved in {file} ({size:,} bytes).")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds.")
def restore(file: Path, replace: bool) -> None:
    """Bring the database back from FILE, whole or not at all."""
    with _one_line():
        settings = Settings.from_env()
        saving.check_file(file)
        with _address() as url:
            if not replace and not saving.is_empty(url):
                raise click.ClickException(
                    "The database is not empty: add --replace to lose what it holds now."
                )
            asyncio.run(_roles(url, settings.secret_key))
            saving.restore(url, file)
    click.echo(f"The database is what it was in {file}.")


async def _roles(url: str, secret: str) -> None:
    """Make the roles that a backup names, where the account may: a file holds no role."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError) as error:
        raise ServerError(f"The database does not answer ({error}).") from None
    try:
        me = await connection.fetchrow(
            "SELECT rolsuper OR rolcreaterole AS may, current_database() AS database "
            "FROM pg_roles WHERE rolname = current_user"
        )
        if me["may"]:
            await prepare_roles(connection, me["database"], secret)
    finally:
        await connection.close()
