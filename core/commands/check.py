"""`seuil check`: that models and migrations agree, and that the house stands as declared."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os

import click

from core.commands.site import one_line


@click.command()
@one_line
def check() -> None:
    """Fail when a table changed without its migration."""
    os.environ.setdefault("PICCOLO_CONF", "core.piccolo_conf")
    pending = asyncio.run(_pending())
    for line in pending:
        click.echo(line, err=True)
    if pending:
        raise click.ClickException(
            "run `PICCOLO_CONF=core.piccolo_conf piccolo migrations new NAME --auto` for each, and "
            "commit the file."
        )
    click.echo("Models and migrations agree.")


async def _pending() -> list[str]:
    """One line per app whose tables differ from what its migrations make."""
    from piccolo.apps.migrations.commands.new import AutoMigrationManager
    from piccolo.conf.apps import Finder

    found = []
    for config in Finder().get_app_registry().app_configs.values():
        with contextlib.redirect_stdout(io.StringIO()):  # its table of counts, all of them zero
            statements = await AutoMigrationManager().get_alter_statements(config)
        changes = sum(len(s.statements) for s in statements)
        if changes:
            found.append(f"{config.app_name}: {changes} change(s) have no migration")
    return found
