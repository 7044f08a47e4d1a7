"""`seuil serve` and `seuil migrate`: bring the database to this version, then answer requests."""

from __future__ import annotations

import asyncio
import logging

import click
import structlog
import uvicorn

from core.app import create_app
from core.commands.site import Site, one_line, site
from core.kernel.migrate import migrate as run_migrations


@click.command()
@one_line
def migrate() -> None:
    """Bring the database to this version."""
    with site() as here:
        ran = asyncio.run(run_migrations(here.admin_url, here.settings.secret_key))
    click.echo(f"Migrations run: {len(ran)}." if ran else "The database is up to date.")


@click.command()
@one_line
def serve() -> None:
    """Serve both faces; in demonstration, migrate first."""
    with site() as here:
        if not here.settings.production:
            asyncio.run(run_migrations(here.admin_url, here.settings.secret_key))
        run_server(here)


def run_server(here: Site) -> None:
    """Answer requests until a signal ends it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    app = create_app(here.settings, database_url=here.app_url)
    uvicorn.run(
        app,
        host=here.settings.host,
        port=here.settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=here.settings.production,
        timeout_graceful_shutdown=5,
    )
