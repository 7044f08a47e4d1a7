"""The log: what happened and where in the code, never with what.

A traceback's variables hold files of people, and the database's messages quote the row that broke
a rule: of an error, only its kind and the lines of code it went through are written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from core.kernel.trace import trace


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
    """Replace an error by its kind, its causes and its lines of code."""
    given = entry.pop("exc_info", None)
    if not given:
        return entry
    error = given if isinstance(given, BaseException) else None
    if error is None:
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if error is not None:
        entry.update(trace(error))
    return entry
