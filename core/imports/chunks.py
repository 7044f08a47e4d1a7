"""One chunk of an import: plan it against what the base knows, write it, tell what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.households.sharing import give_by_portfolio
from core.imports.known import Known, Surroundings, imported, read_known
from core.imports.merging import merge
from core.imports.opening import encode, open_demande
from core.imports.plans import Change, Flag, Plan, imaginary_ids
from core.imports.standing import read_standing
from core.imports.targets import Target
from core.imports.updating import apply
from core.imports.writing import DrawnIds, Writer, breathe, tell
from core.kernel.unit import Unit
from core.requests.facts import rebuild_facts

SIZE = 1_000
"""Demandes committed together: some seconds of work at most, which a stop loses."""
_HANDED_OVER = frozenset({150, 500})
"""New demandes of a chunk after which what is planned is handed over to be written. A short first
part: while it is planned, the database waits; then it always takes longer than the planning."""
_BREATH = 4
"""New demandes planned between two looks at what the database answered: half a millisecond."""


@dataclass(slots=True)
class Batch:
    """What the reading hands over: demandes, the lines that resemble each other, where it ends."""

    targets: list[Target] = field(default_factory=list)
    alike: list[tuple[int, int, int]] = field(default_factory=list)
    last_line: int = 0
    rows: int = 0


@dataclass(slots=True)
class Run:
    """A run while it goes on."""

    id: int
    around: Surroundings
    started_at: object
    ids: DrawnIds = field(default_factory=DrawnIds)
    wanted: frozenset[int] = frozenset()
    """Lines that a later one resembles: their people are remembered, the others are not."""
    people: dict[int, int] = field(default_factory=dict)


async def do_chunk(unit: Unit, run: Run, batch: Batch, number: int, *, dry: bool) -> Plan:
    """Plan a chunk and, unless `dry`, write it with its line in `import_chunk`."""
    demandes = await imported(unit, [one.key for one in batch.targets])
    todo = [
        one
        for one in batch.targets
        if one.key not in demandes or demandes[one.key]["digest"] != one.digest
    ]
    take = imaginary_ids() if dry else run.ids.take
    plan = Plan(unit.now, unit.today, unit.actor.account_id, run.id, take)
    plan.outcomes.extend(
        (one.line, "unchanged")
        for one in batch.targets
        if one.key in demandes and demandes[one.key]["digest"] == one.digest
    )
    if not todo:
        return plan
    known = await read_known(unit, todo, demandes, before=run.started_at)  # type: ignore[arg-type]
    if not dry:
        people = sum(len(one.people) for one in todo)
        await run.ids.draw(
            unit,
            {"household": len(todo), "person": people, "housing_request": len(todo),
             "waiting_entry": sum(len(one.kinds) for one in todo)},
        )  # fmt: skip
    old = _known_ones(todo, demandes, known)
    fresh = [one for one in todo if one.key not in old]
    async with Writer(unit, plan, number) as writer:
        for n, one in enumerate(fresh, start=1):
            open_demande(plan, one, known, run.around)
            # known demandes speak to the database themselves, before anything is handed over
            if not (old or dry):
                if n in _HANDED_OVER:
                    await writer.hand_over()
                elif n % _BREATH == 0:
                    await breathe()
        updated = await _update(unit, plan, run, todo, old, demandes, dry=dry)
        _resembling(plan, run, batch)
        if dry:
            return plan
        await writer.close()
    for request_id in updated:
        await rebuild_facts(unit, request_id)
    if run.around.portfolios:
        await _propose(unit, plan)
    tell(unit, plan)
    await _sign(unit, run, batch, number, plan)
    return plan


def _known_ones(
    todo: Sequence[Target], demandes: Mapping[str, Mapping[str, Any]], known: Known
) -> dict[str, int]:
    """The demandes of the base that lines of this chunk speak of, by key."""
    old: dict[str, int] = {}
    for one in todo:
        if one.key in demandes:
            old[one.key] = demandes[one.key]["request_id"]
        elif one.request_no in known.requests:
            old[one.key] = known.requests[one.request_no]["id"]
    return old


async def _update(
    unit: Unit, plan: Plan, run: Run, todo: Sequence[Target], old: Mapping[str, int],
    demandes: Mapping[str, Mapping[str, object]], *, dry: bool,
) -> list[int]:  # fmt: skip
    """The demandes that are known here: compared on three sides, then brought up to date."""
    if not old:
        return []
    said = {
        r["key"]: msgspec.json.decode(r["said"])
        for r in await unit.fetch(
            "SELECT key, said FROM imported_demande WHERE key = ANY($1::text[])", list(old)
        )
    }
    standing = await read_standing(unit, sorted(set(old.values())))
    updated = []
    for target in todo:
        request_id = old.get(target.key)
        if request_id is None:
            continue
        stands = standing[request_id]
        done = merge(target, stands, said.get(target.key))
        plan.flags.extend(done.flags)
        plan.outcomes.append((target.line, "updated" if done.changes else "unchanged"))
        if dry:
            continue
        if done.changes:
            await apply(unit, plan, target, stands, done)
            updated.append(request_id)
            plan.happened.append(("import.demande_updated", stands.household_id, request_id))
        await _remember(unit, plan, run, target, stands.request_id, stands.household_id)
    return updated


async def _remember(
    unit: Unit, plan: Plan, run: Run, target: Target, request_id: int, household_id: int
) -> None:
    """What the file says from now on; what it said before is kept with the run's changes."""
    before = await unit.row(
        "SELECT digest, said, run_id, line FROM imported_demande WHERE key = $1", target.key
    )
    await unit.fetch(
        "INSERT INTO imported_demande (key, request_id, household_id, digest, said, run_id, line, "
        "at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (territory_id, key) DO UPDATE "
        "SET digest = excluded.digest, said = excluded.said, run_id = excluded.run_id, "
        "line = excluded.line, at = excluded.at",
        target.key, request_id, household_id, target.digest, encode(target.said()), run.id,
        target.line, plan.now,
    )  # fmt: skip
    kept = None
    if before is not None:
        kept = {**dict(before), "said": msgspec.json.decode(before["said"])}
    plan.changes.append(
        Change(target.line, "demande", request_id, "read", kept, {"key": target.key})
    )


def _resembling(plan: Plan, run: Run, batch: Batch) -> None:
    """Flag the people of this chunk who resemble somebody of an earlier line of the file."""
    new = {
        line: person_id
        for change in plan.changes
        if change.kind == "demande" and change.act == "created"
        for line, person_id in change.after["people"]
    }
    homes = {
        line: change.after["household"]
        for change in plan.changes
        if change.kind == "demande" and change.act == "created"
        for line, _ in change.after["people"]
    }
    run.people.update({line: who for line, who in new.items() if line in run.wanted})
    for line, other_line, score in batch.alike:
        person_id, other = new.get(line), run.people.get(other_line)
        if person_id is not None and person_id != other:
            plan.flags.append(
                Flag(line, "maybe_same_person", homes[line], person_id, other,
                     details={"line": other_line, "score": score})
            )  # fmt: skip


async def _propose(unit: Unit, plan: Plan) -> None:
    """A key worker from the portfolios for the households that the file names none for."""
    if new := [one for one in plan.households if one not in plan.named]:
        await give_by_portfolio(unit, new)


async def _sign(unit: Unit, run: Run, batch: Batch, number: int, plan: Plan) -> None:
    counts = {name: 0 for name in ("created", "updated", "unchanged")}
    for _, outcome in plan.outcomes:
        counts[outcome] += 1
    counts["flags"] = len(plan.flags)
    await unit.fetch(
        "INSERT INTO import_chunk (run_id, number, first_line, last_line, counts, at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        run.id, number, batch.targets[0].line, batch.last_line, encode(counts), plan.now,
    )  # fmt: skip
