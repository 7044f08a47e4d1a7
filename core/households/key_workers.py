"""Who answers for a household: named, proposed from portfolios, handed over; never nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.extension.permissions import TEAM
from core.households.people import Member, Role, Sex
from core.households.publics import publics_of
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

KINDS = {
    "absence": N_("Absence"),
    "departure": N_("Départ"),
    "transfer": N_("Répartition de l’équipe"),
}
"""Why files are handed over."""

_HOLDS_ROLE = """
SELECT EXISTS (SELECT 1 FROM role_grant g JOIN account a ON a.id = g.account_id
  WHERE g.account_id = $1 AND g.role = ANY($2) AND a.disabled_at IS NULL
    AND g.starts_on <= $3 AND (g.ends_on IS NULL OR g.ends_on > $3)
    AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.account_id = g.account_id
      AND b.kind = 'departure' AND b.starts_on <= $3 AND b.starts_on >= g.starts_on))
"""
"""Whether an account holds one of the roles, and has not left for good since it was given."""

NEW_FILE = N_(
    "Un dossier vient d’être confié à cette personne : relisez la répartition, puis confirmez."
)

# Who names or hands over locks in one order, so that two never wait for each other: households by
# number, then accounts by number. A worker who leaves is locked against new files (FOR NO KEY
# UPDATE), those who get a file against leaving (FOR SHARE).
_LOCK_HOUSEHOLDS = "SELECT id FROM household WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_LOCK_ACCOUNTS = "SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
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
    await unit.fetch(_LOCK_HOUSEHOLDS, [household_id])
    await unit.fetch(_STAY_A_WHILE, account_id)
    if not await unit.value(_HOLDS_ROLE, account_id, needed, unit.today):
        raise Refused(N_("Ce compte ne peut pas être référent."))
    await _assign(unit, household_id, account_id, role, organisation_id, starts_on or unit.today)


async def _assign(
    unit: Unit, household_id: int, account_id: int, role: str, organisation_id: int | None, on: date
) -> None:
    await unit.fetch(_LOCK_HOUSEHOLDS, [household_id])
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
    await unit.fetch(_LOCK_HOUSEHOLDS, [household_id])
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


async def hand_over(
    unit: Unit,
    from_account_id: int,
    to: int | Mapping[int, int],
    *,
    on: date,
    kind: str,
    until: date | None = None,
) -> int:
    """Hand every file of a worker over from a day on, in one act. Returns how many.

    `to` is one worker, or a worker per household id; every file must get one. `kind` is a key of
    `KINDS`; an absence may have an end (`until`), a departure ends the worker's portfolios too.
    """
    unit.require("households.hand_over")
    if kind not in KINDS:
        raise Invalid({"kind": N_("Choisissez une réponse de la liste.")})
    if until is not None and until < on:
        raise Invalid({"until": N_("Le retour ne peut pas être avant le départ.")})
    files = await _locked_files(unit, from_account_id, on, to)
    targets = [to if isinstance(to, int) else to.get(f["household_id"], 0) for f in files]
    if not all(targets):
        raise Refused(N_("Chaque dossier doit avoir un nouveau référent."))
    if from_account_id in targets:
        raise Refused(N_("Un dossier ne peut pas être confié à la personne qui part."))
    for (account_id, role), _ in sorted(
        Counter((t, f["role"]) for t, f in zip(targets, files, strict=True)).items()
    ):
        needed = sorted(TEAM) if role == "siao" else ["prescriber"]
        if not await unit.value(_HOLDS_ROLE, account_id, needed, on):
            raise Refused(N_("Ce compte ne peut pas être référent."))
    days = [max(on, f["starts_on"]) for f in files]
    await unit.fetch(
        "UPDATE key_worker k SET ends_on = n.day, end_reason = $3 "
        "FROM unnest($1::bigint[], $2::date[]) AS n(id, day) WHERE k.id = n.id",
        [f["id"] for f in files],
        days,
        kind,
    )
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, organisation_id, role, starts_on) "
        "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::date[])",
        [f["household_id"] for f in files],
        targets,
        [f["organisation_id"] for f in files],
        [f["role"] for f in files],
        days,
    )
    for file, target in zip(files, targets, strict=True):
        unit.record(
            "key_worker.changed",
            household_id=file["household_id"],
            role=file["role"],
            account=target,
            before=from_account_id,
        )
    if kind != "transfer":
        await unit.fetch(
            "INSERT INTO absence (account_id, starts_on, ends_on, kind, recorded_by) "
            "VALUES ($1, $2, $3, $4, $5)",
            from_account_id,
            on,
            until if kind == "absence" else None,
            kind,
            unit.actor.account_id,
        )
    if kind == "departure":
        await unit.fetch(
            "UPDATE portfolio SET ends_on = greatest($2::date, starts_on) "
            "WHERE account_id = $1 AND (ends_on IS NULL OR ends_on > $2)",
            from_account_id,
            on,
        )
    return len(files)


async def _locked_files(
    unit: Unit, account_id: int, on: date, to: int | Mapping[int, int]
) -> list[Any]:
    """The worker's files from a day on: no one can change them, or give one more, any more."""
    # Accounts are one table for every territory: only who works or worked here has files here.
    if not await unit.value("SELECT 1 FROM role_grant WHERE account_id = $1 LIMIT 1", account_id):
        raise NotFound()
    read = (
        "SELECT id, household_id, role, organisation_id, starts_on FROM key_worker "
        "WHERE account_id = $1 AND (ends_on IS NULL OR ends_on > $2) ORDER BY household_id, id"
    )
    households = {f["household_id"] for f in await unit.fetch(read, account_id, on)}
    await unit.fetch(_LOCK_HOUSEHOLDS, sorted(households))
    given = {to} if isinstance(to, int) else set(to.values())
    await unit.fetch(_LOCK_ACCOUNTS, sorted({account_id, *given}))
    files = await unit.fetch(read, account_id, on)
    if {f["household_id"] for f in files} - households:
        raise Refused(NEW_FILE)
    return files


async def open_portfolio(
    unit: Unit, account_id: int, *, sector_id: int | None = None, public: str = ""
) -> int:
    """Give a worker the files of a sector, of a public, or of both, from today on."""
    unit.require("households.hand_over")
    if not await unit.value(_HOLDS_ROLE, account_id, sorted(TEAM), unit.today):
        raise Refused(N_("Ce compte ne peut pas être référent."))
    held = await unit.value(
        "SELECT id FROM portfolio WHERE account_id = $1 AND sector_id IS NOT DISTINCT FROM $2 "
        "AND public = $3 AND ends_on IS NULL",
        account_id,
        sector_id,
        public,
    )
    if held:
        return int(held)
    return int(
        await unit.value(
            "INSERT INTO portfolio (account_id, sector_id, public, starts_on) "
            "VALUES ($1, $2, $3, $4) RETURNING id",
            account_id,
            sector_id,
            public,
            unit.today,
        )
    )


async def end_portfolio(unit: Unit, portfolio_id: int) -> None:
    """The portfolio takes no new file from today on; its files stay where they are."""
    unit.require("households.hand_over")
    await unit.fetch(
        "UPDATE portfolio SET ends_on = greatest($2::date, starts_on) "
        "WHERE id = $1 AND ends_on IS NULL",
        portfolio_id,
        unit.today,
    )
