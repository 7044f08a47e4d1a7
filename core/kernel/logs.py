"""The log: what happened and where in the code, never with what.

A traceback's variables hold files of people, and the database's messages quote the row that broke
a rule: of an error, only its kind and the lines of code it went through are written.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

_ROOT = Path(__file__).parents[2]


def configure() -> None:
    """One line per entry, on standard error; to call once, when a process starts."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            bare_errors,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def bare_errors(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an error by its kinds, from the last to the first cause, and its lines of code."""
    given = entry.pop("exc_info", None)
    if not given:
        return entry
    error = given if isinstance(given, BaseException) else None
    if error is None:
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    kinds, lines = [], []
    while error is not None and len(kinds) < 5:
        kinds.append(type(error).__name__)
        lines += [
            f"{path.relative_to(_ROOT)}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
            if (path := Path(frame.filename)).is_relative_to(_ROOT)
            and "site-packages" not in path.parts
        ]
        error = error.__cause__ or error.__context__
    entry["kinds"] = " < ".join(kinds)
    entry["code"] = " ".join(dict.fromkeys(lines))
    return entry
