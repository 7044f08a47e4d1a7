"""The page families of a face: found in its folder, so that nobody keeps a list by hand."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


@lru_cache(maxsize=16)
def page_families(package: ModuleType) -> tuple[ModuleType, ...]:
    """Each module directly in the package that has HANDLERS, by name."""
    modules = (
        import_module(f"{package.__name__}.{found.name}")
        for found in iter_modules(package.__path__)
        if not found.ispkg and found.name != "face"
    )
    return tuple(m for m in modules if hasattr(m, "HANDLERS"))
