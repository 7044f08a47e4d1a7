"""The daily look at demandes: reminders, refreshes that fall due, adjournments that come back."""

from __future__ import annotations

from datetime import timedelta

from core.kernel.unit import Unit
from core.requests.steps import step
from core.territories.settings import read_settings

_DUE = """
SELECT id FROM housing_request WHERE refresh_due <= $1 AND state IN ('validated', 'waiting')
ORDER BY refresh_due, id LIMIT $2
"""

_SOON = """
SELECT r.id, r.household_id, r.refresh_due FROM housing_request r
WHERE r.refresh_due > $1 AND r.refresh_due <= $2 AND r.state IN ('validated', 'waiting')
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject_kind = 'request' AND e.subject_id = r.id
    AND e.kind = 'request.refresh_reminder' AND e.payload->>'due' = r.refresh_due::text)
ORDER BY r.refresh_due, r.id LIMIT $3
"""

_BACK = """
SELECT r.id FROM housing_request r
JOIN LATERAL (SELECT d.due_on FROM decision d WHERE d.request_id = r.id AND d.outcome = 'adjourn'
  ORDER BY d.id DESC LIMIT 1) d ON true
WHERE r.state = 'adjourned' AND d.due_on <= $1 ORDER BY d.due_on, r.id LIMIT $2
"""

BATCH = 500
"""Demandes moved in one transaction; the caller comes back until nothing is left."""


async def mark_overdue(unit: Unit, batch: int = BATCH) -> dict[str, int]:
    """Move what a date moves, at most `batch` of each; says how many of each.

    `reminded`: the refresh falls due soon; `to_refresh`: it fell due, seniority kept;
    `returned`: the date of an adjournment passed, so the demande is studied again.
    """
    with unit.consequence():
        return await _mark_overdue(unit, batch)


async def _mark_overdue(unit: Unit, batch: int) -> dict[str, int]:
    settings = await read_settings(unit, unit.today)
    soon = unit.today + timedelta(days=settings.reminder_days)
    reminders = await unit.fetch(_SOON, unit.today, soon, batch)
    for row in reminders:
        unit.record(
            "request.refresh_reminder",
            household_id=row["household_id"],
            subject=("request", row["id"]),
            due=row["refresh_due"].isoformat(),
        )
    due = await unit.fetch(_DUE, unit.today, batch)
    for row in due:
        await step(unit, row["id"], "mark_to_refresh")
    back = await unit.fetch(_BACK, unit.today, batch)
    for row in back:
        await step(
            unit,
            row["id"],
            "return_from_adjournment",
            facts={"items_received_or_due": True},
        )
    return {"reminded": len(reminders), "to_refresh": len(due), "returned": len(back)}
