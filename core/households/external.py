"""What is changed here and not yet entered in SI-SIAO: lines of the queue "À reporter"."""

from __future__ import annotations

from core.kernel.unit import Unit


async def to_report(unit: Unit, household_id: int, what: str, text: str) -> None:
    """Put a change on the queue, as text to copy. `what` is a short code such as `person`."""
    await unit.fetch(
        "INSERT INTO external_change (household_id, what, text, at, by) "
        "VALUES ($1, $2, $3, $4, $5)",
        household_id,
        what,
        text,
        unit.now,
        unit.actor.account_id,
    )
