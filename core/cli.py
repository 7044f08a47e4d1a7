"""The command `seuil`."""

from __future__ import annotations

import sys
from typing import Any

import click

from core.commands.check import check
from core.commands.daily import daily
from core.commands.db import db
from core.commands.demo import demonstration
from core.commands.doctor import doctor
from core.commands.imports import imports
from core.commands.plugin import commands_of_plugins, plugin
from core.commands.serve import migrate, serve
from core.commands.territory import territory
from core.commands.words import words
from core.commands.worker import worker

COMMANDS = (
    serve,
    worker,
    daily,
    migrate,
    check,
    doctor,
    territory,
    plugin,
    imports,
    words,
    db,
)


class OneLine(click.Group):
    """A wrong argument ends in one line that names the page of help, as any other trouble does.

    Plugins' own commands are looked for only when ours are not what was asked.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *commands_of_plugins()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or commands_of_plugins().get(name)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        run: Any = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        try:
            # Outside of standalone mode click hands back the code of `ctx.exit()`.
            answer = run(*args, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "seuil"
            click.echo(f"Error: {error.format_message()} See {path} --help.", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(130)
        sys.exit(answer if isinstance(answer, int) else 0)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seuil")
def main() -> None:
    """Seuil: de la rue au logement."""


for command in COMMANDS:
    main.add_command(command)
main.add_command(demonstration, "demo")

if __name__ == "__main__":
    main()
