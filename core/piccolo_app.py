"""The core's tables and migrations, for Piccolo."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from piccolo.conf.apps import AppConfig
from piccolo.table import Table

NOUNS = (
    "kernel",
    "territories",
    "accounts",
    "notifications",
    "housing",
    "households",
    "requests",
    "matching",
    "placements",
    "figures",
    "imports",
    "rights",
    "simulation",
)


def core_tables() -> list[type[Table]]:
    """Every table declared in a noun's `tables.py`, in the nouns' order."""
    found = []
    for noun in NOUNS:
        module = importlib.import_module(f"core.{noun}.tables")
        found += [
            value
            for value in vars(module).values()
            if inspect.isclass(value)
            and issubclass(value, Table)
            and value.__module__ == module.__name__
        ]
    return found


APP_CONFIG = AppConfig(
    app_name="core",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=core_tables(),
    migration_dependencies=[],
)
