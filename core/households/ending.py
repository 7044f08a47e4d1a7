"""What begins or ends for a person or a household because of a life event, each in one place."""

from __future__ import annotations

from datetime import date

from core.households.changes import SetProtection
from core.kernel.unit import Unit


async def protect(unit: Unit, household_id: int, change: SetProtection) -> None:
    """End the measure that stood, and begin the one that was given, if there is one."""
    person_id, kind, held = change.person_id, change.protection, change.holder
    await unit.fetch(
        "UPDATE protection SET ends_on = greatest($2::date, starts_on) "
        "WHERE person_id = $1 AND (ends_on IS NULL OR ends_on > $2)",
        person_id,
        change.on,
    )
    if kind != "none":
        await unit.fetch(
            "INSERT INTO protection (person_id, kind, holder, organisation, holder_phone, "
            "starts_on, ends_on, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            person_id,
            kind,
            held.name,
            held.organisation,
            held.phone,
            change.on,
            held.until,
            unit.actor.account_id,
            unit.now,
        )
    unit.record("person.protection", household_id=household_id, person_id=person_id, to=kind)


async def revoke(unit: Unit, person_id: int) -> None:
    """Codes, sessions, help authorisations and the circle end now."""
    for sql in (
        "UPDATE access_code SET voided_at = $2 "
        "WHERE person_id = $1 AND used_at IS NULL AND voided_at IS NULL",
        "UPDATE return_code SET voided_at = $2 "
        "WHERE person_id = $1 AND used_at IS NULL AND voided_at IS NULL",
        "UPDATE mandate SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL",
        "UPDATE circle_member SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL",
        "UPDATE session SET revoked_at = $2 WHERE revoked_at IS NULL AND account_id IN "
        "(SELECT account_id FROM resident_account WHERE person_id = $1)",
    ):
        await unit.fetch(sql, person_id, unit.now)


async def close_household(unit: Unit, household_id: int, on: date) -> None:
    """The household is archived and its key workers are done."""
    await unit.fetch(
        "UPDATE household SET archived_on = $2, version = version + 1 WHERE id = $1",
        household_id,
        on,
    )
    await unit.fetch(
        "UPDATE key_worker SET ends_on = greatest($2::date, starts_on), end_reason = 'closed' "
        "WHERE household_id = $1 AND (ends_on IS NULL OR ends_on > $2)",
        household_id,
        on,
    )
    unit.record("household.closed", household_id=household_id)
