"""Written procedures of referral as dated data: read, written, looked at by a second person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.procedure_rules import (
    READINESS_GROUNDS,
    Procedure,
    problems,
    suspicious,
)
from core.placements.rules import CHRS_GROUNDS
from core.territories.settings import read_settings

SINCE = date(2000, 1, 1)
"""Shipped procedures hold from before any date this platform knows."""

COLUMNS = tuple(name for name in asdict(Procedure()) if name != "why")
LATER = N_("La nouvelle version doit commencer après celle en vigueur.")

_IN_FORCE = """
SELECT * FROM referral_procedure WHERE kind = $1 AND starts_on <= $2
AND (ends_on IS NULL OR ends_on > $2) AND confirmed_at IS NOT NULL
ORDER BY starts_on DESC, id DESC LIMIT 1
"""


@cache
def shipped_procedures() -> Mapping[str, Procedure]:
    """The procedure to start from of each shipped kind."""
    raw = files("core.placements").joinpath("data/procedures.json").read_text("utf-8")
    found = {}
    for item in json.loads(raw)["items"]:
        kind = item.pop("kind")
        if kind in found:
            raise ValueError(f"two procedures are shipped for {kind}")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in item.items()
        }
        found[kind] = Procedure(**values)
    return found


async def seed_procedures(unit: Unit, *, starts_on: date = SINCE) -> int:
    """Give the territory the shipped procedures of its kinds that have none. How many were new."""
    known = {r["kind"] for r in await unit.fetch("SELECT DISTINCT kind FROM referral_procedure")}
    new = [(k, p) for k, p in shipped_procedures().items() if k not in known]
    for kind, one in new:
        await _insert(unit, kind, one, starts_on=starts_on, found=(), confirmed=True)
    return len(new)


async def _insert(
    unit: Unit,
    kind: str,
    one: Procedure,
    *,
    starts_on: date,
    found: Sequence[str],
    confirmed: bool,
) -> int:
    columns = ", ".join(COLUMNS)
    places = ", ".join(f"${n}" for n in range(9, 9 + len(COLUMNS)))
    values = [list(v) if isinstance(v, tuple) else v for v in (getattr(one, n) for n in COLUMNS)]
    made = await unit.value(
        f"INSERT INTO referral_procedure (kind, starts_on, written_by, written_at, "  # noqa: S608
        f"confirmed_by, confirmed_at, found, why, {columns}) "
        f"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {places}) RETURNING id",
        kind,
        starts_on,
        unit.actor.account_id,
        unit.now,
        unit.actor.account_id if confirmed else None,
        unit.now if confirmed else None,
        list(found),
        one.why,
        *values,
    )
    return int(made)


async def procedure_of(unit: Unit, kind: str, on: date | None = None) -> Any:
    """The version of a kind in force on a day (today by default); None where there is none."""
    return await unit.row(_IN_FORCE, kind, on or unit.today)


async def delays_of(unit: Unit, kind: str) -> dict[str, int]:
    """The delays that hold for a kind today, in days: its procedure's, else the territory's."""
    row = await procedure_of(unit, kind)
    if row is not None:
        names = (
            "household_days", "structure_days", "preadmission_days", "stall_days", "grace_days",
        )  # fmt: skip
        return {name: int(row[name]) for name in names}
    settings = await read_settings(unit)
    one = Procedure()
    return {
        "household_days": settings.proposal_answer_days,
        "structure_days": settings.structure_answer_days,
        "preadmission_days": one.preadmission_days,
        "stall_days": one.stall_days,
        "grace_days": one.grace_days,
    }


_LIST = """
SELECT k.code, k.label, k.device, p.id, p.starts_on, p.papers, p.decides, p.household_days,
       p.structure_days, EXISTS (SELECT 1 FROM referral_procedure w
         WHERE w.territory_id = k.territory_id AND w.kind = k.code AND w.confirmed_at IS NULL
           AND w.dropped_at IS NULL) AS waiting
FROM housing_kind k
LEFT JOIN LATERAL (SELECT * FROM referral_procedure p WHERE p.territory_id = k.territory_id
  AND p.kind = k.code AND p.starts_on <= $1 AND (p.ends_on IS NULL OR p.ends_on > $1)
  AND p.confirmed_at IS NOT NULL ORDER BY p.starts_on DESC, p.id DESC LIMIT 1) p ON true
WHERE k.starts_on <= $1 AND (k.ends_on IS NULL OR k.ends_on > $1)
ORDER BY array_position(ARRAY['hebergement', 'logement_accompagne', 'logement', 'soin'], k.device),
         k.label
"""


async def procedures(unit: Unit) -> list[Any]:
    """Each kind in force today with its procedure, where it has one."""
    return await unit.fetch(_LIST, unit.today)


async def procedure_history(unit: Unit, kind: str) -> list[Any]:
    """Every version of a kind's procedure, the newest first, with who wrote and confirmed it."""
    return await unit.fetch(
        "SELECT p.*, w.name AS writer, c.name AS confirmer, d.name AS dropper "
        "FROM referral_procedure p LEFT JOIN account w ON w.id = p.written_by "
        "LEFT JOIN account c ON c.id = p.confirmed_by LEFT JOIN account d ON d.id = p.dropped_by "
        "WHERE p.kind = $1 ORDER BY p.starts_on DESC, p.id DESC",
        kind,
    )


async def kind_terms(unit: Unit, kind: str, on: date) -> Any:
    """What a procedure of this kind must fit: its family, and whether the law asks for papers."""
    row = await unit.row(
        "SELECT code, label, device, decides, lawful_stay_required FROM housing_kind "
        "WHERE code = $1 AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2)",
        kind,
        on,
    )
    if row is None:
        raise NotFound()
    return row


async def grounds_of(unit: Unit, kind: str, on: date) -> list[tuple[str, str]]:
    """(code, label) of the reasons a procedure of this kind may let a structure invoke, in order:
    never those that come down to not being ready."""
    rows = await unit.fetch(
        "SELECT DISTINCT ON (code) code, label, id FROM refusal_reason WHERE author = 'structure' "
        "AND starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) ORDER BY code, starts_on DESC",
        on,
    )
    found = [
        r
        for r in rows
        if r["code"] not in READINESS_GROUNDS and (kind != "chrs" or r["code"] in CHRS_GROUNDS)
    ]
    return [(r["code"], r["label"]) for r in sorted(found, key=lambda r: r["id"])]


async def admitted_refusals(unit: Unit, kind: str) -> tuple[str, ...]:
    """The codes that a structure of this kind may refuse with today: those that its procedure
    ticks, or all that a procedure may admit; empty, all, where there is no procedure."""
    row = await procedure_of(unit, kind)
    if row is None:
        return ()
    return tuple(row["refusals"]) or tuple(c for c, _ in await grounds_of(unit, kind, unit.today))


async def grounds_plain(unit: Unit, kind: str, procedure: Any) -> list[str]:
    """Why a structure may say no under a procedure, as the household reads it."""
    rows = await unit.fetch(
        "SELECT DISTINCT ON (code) code, plain, label, id FROM refusal_reason "
        "WHERE author = 'structure' AND starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY code, starts_on DESC",
        unit.today,
    )
    admitted = await admitted_refusals(unit, kind) if procedure else ()
    return [
        r["plain"] or r["label"]
        for r in sorted(rows, key=lambda r: r["id"])
        if (not admitted or r["code"] in admitted) and (kind != "chrs" or r["code"] in CHRS_GROUNDS)
    ]


async def write_procedure(
    unit: Unit, kind: str, one: Procedure, *, starts_on: date, version: int | None = None
) -> int:
    """A new version of a kind's procedure from a day on; its id.

    Refused beside the field where it asks for what it may not. Where its free text speaks of
    being ready or of a stay to be made first, it waits for a second person
    (`confirm_procedure`). `version` is the id of the one that was read: Conflict when there is a
    later one since.
    """
    unit.require("territory.settings")
    terms = await kind_terms(unit, kind, unit.today)
    grounds = await grounds_of(unit, kind, unit.today)
    wrong = {
        name: msgid % params if params else msgid
        for name, (msgid, params) in problems(
            one,
            device=terms["device"],
            lawful_stay_required=terms["lawful_stay_required"],
            grounds=[code for code, _ in grounds],
            said=grounds,
        ).items()
    }
    await unit.fetch("SELECT 1 FROM referral_procedure WHERE kind = $1 FOR UPDATE", kind)
    versions = await unit.fetch(
        "SELECT * FROM referral_procedure WHERE kind = $1 AND dropped_at IS NULL "
        "ORDER BY starts_on DESC, id DESC",
        kind,
    )
    if any(v["confirmed_at"] is None for v in versions):
        raise Refused(N_("Une procédure de ce type attend déjà une seconde lecture."))
    if versions:
        if version is not None and versions[0]["id"] != version:
            raise Conflict(N_("Quelqu’un a écrit une nouvelle version entre-temps."))
        if starts_on <= versions[0]["starts_on"]:
            wrong["starts_on"] = LATER
    if not one.why.strip():
        wrong["why"] = N_("Ce champ est nécessaire.")
    if wrong:
        raise Invalid(wrong)
    found = suspicious(one)
    if not found and versions:
        await _end(unit, versions[0]["id"], starts_on)
    made = await _insert(unit, kind, one, starts_on=starts_on, found=found, confirmed=not found)
    unit.record(
        "procedure.to_confirm" if found else "procedure.written",
        subject=("referral_procedure", made),
        housing=kind,
    )
    return made


async def _end(unit: Unit, procedure_id: int, on: date) -> None:
    await unit.fetch("UPDATE referral_procedure SET ends_on = $2 WHERE id = $1", procedure_id, on)


async def settle_procedure(unit: Unit, kind: str, *, confirmed: bool) -> None:
    """A second person lets a version that waits take force, or sets it aside.

    Its writer may set it aside, never confirm it. It holds from its own day, or from today where
    that has gone by.
    """
    unit.require("territory.settings")
    row = await unit.row(
        "SELECT * FROM referral_procedure WHERE kind = $1 AND confirmed_at IS NULL "
        "AND dropped_at IS NULL FOR UPDATE",
        kind,
    )
    if row is None:
        raise Refused(N_("Cette procédure est déjà relue."))
    if not confirmed:
        await unit.fetch(
            "UPDATE referral_procedure SET dropped_by = $2, dropped_at = $3 WHERE id = $1",
            row["id"],
            unit.actor.account_id,
            unit.now,
        )
        unit.record("procedure.dropped", subject=("referral_procedure", row["id"]), housing=kind)
        return
    if row["written_by"] == unit.actor.account_id:
        raise Refused(N_("Une autre personne que son auteur doit relire cette procédure."))
    starts_on = max(row["starts_on"], unit.today)
    former = await unit.row(
        "SELECT id FROM referral_procedure WHERE kind = $1 AND confirmed_at IS NOT NULL "
        "ORDER BY starts_on DESC, id DESC LIMIT 1",
        kind,
    )
    if former is not None:
        await _end(unit, former["id"], starts_on)
    await unit.fetch(
        "UPDATE referral_procedure SET confirmed_by = $2, confirmed_at = $3, starts_on = $4 "
        "WHERE id = $1",
        row["id"],
        unit.actor.account_id,
        unit.now,
        starts_on,
    )
    unit.record("procedure.written", subject=("referral_procedure", row["id"]), housing=kind)
