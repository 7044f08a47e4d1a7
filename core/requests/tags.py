"""Tags: what a plugin knows to be true of a demande, from a day on, by whom and why.

Each is a row of `request_tag` that ends in time; the demande's facts row holds the keys that have
not ended, in the same transaction, so that a criterion reads `{tag:x}` without a join.
"""

from __future__ import annotations

from datetime import date

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.requests.facts import rebuild_facts

_LOCK = "SELECT household_id FROM housing_request WHERE id = $1 FOR UPDATE"
_HELD = """
SELECT id FROM request_tag WHERE request_id = $1 AND key = $2
AND (ends_on IS NULL OR ends_on > $3)
"""
_ADD = """
INSERT INTO request_tag (request_id, plugin, key, starts_on, reason, by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_END = """
UPDATE request_tag SET ends_on = greatest($2, starts_on), end_reason = $3, ended_by = $4
WHERE id = $1
"""
_KEEP = """
UPDATE request_facts SET updated_at = $3, tags = (
  SELECT array_agg(DISTINCT key ORDER BY key) FROM request_tag
  WHERE request_id = $1 AND (ends_on IS NULL OR ends_on > $2))
WHERE request_id = $1 RETURNING 1
"""


async def tag(unit: Unit, request_id: int, key: str, *, starts_on: date, reason: str) -> bool:
    """Say that `key` (of the plugin it begins with) is true of a demande; whether it is new.

    `reason` is a msgid, never a person's words. What is said already stays as it was said.
    Raises NotFound for a demande that is not of this territory.
    """
    await _lock(unit, request_id)
    if await unit.value(_HELD, request_id, key, starts_on):
        return False
    plugin = key.partition(".")[0]
    await unit.fetch(
        _ADD, request_id, plugin, key, starts_on, reason, unit.actor.account_id, unit.now
    )
    await _keep(unit, request_id)
    return True


async def untag(unit: Unit, request_id: int, key: str, *, reason: str) -> bool:
    """It is no longer true, from today; whether it was. The row stays, with its end."""
    await _lock(unit, request_id)
    held = await unit.value(_HELD, request_id, key, unit.today)
    if held is None:
        return False
    await unit.fetch(_END, held, unit.today, reason, unit.actor.account_id)
    await _keep(unit, request_id)
    return True


async def _lock(unit: Unit, request_id: int) -> None:
    if await unit.row(_LOCK, request_id) is None:
        raise NotFound()


async def _keep(unit: Unit, request_id: int) -> None:
    if not await unit.value(_KEEP, request_id, unit.today, unit.now):
        await rebuild_facts(unit, request_id)
        await unit.fetch(_KEEP, request_id, unit.today, unit.now)
