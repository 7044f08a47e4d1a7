"""Each event with a sentence for residents becomes a line on the portal of those it concerns."""

from __future__ import annotations

from collections.abc import Mapping

from core.extension.contributions import EventKind
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.notifications.content import Voice
from core.notifications.notices import notify, tell_workers
from core.notifications.service import tell

ADULT_YEARS = 18

# An event that names an adult is that adult's alone: what one told in confidence, or an answer to
# it, never reaches the other. One that names a child, or nobody, is the household's: its adults
# are told.
_WHO = f"""
WITH named AS (
  SELECT p.id, p.birth IS NULL OR p.birth <= $3::date - interval '{ADULT_YEARS} years' AS adult
  FROM person p WHERE p.id = $2
)
SELECT id FROM named WHERE adult OR $1::bigint IS NULL
UNION
SELECT p.id FROM membership m
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE m.household_id = $1 AND m.starts_on <= $3 AND (m.ends_on IS NULL OR m.ends_on > $3)
  AND (p.birth IS NULL OR p.birth <= $3::date - interval '{ADULT_YEARS} years')
  AND m.role <> 'child'
  AND NOT EXISTS (SELECT 1 FROM named WHERE adult)
"""  # noqa: S608 the only thing put in is a constant of this file


async def tell_household(
    unit: Unit, event: Event, kinds: Mapping[str, EventKind], voice: Voice
) -> int:
    """Tell whom the event concerns; returns how many. Twice the same event tells once."""
    await tell_workers(unit, event)
    kind = kinds.get(event.kind)
    if kind is None or kind.resident is None:
        return 0
    rows = await unit.fetch(_WHO, event.household_id, event.person_id, unit.today)
    people = [r["id"] for r in rows]
    if not people:
        return 0
    told = await tell(
        unit,
        people,
        event.kind,
        event.payload,
        household_id=event.household_id,
        event_id=event.id,
    )
    if told and kind.notice:
        await notify(unit, people, event, voice)
    return told
