"""Which page stands above an address that only takes forms: where their reader is led."""

from __future__ import annotations

import re
from collections.abc import Iterator

from litestar import Litestar

LAID = re.compile(r"\{[^}]*\}")

Segments = tuple[str | None, ...]


def readable(app: Litestar) -> frozenset[Segments]:
    """The addresses that can be read, by their segments; None stands for whatever word."""
    return frozenset(
        tuple(None if LAID.fullmatch(part) else part for part in route.path.split("/") if part)
        for route in app.routes
        if "GET" in getattr(route, "methods", ())
    )


def _above(path: str) -> Iterator[list[str]]:
    parts = [part for part in path.split("/") if part]
    for length in range(len(parts) - 1, -1, -1):
        yield parts[:length]


def page_above(app: Litestar, path: str) -> str:
    """The nearest address above that can be read: where the form of this one stands."""
    known: frozenset[Segments] = app.state.readable
    for parts in _above(path):
        if any(
            len(laid) == len(parts)
            and all(word in (None, part) for word, part in zip(laid, parts, strict=True))
            for laid in known
        ):
            return "/" + "/".join(parts)
    return "/"
