"""What plugins failed to show or to answer: counted in memory, kept for those who look after it.

A page that stands although a part of it failed hides the failure from whoever could mend it. A
failure is counted where it happens, without a statement; the door writes the counts down once the
page is gone (`core.territories.troubles`).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

FAILED, FLOOD = "failed", "flood"

Key = tuple[int, str, str, str]
"""(territory, plugin, part, what)."""


@dataclass
class Count:
    """How often, since when and until when; `error` is the kind of the last one."""

    times: int
    first_at: datetime
    last_at: datetime
    error: str = ""


@dataclass
class Troubles:
    """The counts that are not written down yet."""

    _counts: dict[Key, Count] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(
        self, territory_id: int, plugin: str, part: str, what: str, at: datetime, error: str = ""
    ) -> None:
        """One more: of that part (its key, or a hook's name) in that territory."""
        key = (territory_id, plugin, part, what)
        with self._lock:
            known = self._counts.setdefault(key, Count(0, at, at))
            known.times, known.last_at, known.error = known.times + 1, at, error

    def __bool__(self) -> bool:
        return bool(self._counts)

    def take(self) -> Mapping[Key, Count]:
        """What was counted since the last time; the counts begin anew."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken
