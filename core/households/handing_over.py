"""Every file of a worker handed over in one act: an absence, a departure, another share-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.extension.permissions import TEAM
from core.households.key_workers import HOLDS_ROLE, LOCK_HOUSEHOLDS
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

KINDS = {
    "absence": N_("Absence"),
    "departure": N_("Départ"),
    "transfer": N_("Répartition de l’équipe"),
}
"""Why files are handed over."""

NEW_FILE = N_(
    "Un dossier vient d’être confié à cette personne : relisez la répartition, puis confirmez."
)

_LOCK_ACCOUNTS = "SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"


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
        if not await unit.value(HOLDS_ROLE, account_id, needed, on):
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
    await unit.fetch(LOCK_HOUSEHOLDS, sorted(households))
    given = {to} if isinstance(to, int) else set(to.values())
    await unit.fetch(_LOCK_ACCOUNTS, sorted({account_id, *given}))
    files = await unit.fetch(read, account_id, on)
    if {f["household_id"] for f in files} - households:
        raise Refused(NEW_FILE)
    return files
