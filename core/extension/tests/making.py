"""Plugins written into a folder, as an author would, and loaded from there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

PLUGIN = '''
"""A plugin made in a test."""

from core.extension.manifest import Manifest

MANIFEST = Manifest(
    name="{name}",
    version="1.0",
    title="Essai",
    purpose="Un essai.",
    contract=1,
    depends={depends!r},
)
'''

APP = '''
"""The tables of the plugin, for Piccolo."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="{name}",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(["{package}.tables"], exclude_imported=True),
    migration_dependencies=["core.piccolo_app"],
)
'''

TABLES = '''
"""The rows of the plugin."""

from piccolo.columns import Integer, Text
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, Index, Reference, declare, only_grows
from core.kernel.tables import Owned


class Slip(Owned, Table, db=ENGINE, tablename="slip", schema="{schema}"):
    """A slip of paper."""

    text = Text(null=False)
    household_id = Integer(null=True, default=None)
'''


def package_of(name: str) -> str:
    return f"zoo_{name}"


def write_plugin(
    folder: Path, name: str, files: Mapping[str, str] | None = None, depends: tuple[str, ...] = ()
) -> str:
    """Write the package of a plugin; returns its name. `files` add to `plugin.py` or replace it."""
    package = package_of(name)
    home = folder / package
    home.mkdir(parents=True, exist_ok=True)
    texts = {
        "__init__.py": '"""A plugin made in a test."""\n',
        "plugin.py": PLUGIN.format(name=name, depends=depends),
        **(files or {}),
    }
    for path, text in texts.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(dedent(text), encoding="utf-8")
    return package


def load_plugin(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    name: str,
    files: Mapping[str, str] | None = None,
    depends: tuple[str, ...] = (),
) -> ModuleType:
    """Write it, and import its `plugin.py`: forgotten again at the end of the test."""
    package = write_plugin(folder, name, files, depends)
    if str(folder) not in sys.path:
        monkeypatch.syspath_prepend(str(folder))
    forget(package)
    importlib.invalidate_caches()
    return importlib.import_module(f"{package}.plugin")


def forget(package: str) -> None:
    """Let the next import read the files anew."""
    from core.kernel import ground

    for module in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        del sys.modules[module]
    for promise in ground.declared_by(package):
        del ground._declared[promise.name], ground._authors[promise.name]
