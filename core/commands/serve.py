"""`seuil serve` and `seuil migrate`: bring the database to this version, then answer requests."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import click
import uvicorn

from core.app import create_app
from core.commands.site import Site, one_line, site
from core.kernel import logs
from core.kernel.errors import SeuilError
from core.kernel.migrate import migrate as run_migrations
from core.kernel.settings import Settings


@click.command()
@one_line
def migrate() -> None:
    """Bring the database to this version."""
    with site() as here:
        done = asyncio.run(run_migrations(here.admin_url, here.settings.secret_key))
    n = len(done.ran)
    click.echo(f"Migrations run: {n}." if n else "The database is up to date.")
    if done.held:
        raise SeuilError("\n".join(done.held.values()))


@click.command()
@one_line
def serve() -> None:
    """Serve both faces; in demonstration, migrate first."""
    require_port(Settings.from_env())
    with site() as here:
        if not here.settings.production:
            done = asyncio.run(run_migrations(here.admin_url, here.settings.secret_key))
            for reason in done.held.values():
                click.echo(reason, err=True)
        run_server(here)


def require_port(settings: Settings) -> None:
    """Say that the port is taken before anything is started or written for nothing."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError:
        raise SeuilError(f"SEUIL_HOST names no address of this machine: {settings.host}") from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as door:
        # As the server does: a port whose last owner just left is free.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(address)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            if error.errno == errno.EADDRINUSE:
                raise SeuilError(
                    f"{where} is in use by another program: stop it, or set SEUIL_PORT to "
                    "another port."
                ) from None
            raise SeuilError(f"{where} cannot be listened on: {error.strerror}.") from None


def run_server(here: Site) -> None:
    """Answer requests until a signal ends it."""
    logs.configure()
    app = create_app(here.settings, database_url=here.app_url)
    uvicorn.run(app, **server_options(here.settings))


def server_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves. A visitor's address comes from a header only when a trusted proxy, the
    peer itself, wrote it; otherwise anybody could choose whose tries are counted."""
    return {
        "host": settings.host,
        "port": settings.port,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "timeout_graceful_shutdown": 5,
    }
