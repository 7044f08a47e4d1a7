"""Memberships end in time: a person leaves, or stays under another role."""

from __future__ import annotations

from datetime import date

from core.kernel.unit import Unit


async def end_membership(
    unit: Unit, household_id: int, person_id: int, on: date, reason: str
) -> None:
    """The person leaves this household on that day; the row stays, with its reason."""
    await unit.fetch(
        "UPDATE membership SET ends_on = greatest($3::date, starts_on), end_reason = $4 "
        "WHERE household_id = $1 AND person_id = $2 AND ends_on IS NULL",
        household_id,
        person_id,
        on,
        reason,
    )


async def start_again(
    unit: Unit,
    household_id: int,
    person_id: int,
    on: date,
    role: str | None = None,
    shared: bool | None = None,
) -> None:
    """End a membership and start it again with something changed: its past stays true."""
    row = await unit.row(
        "SELECT role, shared_custody FROM membership "
        "WHERE household_id = $1 AND person_id = $2 AND ends_on IS NULL",
        household_id,
        person_id,
    )
    if row is None:
        return
    await end_membership(unit, household_id, person_id, on, "changed")
    await unit.fetch(
        "INSERT INTO membership (household_id, person_id, role, shared_custody, starts_on, "
        "end_reason) SELECT household_id, person_id, $3, $4, ends_on, '' FROM membership "
        "WHERE household_id = $1 AND person_id = $2 ORDER BY id DESC LIMIT 1",
        household_id,
        person_id,
        role or row["role"],
        row["shared_custody"] if shared is None else shared,
    )
    unit.record("household.member_changed", household_id=household_id, person_id=person_id)
