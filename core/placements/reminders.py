"""Reminding in time: a proposal whose delay ends soon, told once for each delay."""

from __future__ import annotations

from datetime import timedelta

from core.kernel.unit import Unit
from core.requests.refresh import BATCH
from core.territories.settings import read_settings

_SOON = """
SELECT r.id, r.household_id, r.answer_by FROM referral r
WHERE r.state = 'proposed' AND r.answer_by > $1 AND r.answer_by <= $2
  AND r.proposed_at < $1::timestamptz - interval '12 hours'
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.territory_id = r.territory_id
    AND e.subject_kind = 'referral' AND e.subject_id = r.id
    AND e.kind = 'referral.deadline_soon' AND e.payload->>'until' = floor(
      extract(epoch FROM r.answer_by))::bigint::text)
ORDER BY r.answer_by, r.id LIMIT $3
"""


async def remind_answers(unit: Unit, batch: int = BATCH) -> int:
    """Tell those who have not answered that the end is near; how many.

    The territory says how many days before. A delay that was moved is reminded of anew; a place
    proposed this very day needs no reminder.
    """
    days = (await read_settings(unit)).answer_reminder_days
    if not days:
        return 0
    soon = await unit.fetch(_SOON, unit.now, unit.now + timedelta(days=days), batch)
    for row in soon:
        unit.record(
            "referral.deadline_soon",
            household_id=row["household_id"],
            subject=("referral", row["id"]),
            until=str(int(row["answer_by"].timestamp())),
        )
    return len(soon)
