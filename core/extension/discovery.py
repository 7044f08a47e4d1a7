"""What is installed, by entry point, and what a plugin's package brings with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from core.extension.manifest import Manifest, RegistryError, validated
from core.extension.permissions import FIELD_CLASSES, ROLES

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig
    from piccolo.table import Table

FACES, PLUGINS = "seuil.faces", "seuil.plugins"
GROUPS = (FACES, PLUGINS)


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: its manifest, and where its parts are.

    `path` is the folder of its package (None for a plugin without files), `package` the name that
    its modules begin with. `settings` is the type that `register_settings` gives.
    """

    manifest: Manifest
    module: Any
    package: str
    path: Path | None = None
    app: AppConfig | None = None
    settings: type | None = None

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def tables(self) -> tuple[type[Table], ...]:
        """Its tables, all of them in its own schema."""
        return tuple(self.app.table_classes) if self.app else ()

    @property
    def templates_dir(self) -> Path | None:
        return self._folder("templates")

    @property
    def locale_dir(self) -> Path | None:
        return self._folder("locale")

    def _folder(self, name: str) -> Path | None:
        found = self.path / name if self.path else None
        return found if found and found.is_dir() else None

    def files(self) -> list[Path]:
        """Its Python files, tests and migrations left out."""
        return [] if self.path is None else [
            path
            for path in sorted(self.path.rglob("*.py"))
            if not {"tests", "migrations"} & set(path.relative_to(self.path).parts)
        ]  # fmt: skip


def installed(group: str) -> list[EntryPoint]:
    """The entry points of a group, by name; two of one name are refused, with where they are."""
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda e: (e.name, e.value)):
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise RegistryError(
                f"two extensions are named {entry.name!r} ({_origin(other)} and {_origin(entry)}): "
                "uninstall one, or rename it in its manifest and entry point."
            )
        # The same line twice is one distribution seen from two places of the path.
        found[entry.name] = entry
    return list(found.values())


def _origin(entry: EntryPoint) -> str:
    return f"{entry.value} of {entry.dist.name}" if entry.dist else entry.value


def discover(groups: Sequence[str] = GROUPS) -> dict[str, ModuleType]:
    """What is installed: name -> module, faces first, each group by name."""
    found: dict[str, ModuleType] = {}
    for group in groups:
        for entry in installed(group):
            if entry.name in found:
                raise RegistryError(f"two extensions are named {entry.name!r}: uninstall one.")
            try:
                found[entry.name] = entry.load()
            except Exception as error:
                raise RegistryError(
                    f"{entry.name}: {entry.value} cannot be loaded ({type(error).__name__}: "
                    f"{error}): mend it, or uninstall it."
                ) from error
    return found


def plugin_of(entry: str, module: Any) -> Plugin:
    """The plugin of an installed module, its manifest and tables checked."""
    name = getattr(module, "__name__", "")
    file = getattr(module, "__file__", None)
    manifest = validated(
        getattr(module, "MANIFEST", None),
        entry,
        roles={*ROLES, "resident"},
        field_classes=FIELD_CLASSES,
        where=f"{file}{_line_of(file, 'MANIFEST')}" if file else f"the module {name or entry}",
    )
    package = name.rpartition(".")[0]
    path = Path(file).parent if file and package else None
    app = None
    if path is not None and (path / "piccolo_app.py").exists():
        app = _app(entry, f"{package}.piccolo_app")
        check_tables(manifest, app)
    return Plugin(manifest, module, package or name or entry, path, app)


def _line_of(file: str, word: str) -> str:
    """`:12`, the line on which the word begins; '' when it is not there."""
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(word):
            return f":{number}"
    return ""


def _app(entry: str, module: str) -> AppConfig:
    try:
        app: AppConfig = import_module(module).APP_CONFIG
    except Exception as error:
        raise RegistryError(
            f"{entry}: {module} cannot be loaded ({type(error).__name__}: {error})."
        ) from error
    if app.app_name != entry:
        raise RegistryError(
            f"{entry}: {module} names its Piccolo app {app.app_name!r}: it must be {entry!r}, the "
            "name of the plugin."
        )
    return app


def check_tables(manifest: Manifest, app: AppConfig) -> None:
    """A plugin's tables are in its own schema: everything else belongs to somebody else."""
    for table in app.table_classes:
        if table._meta.schema != manifest.schema:
            raise RegistryError(
                f"{manifest.name}: the table {table._meta.tablename} is in the schema "
                f"{table._meta.schema or 'public'}: write schema={manifest.schema!r} in its class."
            )


def plugin_apps(entries: Mapping[str, str] | None = None) -> list[str]:
    """The Piccolo apps of the installed plugins, by module name, without loading the plugins."""
    values = entries if entries is not None else {e.name: e.module for e in installed(PLUGINS)}
    packages = [module.rpartition(".")[0] for _, module in sorted(values.items())]
    return [
        f"{package}.piccolo_app"
        for package in packages
        if package and find_spec(f"{package}.piccolo_app") is not None
    ]
