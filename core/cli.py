"""The command `seuil`."""

from __future__ import annotations

import click

from core.commands.check import check
from core.commands.daily import daily
from core.commands.db import db
from core.commands.demo import demonstration
from core.commands.doctor import doctor
from core.commands.imports import imports
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
    imports,
    words,
    db,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seuil")
def main() -> None:
    """Seuil: de la rue au logement."""


for command in COMMANDS:
    main.add_command(command)
main.add_command(demonstration, "demo")

if __name__ == "__main__":
    main()
