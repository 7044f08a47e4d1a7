"""What is looked at before a plugin may start: its hooks, its imports, its promises."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import FunctionType
from typing import Any

from core.extension.discovery import Plugin
from core.extension.hookspecs import PROJECT, SPECS
from core.extension.manifest import RegistryError
from core.kernel.ground import Reference, declared_by

PUBLIC = ("service", "events")
"""The modules of a plugin that those who depend on it may import."""

HOOKS: Mapping[str, Any] = {
    name: value for spec in SPECS for name, value in vars(spec).items() if inspect.isfunction(value)
}
"""Every hook by name, with the function that specifies it."""


def check_hooks(name: str, module: Any) -> None:
    """Every marked function is a hook with its arguments and colour; no hook is left unmarked."""
    for attribute, value in inspect.getmembers(module, inspect.isroutine):
        options = getattr(value, f"{PROJECT}_impl", None)
        if options is None:
            if attribute in HOOKS and isinstance(value, FunctionType) and _is_own(module, value):
                raise RegistryError(
                    f"{name}: {attribute} is the name of a hook and nobody calls it: write "
                    "@hookimpl above it, or give it another name."
                )
            continue
        if options.get("specname"):
            raise RegistryError(f"{name}: {attribute} uses specname: name it as the hook.")
        if options.get("wrapper") or options.get("hookwrapper"):
            raise RegistryError(f"{name}: {attribute} wraps its neighbours: hooks only add.")
        _check_hook(name, attribute, value)


def _is_own(module: Any, value: FunctionType) -> bool:
    return value.__module__ == getattr(module, "__name__", value.__module__)


def _check_hook(name: str, hook: str, function: Any) -> None:
    spec = HOOKS.get(hook)
    if spec is None:
        near = get_close_matches(hook, HOOKS, n=1)
        what = f"did you mean {near[0]}?" if near else "see core/extension/hookspecs.py."
        raise RegistryError(f"{name}: no hook is named {hook}: {what}")
    if inspect.iscoroutinefunction(spec) != inspect.iscoroutinefunction(function):
        wanted = "async def" if inspect.iscoroutinefunction(spec) else "def"
        raise RegistryError(f"{name}: {hook} must be written with `{wanted}`.")
    known = [a for a in inspect.signature(spec).parameters if a != "self"]
    for argument in inspect.signature(function).parameters:
        if argument not in known and argument != "self":
            raise RegistryError(
                f"{name}: {hook} asks for {argument!r}, which it is not given: it may take "
                f"{', '.join(known) or 'nothing'}."
            )


def check_answer(name: str, hook: str, answer: Any, kind: type) -> Sequence[Any]:
    """The answer of a `register_*` hook, which must be a sequence of that kind."""
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Sequence):
        raise RegistryError(
            f"{name}: {hook} must return a sequence of {kind.__name__}, not "
            f"{type(answer).__name__}."
        )
    for one in answer:
        if not isinstance(one, kind):
            raise RegistryError(
                f"{name}: {hook} returned a {type(one).__name__} where a {kind.__name__} belongs."
            )
    return answer


# -- imports ----------------------------------------------------------------------------------


def check_imports(plugins: Mapping[str, Plugin]) -> None:
    """A manifest says which plugins are imported: their public modules only, and no face."""
    packages = {p.package: p.name for p in plugins.values()}
    for plugin in plugins.values():
        for path, line, module in imports_of(plugin, packages):
            raise_for(plugin, packages, f"{path.name}:{line}", module)


def imports_of(
    plugin: Plugin, packages: Iterable[str], all_files: bool = False
) -> Iterator[tuple[Path, int, str]]:
    """(file, line, module) of each import of another plugin or of a face.

    A file in which no such name occurs is not parsed: that would take longer than all the rest.
    """
    others = [p for p in packages if p != plugin.package] + ["portal", "admin"]
    for path in plugin.files():
        source = path.read_text(encoding="utf-8")
        if not all_files and not any(_could_import(source, other) for other in others):
            continue
        for line, module in imported(ast.parse(source), _package_of(plugin, path)):
            if any(module == o or module.startswith(f"{o}.") for o in others):
                yield path, line, module


def _could_import(source: str, package: str) -> bool:
    # `from plugins import x` and `from ..x import y` name only the last part.
    return "import" in source and package.rpartition(".")[2] in source


def _package_of(plugin: Plugin, path: Path) -> str:
    assert plugin.path is not None
    inside = path.relative_to(plugin.path).parts[:-1]
    return ".".join((plugin.package, *inside))


def imported(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, module) of each import, relative ones made whole; type-checking ones left out."""
    exempt = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in exempt:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def raise_for(plugin: Plugin, packages: Mapping[str, str], at: str, module: str) -> None:
    """RegistryError unless the manifest allows importing that module of another plugin."""
    root = module.split(".")[0]
    if root in ("portal", "admin"):
        raise RegistryError(
            f"{plugin.name}: {at} imports {module}: a plugin reaches the screens through core "
            "(hooks, core.web, core/ui.html) and never through a face."
        )
    package = next(p for p in packages if module == p or module.startswith(f"{p}."))
    other = packages[package]
    if other not in plugin.manifest.depends:
        raise RegistryError(
            f"{plugin.name}: {at} imports {module}, and its manifest does not say so: write "
            f"depends=({other!r},) in MANIFEST, or use events and tags instead."
        )
    inside = module.removeprefix(package).lstrip(".").split(".")[0]
    if inside not in PUBLIC:
        raise RegistryError(
            f"{plugin.name}: {at} imports {module}: of a plugin it depends on, only "
            f"{' and '.join(PUBLIC)} may be used."
        )


# -- promises ---------------------------------------------------------------------------------


def check_promises(plugin: Plugin, plugins: Mapping[str, Plugin]) -> None:
    """What its `tables.py` declares is about its own tables; its references lead to core's, to its
    own or to those of a plugin it depends on."""
    mine = f"{plugin.manifest.schema}."
    reach = (mine, *(f"{plugins[d].manifest.schema}." for d in plugin.manifest.depends))
    for promise in declared_by(plugin.package):
        if not promise.table.startswith(mine):
            raise RegistryError(
                f"{plugin.name}: it declares {promise.name} on {promise.table}, which is not its "
                f"own: a plugin writes in the schema {plugin.manifest.schema} only."
            )
        if isinstance(promise, Reference) and "." in promise.target:
            if not promise.target.startswith(reach):
                raise RegistryError(
                    f"{plugin.name}: {promise.table}.{promise.column} refers to {promise.target}, "
                    "of a plugin it does not depend on."
                )
