"""What a plugin's page on the portal takes from the plugin's other modules, and says with it."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator

from babel.messages.extract import extract

from core.extension.checks import imported
from core.extension.discovery import Plugin

KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
"""How a message is marked."""


def taken_by_portal(plugin: Plugin) -> Iterator[str]:
    """The source of each constant, function or class that `portal.py` imports from a module of its
    own plugin; all of a module that it imports whole."""
    assert plugin.path is not None
    portal = plugin.path / "portal.py"
    if not portal.exists():
        return
    tree = ast.parse(portal.read_text(encoding="utf-8"))
    for _, module in imported(tree, plugin.package):
        if not module.startswith(f"{plugin.package}."):
            continue
        # What one tunes is read by who tunes it.
        if module.startswith(f"{plugin.package}.settings."):
            continue
        inside, _, name = module.removeprefix(f"{plugin.package}.").partition(".")
        path = plugin.path / f"{inside}.py"
        if path.exists():
            source = path.read_text(encoding="utf-8")
            yield source if not name else _definition(source, name)


def _definition(source: str, name: str) -> str:
    """The statement of a module that makes this name; '' where it only passes it on."""
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            made = {node.name}
        elif isinstance(node, ast.Assign):
            made = {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            made = {node.target.id}
        else:
            continue
        if name in made:
            return ast.get_source_segment(source, node) or ""
    return ""


def said_in(source: str) -> list[str | tuple[str, str]]:
    """The messages of a piece of Python."""
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
    return [(m[0], m[1]) if isinstance(m, tuple) else m for _, m, _, _ in found]
