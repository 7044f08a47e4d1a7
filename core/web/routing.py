"""The handlers of a face: each plugin's stamped with its name, no address given twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from litestar import Router
from litestar.exceptions import LitestarException
from litestar.handlers import HTTPRouteHandler

from core.extension.manifest import RegistryError
from core.extension.registry import Registry

PARAMETER = re.compile(r"\{[^}]*\}")

SPECIAL = frozenset({"public", "resident", "signed_in"})
"""What a handler may ask besides the permissions of the catalogue."""


def face_routes(registry: Registry, face: str) -> list[Router]:
    """One router per contributor; a plugin's carries `opt["plugin"]`, which the door asks for.

    RegistryError names the plugin whose handler has an address that somebody has already, asks a
    permission that nobody registered, or says it belongs to another plugin.
    """
    given: dict[str, list[Any]] = {}
    for name, handler in registry.routers(face):
        given.setdefault(name, []).append(handler)
    taken: dict[tuple[str, str], str] = {}
    routers = []
    for name, handlers in given.items():
        opt = {"plugin": name} if name in registry.plugins else {}
        try:
            router = Router(path="/", route_handlers=handlers, opt=opt)
        except LitestarException as error:
            raise RegistryError(f"{name}: its pages cannot be registered: {error}") from error
        for method, path, found in _routes(router):
            if found.get("plugin", name) != name:
                raise RegistryError(f"{name}: {path} says it is of {found['plugin']!r}.")
            if name in registry.plugins:
                _check_permission(registry, name, path, found)
            spoken_for = taken.setdefault((method, PARAMETER.sub("{}", path)), name)
            if spoken_for != name:
                raise RegistryError(
                    f"{name}: {method} {path} of the {face} face is an address of {spoken_for} "
                    f"already: begin its addresses with /{name.replace('_', '-')}/."
                )
        routers.append(router)
    return routers


def _check_permission(registry: Registry, name: str, path: str, opt: Mapping[str, Any]) -> None:
    asked = opt.get("permission")
    if asked is None:
        raise RegistryError(
            f'{name}: the page {path} names no permission: write opt={{"permission": …}} in its '
            "handler."
        )
    if asked not in SPECIAL and asked not in registry.permissions:
        raise RegistryError(
            f"{name}: the page {path} asks the permission {asked!r}, which nobody registered: add "
            "it to register_permissions."
        )


def _routes(router: Router) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(method, path, its options with those of its layers) of each page of a router."""
    for route in router.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler):
                continue
            found: dict[str, Any] = {}
            for layer in handler.ownership_layers:
                if layer is not router:
                    found |= layer.opt or {}
            for method in handler.http_methods - {"OPTIONS"}:
                yield method, route.path, found
