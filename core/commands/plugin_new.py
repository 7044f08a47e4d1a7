"""A new plugin, copied from `plugins/_skeleton` under another name."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from core.extension.manifest import RESERVED, RegistryError

TEXTS = frozenset({".py", ".html", ".po", ".md", ".toml", ".json", ".css"})
ENTRIES = '[project.entry-points."seuil.plugins"]\n'

PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "seuil-{slug}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["seuil"]

[project.entry-points."seuil.plugins"]
{name} = "{package}.plugin"

[tool.setuptools.packages.find]
include = ["{package}*"]

[tool.setuptools.package-data]
"*" = ["**/*.html", "**/*.css", "**/*.po", "**/*.md", "**/*.toml"]

[tool.pytest.ini_options]
addopts = "-p core.testing"
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "session"
asyncio_default_test_loop_scope = "session"
"""


def begin(name: str, title: str | None = None, project: Path | None = None) -> Iterator[str]:
    """Write the plugin; yields what was done and what comes next.

    Without `project` it goes to `plugins/NAME` of the checkout one stands in, with its line in
    `pyproject.toml`; with it, to a distribution of its own in that folder. Raises RegistryError for
    a name that cannot be used, and never writes over anything.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name in RESERVED | {"skeleton"}:
        raise RegistryError(
            f"{name!r} cannot be the name of a plugin: small letters, digits and _ from a letter "
            f"on, and none of {', '.join(sorted(RESERVED | {'skeleton'}))}."
        )
    slug = name.replace("_", "-")
    following: tuple[str, ...]
    if project is None:
        settings = _checkout()
        home, package = settings.parent / "plugins" / name, f"plugins.{name}"
        _absent(home)
        text = settings.read_text(encoding="utf-8")
        entry = f'{name} = "{package}.plugin"\n'
        settings.write_text(text.replace(ENTRIES, ENTRIES + entry, 1), encoding="utf-8")
        following = (
            "make test   (installs the new entry point, then runs every test)",
            f"seuil plugin check {name}",
        )
        yield f"pyproject.toml: {entry.strip()}"
    else:
        package = f"seuil_{name}"
        home = project / package
        _absent(home)
        _absent(project / "pyproject.toml")
        project.mkdir(parents=True, exist_ok=True)
        described = PROJECT.format(name=name, slug=slug, package=package)
        (project / "pyproject.toml").write_text(described, encoding="utf-8")
        following = (
            f"pip install --editable {project}",
            f"pytest {project}",
            f"seuil plugin check {name}",
        )
    count = _copy(home, name, slug, package, title)
    _tidy(home)
    yield f"{home}: {count} files. Next:"
    yield from (f"  {line}" for line in following)
    yield f"  then read {home / 'README.md'} and change what you find there."


def _tidy(home: Path) -> None:
    """Lines of another length and imports of another name, in the house's format where ruff is."""
    if find_spec("ruff") is None:
        return
    for what in (("check", "--select", "I", "--fix"), ("format",)):
        command = [
            sys.executable,
            "-m",
            "ruff",
            *what,
            "--quiet",
            "--line-length",
            "100",
            str(home),
        ]
        subprocess.run(command, check=False, capture_output=True)


def _checkout() -> Path:
    """The `pyproject.toml` of the checkout one stands in."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        settings = folder / "pyproject.toml"
        if settings.exists() and ENTRIES in settings.read_text(encoding="utf-8"):
            return settings
    raise RegistryError(
        "this is no checkout of Seuil: go there, or give the folder of a distribution of its own "
        "with --project."
    )


def _absent(path: Path) -> None:
    if path.exists():
        raise RegistryError(f"{path} exists already: nothing was written.")


def _skeleton() -> Path:
    spec = find_spec("plugins._skeleton")
    if spec is None or spec.origin is None:
        raise RegistryError("plugins/_skeleton is not installed: nothing to copy.")
    return Path(spec.origin).parent


def _copy(home: Path, name: str, slug: str, package: str, title: str | None) -> int:
    """Every text of the skeleton, with the new names in it and in the names of its files."""
    count, source = 0, _skeleton()
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.suffix not in TEXTS or "__pycache__" in path.parts:
            continue
        text = path.read_text(encoding="utf-8").replace("plugins._skeleton", package)
        # In an address the name is written with dashes, everywhere else as it is.
        text = re.sub(r"(?<=/)skeleton", slug, text).replace("skeleton", name)
        if title and path.name == "plugin.py":
            text = re.sub(r'(title=N_\()"[^"]*"', lambda m: f'{m[1]}"{title}"', text, count=1)
        inside = [part.replace("skeleton", name) for part in path.relative_to(source).parts]
        to = home.joinpath(*inside)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
        count += 1
    return count
