"""An error as it may be logged: where it happened and what kind, never a value.

A traceback with its locals, or a driver's message ("Key (email)=(…) already exists"), would carry
people's data into the log.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def trace(error: BaseException) -> dict[str, object]:
    """`kind`, the `causes` behind it, the database’s `sqlstate`, and `at`: file:line function."""
    kinds: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(kinds) < 5:
        kinds.append(type(seen).__name__)
        seen = seen.__cause__
    frames = [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    found: dict[str, object] = {"kind": kinds[0], "at": frames[-8:]}
    if len(kinds) > 1:
        found["causes"] = kinds[1:]
    if code := getattr(error, "sqlstate", None):
        found["sqlstate"] = code
    return found


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
