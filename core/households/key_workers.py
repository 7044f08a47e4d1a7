"""Who answers for a household: named, or proposed from portfolios; never nobody."""

from __future__ import annotations

from datetime import date

from core.extension.permissions import TEAM
from core.households.people import Member, Role, Sex
from core.households.publics import publics_of
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

HOLDS_ROLE = """
SELECT EXISTS (SELECT 1 FROM role_grant g JOIN account a ON a.id = g.account_id
  WHERE g.account_id = $1 AND g.role = ANY($2) AND a.disabled_at IS NULL
    AND g.starts_on <= $3 AND (g.ends_on IS NULL OR g.ends_on > $3)
    AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.account_id = g.account_id
      AND b.kind = 'departure' AND b.starts_on <= $3 AND b.starts_on >= g.starts_on))
"""
"""Whether an account holds one of the roles, and has not left for good since it was given."""

# Who names or hands over locks in one order, so that two never wait for each other: households by
# number, then accounts by number. A worker who leaves is locked against new files (FOR NO KEY
# UPDATE), those who get a file against leaving (FOR SHARE).
LOCK_HOUSEHOLDS = "SELECT id FROM household WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_STAY_A_WHILE = "SELECT 1 FROM account WHERE id = $1 FOR SHARE"


async def assign_key_worker(
    unit: Unit,
    household_id: int,
    account_id: int,
    *,
    role: str = "siao",
    organisation_id: int | None = None,
    starts_on: date | None = None,
) -> None:
    """Name the key worker of a household from a day on; the one before ends that day.

    `role` is "siao" (the team's own) or "prescriber" (who accompanies the household). The
    household is told. The same worker again changes nothing.
    """
    unit.require("households.hand_over" if role == "siao" else "households.write")
    if role not in ("siao", "prescriber"):
        raise Invalid({"role": N_("Choisissez une réponse de la liste.")})
    needed = sorted(TEAM) if role == "siao" else ["prescriber"]
    await unit.fetch(LOCK_HOUSEHOLDS, [household_id])
    await unit.fetch(_STAY_A_WHILE, account_id)
    if not await unit.value(HOLDS_ROLE, account_id, needed, unit.today):
        raise Refused(N_("Ce compte ne peut pas être référent."))
    await _assign(unit, household_id, account_id, role, organisation_id, starts_on or unit.today)


async def _assign(
    unit: Unit, household_id: int, account_id: int, role: str, organisation_id: int | None, on: date
) -> None:
    await unit.fetch(LOCK_HOUSEHOLDS, [household_id])
    before = await unit.row(
        "SELECT id, account_id, starts_on FROM key_worker WHERE household_id = $1 AND role = $2 "
        "AND (ends_on IS NULL OR ends_on > $3) ORDER BY starts_on DESC LIMIT 1",
        household_id,
        role,
        on,
    )
    if before and before["account_id"] == account_id:
        return
    if before:
        await unit.fetch(
            "UPDATE key_worker SET ends_on = $2, end_reason = 'replaced' WHERE id = $1",
            before["id"],
            max(on, before["starts_on"]),
        )
    if role == "prescriber" and organisation_id is None:
        organisation_id = await unit.value(
            "SELECT organisation_id FROM role_grant WHERE account_id = $1 AND role = 'prescriber' "
            "AND ends_on IS NULL ORDER BY id LIMIT 1",
            account_id,
        )
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, organisation_id, role, starts_on) "
        "VALUES ($1, $2, $3, $4, $5)",
        household_id,
        account_id,
        organisation_id,
        role,
        max(on, before["starts_on"]) if before else on,
    )
    unit.record(
        "key_worker.changed" if before else "key_worker.assigned",
        household_id=household_id,
        role=role,
        account=account_id,
    )


async def assign_self_as_prescriber(unit: Unit, household_id: int, on: date) -> None:
    """A prescriber who opens a file is its key worker, and so keeps seeing it."""
    actor = unit.actor
    if actor.account_id is None or "prescriber" not in actor.roles or actor.roles & TEAM:
        return
    organisation_id = min(actor.organisations("prescriber"), default=None)
    await _assign(unit, household_id, actor.account_id, "prescriber", organisation_id, on)


async def end_key_worker(unit: Unit, household_id: int, role: str, *, on: date, why: str) -> None:
    """Nobody holds that role for this household from a day on (it left, or closed)."""
    ended = await unit.value(
        "UPDATE key_worker SET ends_on = greatest($3::date, starts_on), end_reason = $4 "
        "WHERE household_id = $1 AND role = $2 AND (ends_on IS NULL OR ends_on > $3) RETURNING id",
        household_id,
        role,
        on,
        why,
    )
    if ended:
        unit.record("key_worker.ended", household_id=household_id, role=role)


_FITTING = """
SELECT p.account_id, p.sector_id IS NOT NULL AS by_sector, p.public <> '' AS by_public,
       (SELECT count(*) FROM key_worker k WHERE k.account_id = p.account_id AND k.role = 'siao'
          AND (k.ends_on IS NULL OR k.ends_on > $1)) AS files
FROM portfolio p JOIN account a ON a.id = p.account_id
WHERE p.starts_on <= $1 AND (p.ends_on IS NULL OR p.ends_on > $1) AND a.disabled_at IS NULL
  AND (p.sector_id IS NULL OR p.sector_id = $2) AND (p.public = '' OR p.public = ANY($3))
  AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.account_id = p.account_id
                  AND (b.ends_on IS NULL OR b.ends_on > $1))
ORDER BY (p.sector_id IS NOT NULL)::int + (p.public <> '')::int DESC, files, p.account_id
LIMIT 1
"""


async def fitting_worker(unit: Unit, household_id: int, on: date) -> int | None:
    """Whose portfolio fits best: sector and public before one of both, then the fewest files.

    Somebody who is away, or about to be, gets no new file.
    """
    sector_id = await unit.value("SELECT sector_id FROM household WHERE id = $1", household_id)
    members = [
        Member(
            r["person_id"],
            Role(r["role"]),
            r["birth"],
            Sex(r["sex"]) if r["sex"] else None,
        )
        for r in await unit.fetch(
            "SELECT m.person_id, m.role, p.birth, p.sex FROM membership m "
            "JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id "
            "WHERE m.household_id = $1 AND m.starts_on <= $2 "
            "AND (m.ends_on IS NULL OR m.ends_on > $2) ORDER BY m.id",
            household_id,
            on,
        )
    ]
    row = await unit.row(_FITTING, on, sector_id, sorted(publics_of(members, on)))
    return int(row["account_id"]) if row else None


async def propose_key_worker(
    unit: Unit, household_id: int, *, starts_on: date | None = None
) -> int | None:
    """Name the worker whose portfolio fits, when no one of the team answers for it yet."""
    on = starts_on or unit.today
    await unit.fetch(LOCK_HOUSEHOLDS, [household_id])
    held = await unit.value(
        "SELECT 1 FROM key_worker WHERE household_id = $1 AND role = 'siao' "
        "AND (ends_on IS NULL OR ends_on > $2)",
        household_id,
        on,
    )
    account_id = None if held else await fitting_worker(unit, household_id, on)
    if account_id is not None:
        await unit.fetch(_STAY_A_WHILE, account_id)
        # Chosen before the lock: whoever has left meanwhile is not chosen again.
        account_id = await fitting_worker(unit, household_id, on)
    if account_id is not None:
        await _assign(unit, household_id, account_id, "siao", None, on)
    return account_id
