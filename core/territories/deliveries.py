"""Events that somebody has not taken yet: shown, tried again, or passed over with a reason."""

from __future__ import annotations

from typing import Any

from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_

MAY = "territory.settings"
GONE = N_("Cet événement n’attend plus.")

_LATE = """
SELECT d.id, d.consumer, d.state, d.tries, d.next_at, d.error, e.kind, e.occurred_at,
  (SELECT count(*) FROM delivery l WHERE l.consumer = d.consumer
     AND l.household_id = d.household_id AND l.event_id > d.event_id AND l.state = 'waiting')
    AS behind
FROM delivery d JOIN event e ON e.territory_id = d.territory_id AND e.id = d.event_id
WHERE d.state = 'stuck' OR (d.state = 'waiting' AND d.tries > 0)
ORDER BY d.state, d.event_id LIMIT $1
"""


async def late_deliveries(unit: Unit, limit: int = 100) -> list[Any]:
    """What failed at least once and waits, the stuck ones first; `behind`: how many events of the
    same household wait for it."""
    return await unit.fetch(_LATE, limit)


async def try_again(unit: Unit, delivery_id: int) -> None:
    """Hand it over at the worker's next round, its tries counted anew. Conflict when it is done."""
    unit.require(MAY)
    await _move(unit, delivery_id, "waiting", "")
    unit.record("territory.delivery_retried", subject=("delivery", delivery_id))


async def pass_over(unit: Unit, delivery_id: int, reason: str) -> None:
    """Never hand it over: those behind go on. Invalid without a reason."""
    unit.require(MAY)
    if not reason.strip():
        raise Invalid({"reason": N_("Dites pourquoi cet événement est passé.")})
    await _move(unit, delivery_id, "skipped", reason.strip()[:500])
    unit.record("territory.delivery_skipped", subject=("delivery", delivery_id))


async def _move(unit: Unit, delivery_id: int, state: str, reason: str) -> None:
    moved = await unit.value(
        "UPDATE delivery SET state = $2, reason = $3, tries = 0, next_at = $4 WHERE id = $1 "
        "AND (state = 'stuck' OR (state = 'waiting' AND tries > 0)) RETURNING id",
        delivery_id,
        state,
        reason,
        unit.now,
    )
    if moved is None:
        raise Conflict(GONE)
