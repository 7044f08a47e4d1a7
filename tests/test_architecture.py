"""The house's rules that import-linter cannot say."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "plugins", "portal", "admin")


def product() -> list[Path]:
    """Every Python file that is shipped to run, tests left out."""
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "tests" not in path.relative_to(ROOT).parts
    ]


def imports(path: Path) -> set[str]:
    """The modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def test_nothing_that_ships_imports_tests() -> None:
    files = product()
    assert len(files) > 20
    guilty = {
        str(path.relative_to(ROOT)): name
        for path in files
        for name in imports(path)
        if "tests" in name.split(".")
    }
    assert guilty == {}


def test_no_drawer_for_what_has_no_name() -> None:
    drawers = {"utils", "common", "helpers", "misc"}
    guilty = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.stem in drawers
    ]
    assert guilty == []


def test_every_file_says_its_role_first() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in product()
        if "migrations" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_rules_are_pure() -> None:
    """A rule decides from what it is given: no database, no clock, no chance, no files."""
    forbidden = {"random", "secrets", "time", "os", "asyncio", "asyncpg", "piccolo", "pathlib"}
    guilty = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in product()
        if path.name == "rules.py"
        and (bad := {name.split(".")[0] for name in imports(path)} & forbidden)
    }
    assert guilty == {}
