"""Counting tries in the database, by one atomic upsert: a hundred at once count as a hundred."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from core.kernel.errors import TooMany
from core.kernel.unit import Unit
from core.kernel.words import N_

_COUNT = """
INSERT INTO throttle (key, window_start, count) VALUES ($1, $2, 1)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN throttle.window_start <= $3 THEN 1 ELSE least(throttle.count + 1, 30000) END,
  window_start = CASE WHEN throttle.window_start <= $3 THEN $2 ELSE throttle.window_start END
RETURNING count
"""


async def count_try(unit: Unit, what: str, limit: int, window: timedelta) -> int:
    """Count one try of `what`; raises TooMany past `limit` within `window`.

    The count must outlive the attempt: call it in a Unit of its own that commits.
    """
    key = hashlib.sha256(what.encode()).digest()
    count = await unit.value(_COUNT, key, unit.now, unit.now - window)
    if count > limit:
        raise TooMany(
            N_("Trop d’essais. Attendez un quart d’heure, ou demandez de l’aide à votre équipe.")
        )
    return int(count)


async def forget_tries(unit: Unit, what: str) -> None:
    """After a success, the count starts anew."""
    await unit.fetch("DELETE FROM throttle WHERE key = $1", hashlib.sha256(what.encode()).digest())
