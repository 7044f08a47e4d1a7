"""Files that nobody follows given out in one act: proposed by a rule, then given, then taken back.

An import opens thousands of files at once. Three ways to share them: by the portfolios (sector and
public), by who prescribed (one worker for each organisation), evenly among some workers. Only files
without a key worker of the team are given; whoever was named meanwhile stays. Taking back ends what
still stands of an act: the files wait for somebody again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from core.extension.permissions import TEAM
from core.households.alone import alone
from core.households.key_workers import HOLDS_ROLE, LOCK_HOUSEHOLDS
from core.households.people import Member, Role, Sex
from core.households.publics import publics_of
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

METHODS = {
    "portfolio": N_("Selon les portefeuilles (secteur et public)"),
    "prescriber": N_("Selon le prescripteur"),
    "load": N_("À parts égales entre des personnes"),
}
LEFT_OUT = {
    "taken": N_("Déjà suivi par l’équipe, ou fermé."),
    "no_portfolio": N_("Aucun portefeuille ne convient à son secteur et à son public."),
    "no_choice": N_("Personne n’est choisi pour son prescripteur."),
}
"""Why a file that was asked for is given to nobody."""


@dataclass(frozen=True, slots=True)
class File:
    """A household to be given out. `free`: nobody of the team answers for it."""

    id: int
    ref: str
    name: str
    sector_id: int | None
    sector: str | None
    organisation_id: int | None
    organisation: str | None
    publics: frozenset[str]
    free: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which files: those chosen one by one (`refs`), else all that are free, narrowed.

    `sector`, `organisation`: 0 for those without any; None for all.
    """

    refs: tuple[str, ...] = ()
    sector: int | None = None
    organisation: int | None = None


@dataclass(slots=True)
class Shared:
    """Who gets which household, and why others are given to nobody (a key of `LEFT_OUT`)."""

    given: dict[int, int] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)


_FILES = f"""
SELECT h.id, h.ref, h.sector_id, s.name AS sector, r.organisation_id, o.name AS organisation,
  {alone("$1")} AS free,
  (SELECT json_agg(json_build_array(m.person_id, m.role, p.birth, p.sex) ORDER BY m.id)
   FROM membership m JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
   WHERE m.household_id = h.id AND m.starts_on <= $1
     AND (m.ends_on IS NULL OR m.ends_on > $1)) AS people,
  coalesce((SELECT p.family_name || ' ' || p.given_name FROM membership m
   JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
   WHERE m.household_id = h.id AND m.role = 'main' ORDER BY m.ends_on IS NULL DESC, m.id DESC
   LIMIT 1), '') AS name
FROM household h
LEFT JOIN sector s ON s.territory_id = h.territory_id AND s.id = h.sector_id
LEFT JOIN LATERAL (SELECT q.organisation_id FROM housing_request q WHERE q.household_id = h.id
  ORDER BY q.id DESC LIMIT 1) r ON true
LEFT JOIN organisation o ON o.id = r.organisation_id
WHERE CASE WHEN $2::text[] IS NOT NULL THEN h.ref = ANY($2)
      WHEN $5::bigint[] IS NOT NULL THEN h.id = ANY($5) ELSE {alone("$1")} END
  AND ($3::bigint IS NULL OR coalesce(h.sector_id, 0) = $3)
  AND ($4::bigint IS NULL OR coalesce(r.organisation_id, 0) = $4)
ORDER BY h.id
"""  # noqa: S608


async def files_to_share(unit: Unit, asked: Asked, ids: Sequence[int] | None = None) -> list[File]:
    """The files that were asked for, the oldest first. One statement."""
    refs = list(asked.refs) or None
    rows = await unit.fetch(_FILES, unit.today, refs, asked.sector, asked.organisation, ids)
    return [
        File(
            r["id"], r["ref"], r["name"], r["sector_id"], r["sector"], r["organisation_id"],
            r["organisation"], _publics(r["people"], unit.today), r["free"],
        )
        for r in rows
    ]  # fmt: skip


def _publics(people: str | None, on: date) -> frozenset[str]:
    members = [
        Member(person, Role(role), date.fromisoformat(birth) if birth else None,
               Sex(sex) if sex else None)
        for person, role, birth, sex in msgspec.json.decode(people or "[]")
    ]  # fmt: skip
    return publics_of(members, on)


_WORKERS = """
SELECT a.id, a.name,
  (SELECT count(*) FROM key_worker k WHERE k.account_id = a.id AND k.role = 'siao'
     AND (k.ends_on IS NULL OR k.ends_on > $1)) AS files,
  (SELECT json_agg(json_build_array(p.sector_id, p.public) ORDER BY p.id) FROM portfolio p
   WHERE p.account_id = a.id AND p.starts_on <= $1 AND (p.ends_on IS NULL OR p.ends_on > $1))
    AS portfolios
FROM account a WHERE a.disabled_at IS NULL
  AND EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id AND g.role = ANY($2)
    AND g.starts_on <= $1 AND (g.ends_on IS NULL OR g.ends_on > $1))
  AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.account_id = a.id
    AND (b.ends_on IS NULL OR b.ends_on > $1))
ORDER BY a.name, a.id
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who may get files. `portfolios`: (sector, public), None or '' for all of them."""

    id: int
    name: str
    files: int
    portfolios: tuple[tuple[int | None, str], ...] = ()


async def workers_to_share(unit: Unit) -> list[Worker]:
    """The team, by name, without who is away or about to be: they get no new file."""
    return [
        Worker(r["id"], r["name"], r["files"],
               tuple((s, p) for s, p in msgspec.json.decode(r["portfolios"] or "[]")))
        for r in await unit.fetch(_WORKERS, unit.today, sorted(TEAM))
    ]  # fmt: skip


def allot(
    files: Iterable[File],
    workers: Sequence[Worker],
    how: str,
    *,
    among: Sequence[int] = (),
    by_prescriber: Mapping[int, int] | None = None,
) -> Shared:
    """Who gets what. `among`: the accounts of an even share (none: everybody); `by_prescriber`:
    organisation (0: none) -> account. Of those who fit equally, whoever has fewest files. Pure.
    """
    done = Shared()
    known = {one.id: one for one in workers}
    loads = Counter({one.id: one.files for one in workers})
    even = [a for a in among if a in known] or list(known)
    for file in files:
        target: int | None = None
        if not file.free:
            done.left[file.id] = "taken"
            continue
        if how == "prescriber":
            target = (by_prescriber or {}).get(file.organisation_id or 0)
        elif how == "load":
            target = min(even, key=lambda a: (loads[a], a), default=None)
        else:
            fits = [(-_fit(one, file), loads[one.id], one.id) for one in workers if _fit(one, file)]
            target = min(fits)[2] if fits else None
        if target is None or target not in known:
            done.left[file.id] = "no_choice" if how == "prescriber" else "no_portfolio"
            continue
        loads[target] += 1
        done.given[file.id] = target
    return done


def _fit(worker: Worker, file: File) -> int:
    """How well portfolios fit: 3 by sector and public, 2 by one of both, 1 by neither, 0 not."""
    return max(
        (
            1 + (sector is not None) + (public != "")
            for sector, public in worker.portfolios
            if (sector is None or sector == file.sector_id)
            and (public == "" or public in file.publics)
        ),
        default=0,
    )


async def share_out(
    unit: Unit,
    asked: Asked,
    how: str,
    *,
    among: Sequence[int] = (),
    by_prescriber: Mapping[int, int] | None = None,
) -> str:
    """Give the files out as `allot` says now; the reference of the act. Each household is told."""
    unit.require("households.hand_over")
    if how not in METHODS:
        raise Invalid({"how": N_("Choisissez une réponse de la liste.")})
    workers = await workers_to_share(unit)
    files = await files_to_share(unit, asked)
    await unit.fetch(LOCK_HOUSEHOLDS, [file.id for file in files])
    # Read again under the lock: somebody may have named a key worker meanwhile.
    files = await files_to_share(unit, asked, [file.id for file in files])
    done = allot(files, workers, how, among=among, by_prescriber=by_prescriber)
    if not done.given:
        raise Refused(N_("Aucun dossier ne peut être confié ainsi."))
    ref = new_ref()
    sharing = await unit.value(
        "INSERT INTO sharing (ref, how, at, by, left_out) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        ref, how, unit.now, unit.actor.account_id,
        msgspec.json.encode(list(done.left.items())).decode(),
    )  # fmt: skip
    await _give(unit, done.given, sharing)
    return ref


async def give_by_portfolio(unit: Unit, household_ids: Sequence[int]) -> int:
    """Name whom the portfolios say for new files, many at once; how many got somebody."""
    files = await files_to_share(unit, Asked(), list(household_ids))
    done = allot(files, await workers_to_share(unit), "portfolio")
    await _give(unit, done.given)
    return len(done.given)


async def _give(unit: Unit, given: Mapping[int, int], sharing: int | None = None) -> None:
    """Households are locked already, or nobody else knows them yet."""
    accounts = sorted(set(given.values()))
    await unit.fetch("SELECT 1 FROM account WHERE id = ANY($1) ORDER BY id FOR SHARE", accounts)
    for account in accounts:
        if not await unit.value(HOLDS_ROLE, account, sorted(TEAM), unit.today):
            raise Refused(N_("Ce compte ne peut pas être référent."))
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, role, starts_on, sharing_id) "
        "SELECT h, a, 'siao', $3, $4 FROM unnest($1::bigint[], $2::bigint[]) AS g(h, a)",
        list(given),
        list(given.values()),
        unit.today,
        sharing,
    )
    for household_id, account in given.items():
        unit.record("key_worker.assigned", household_id=household_id, role="siao", account=account)


async def take_back(unit: Unit, ref: str) -> int:
    """Undo a sharing out: what still stands of it ends today. How many files wait again."""
    unit.require("households.hand_over")
    row = await unit.row("SELECT id, undone_at FROM sharing WHERE ref = $1 FOR UPDATE", ref)
    if row is None:
        raise NotFound()
    if row["undone_at"] is not None:
        raise Refused(N_("Cette répartition est déjà annulée."))
    standing = "FROM key_worker WHERE sharing_id = $1 AND ends_on IS NULL"
    held = await unit.fetch(f"SELECT household_id {standing}", row["id"])
    await unit.fetch(LOCK_HOUSEHOLDS, [r["household_id"] for r in held])
    ended = await unit.fetch(
        "UPDATE key_worker SET ends_on = greatest($2::date, starts_on), end_reason = 'taken_back' "
        "WHERE sharing_id = $1 AND ends_on IS NULL RETURNING household_id",
        row["id"],
        unit.today,
    )
    await unit.fetch(
        "UPDATE sharing SET undone_at = $2, undone_by = $3 WHERE id = $1",
        row["id"],
        unit.now,
        unit.actor.account_id,
    )
    for one in ended:
        unit.record("key_worker.ended", household_id=one["household_id"], role="siao")
    return len(ended)


# -- reads --------------------------------------------------------------------------------------

_ACT = """
SELECT s.id, s.ref, s.how, s.at, s.left_out, s.undone_at, a.name AS author, b.name AS undoer,
  (SELECT count(*) FROM key_worker k WHERE k.sharing_id = s.id) AS files
FROM sharing s LEFT JOIN account a ON a.id = s.by LEFT JOIN account b ON b.id = s.undone_by
"""


async def sharings(unit: Unit, most: int = 10) -> list[Any]:
    """The latest acts, the newest first."""
    return await unit.fetch(_ACT + "ORDER BY s.id DESC LIMIT $1", most)


_NAME = """coalesce((SELECT p.family_name || ' ' || p.given_name FROM membership m
  JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  WHERE m.household_id = h.id AND m.role = 'main' ORDER BY m.ends_on IS NULL DESC, m.id DESC
  LIMIT 1), '') AS name"""


@dataclass(frozen=True, slots=True)
class Done:
    """One act: its line, how many files each worker got, a page of the rows, those left out."""

    act: Mapping[str, Any]
    counts: Sequence[Any]
    rows: Sequence[Any]
    left: Sequence[tuple[Any, str]]


async def sharing_done(unit: Unit, ref: str, after: int | None, limit: int) -> Done:
    """What an act did, row by row. Raises NotFound. Four statements."""
    act = await unit.row(_ACT + "WHERE s.ref = $1", ref)
    if act is None:
        raise NotFound()
    counts = await unit.fetch(
        "SELECT a.name, count(*) AS files FROM key_worker k JOIN account a ON a.id = k.account_id "
        "WHERE k.sharing_id = $1 GROUP BY a.id, a.name ORDER BY a.name, a.id",
        act["id"],
    )
    rows = await unit.fetch(
        f"SELECT k.id, k.ends_on, h.ref, a.name AS worker, {_NAME} FROM key_worker k "  # noqa: S608
        "JOIN household h ON h.territory_id = k.territory_id AND h.id = k.household_id "
        "JOIN account a ON a.id = k.account_id WHERE k.sharing_id = $1 "
        "AND ($2::bigint IS NULL OR k.id > $2) ORDER BY k.id LIMIT $3",
        act["id"],
        after,
        limit,
    )
    why = dict(msgspec.json.decode(act["left_out"])[:limit])
    left = await unit.fetch(
        f"SELECT h.id, h.ref, {_NAME} FROM household h WHERE h.id = ANY($1::bigint[]) "  # noqa: S608
        "ORDER BY h.id",
        list(why),
    )
    return Done(act, counts, rows, [(r, why[r["id"]]) for r in left])
