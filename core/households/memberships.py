"""Memberships end in time: a person leaves, or stays under another role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.households.people import MAJORITY
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


_SOLE = f"""
SELECT DISTINCT m.household_id AS id FROM membership m
WHERE m.person_id = ANY($1) AND m.ends_on IS DISTINCT FROM m.starts_on AND NOT EXISTS (
  SELECT 1 FROM membership o JOIN person q ON q.territory_id = o.territory_id AND q.id = o.person_id
  WHERE o.household_id = m.household_id AND o.person_id <> ALL($1)
    AND ($3 OR q.erased_on IS NULL) AND o.ends_on IS DISTINCT FROM o.starts_on
    AND (o.role <> 'child' OR q.birth <= $2::date - interval '{MAJORITY} years'))
ORDER BY 1
"""  # noqa: S608 made of constants


async def sole_households(
    unit: Unit, person_ids: Sequence[int], *, counting_erased: bool = False
) -> list[int]:
    """The households these people were in and where no other adult ever was.

    What was written of such a household is theirs alone: it may be given to them, and goes when
    they are erased. An adult who was erased counts no more, unless `counting_erased`: what they
    had told is not for the one who stays to read.
    """
    rows = await unit.fetch(_SOLE, list(person_ids), unit.today, counting_erased)
    return [row["id"] for row in rows]
