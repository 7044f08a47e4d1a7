"""Import a file of demandes: read it whole, judge it, then write it chunk by chunk.

A file that cannot be trusted writes nothing but the line of its run. A run that was stopped goes
on after its last recorded chunk; a file read a second time finds nothing to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from core.imports import columns
from core.imports.chunks import SIZE, Batch, Run, do_chunk
from core.imports.demandes import DemandeFile
from core.imports.known import Surroundings, surroundings
from core.imports.lists import shipped_matchers
from core.imports.opening import encode
from core.imports.problems import Problem, Untrustworthy
from core.imports.report import Report
from core.imports.targets import target_of
from core.kernel.refs import new_ref
from core.kernel.unit import Unit

PERMISSION = "imports.run"
LOCK = 0x5E02
"""Chunks of one territory go one after the other, whoever sends them."""

Opener = Callable[[], Unit]
Progress = Callable[[str, int, int], None]
"""Told the phase (`read`, `write`), how far it is and of how many."""


@dataclass(slots=True)
class Done:
    """What a run came to. `ref` is None for a dry run, which leaves no trace."""

    report: Report
    state: str
    ref: str | None = None


async def run_import(
    open_unit: Opener,
    path: Path,
    *,
    dry_run: bool = False,
    file_name: str = "",
    mapping: Mapping[str, Any] | None = None,
    choices: Mapping[str, str | None] | None = None,
    stored_as: str = "",
    progress: Progress | None = None,
) -> Done:
    """Import the file at `path`. Never raises for what is wrong in the file: the report says it.

    `mapping` (`columns.Mapping.to_dict`) wins over what was remembered and what is guessed;
    `choices` correct it, header -> field.
    `stored_as` is the name under which the file is kept, for a run that must be taken up again.
    """
    tell = progress or (lambda phase, done, total: None)
    async with open_unit() as unit:
        unit.require(PERMISSION)
        today, zone_now = unit.today, unit.now
        around = await surroundings(unit)
        remembered = await remembered_mappings(unit)
        run_row = await _unfinished(unit, _hash(path)) if not dry_run else None
    if run_row is not None and mapping is None:
        mapping = msgspec.json.decode(run_row["mapping"]) or None
    try:
        file = DemandeFile(path, today=today, lists=shipped_matchers(), remembered=remembered)
        if mapping:
            file.use(columns.Mapping.from_dict(dict(mapping)))
        if choices:
            file.use(chosen(file.mapping, choices))
    except Untrustworthy as error:
        report = Report.of_untrusted(error)
        return await _refuse(open_unit, path, report, file_name, run_row, dry_run=dry_run)
    report = Report()
    with _rarely_collecting(), tempfile.TemporaryFile() as spool:
        try:
            total, wanted = await _read(file, report, spool, around, tell)
            report.judge()
        except Untrustworthy as error:
            report.untrusted = error
        if not report.trusted:
            return await _refuse(open_unit, path, report, file_name, run_row, dry_run=dry_run)
        run = Run(0, around, zone_now, wanted=frozenset(wanted))
        if dry_run:
            await _rehearse(open_unit, run, spool, report, total, tell)
            return Done(report, "checked")
        ref, done_before = await _begin(
            open_unit, run, path, report, file, run_row, file_name=file_name, stored_as=stored_as,
        )  # fmt: skip
        await _write(open_unit, run, spool, report, total, tell, done_before)
    await _finish(open_unit, run, report)
    return Done(report, "done", ref)


@contextlib.contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Many small objects that live as long as their chunk: looking for cycles among them every
    700 was a quarter of the work in Python. Cycles made meanwhile are still found, later.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 200_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def prepare_run(unit: Unit, path: Path, upload: Any) -> str:
    """The line of a run that is about to begin, so that its page can be shown at once.

    A run of the same file that has not ended is that very run: it will be taken up.
    """
    unit.require(PERMISSION)
    digest = _hash(path)
    if (before := await _unfinished(unit, digest)) is not None:
        return str(before["ref"])
    ref = new_ref()
    await unit.fetch(
        "INSERT INTO import_run (ref, file_name, file_hash, state, mapping, stored_as, "
        "total_lines, started_at, started_by) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8)",
        ref, upload.name, digest, encode(upload.mapping), upload.token,
        upload.report["counts"]["rows"], unit.now, unit.actor.account_id,
    )  # fmt: skip
    return ref


def chosen(mapping: columns.Mapping, choices: Mapping[str, str | None]) -> columns.Mapping:
    """The mapping with a person's choices, by header as it is written in the file."""
    by_header = {one.header: one.index for one in mapping.columns}
    for header, field in choices.items():
        if header not in by_header:
            raise Untrustworthy("unknown_column", column=header)
        if field is not None and field not in columns.BY_NAME:
            raise Untrustworthy("unknown_field", field=field)
    return mapping.corrected({by_header[h]: field for h, field in choices.items()})


async def remembered_mappings(unit: Unit) -> dict[str, dict[str, Any]]:
    """How the headers met here before were mapped, by fingerprint."""
    rows = await unit.fetch("SELECT fingerprint, mapping FROM column_mapping")
    return {r["fingerprint"]: msgspec.json.decode(r["mapping"]) for r in rows}


async def remember_mapping(unit: Unit, mapping: columns.Mapping) -> None:
    """The same header will be read the same way next time."""
    await unit.fetch(
        "INSERT INTO column_mapping (fingerprint, mapping, by, at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (territory_id, fingerprint) DO UPDATE SET mapping = excluded.mapping, "
        "by = excluded.by, at = excluded.at WHERE column_mapping.mapping <> excluded.mapping",
        mapping.fingerprint,
        encode(mapping.to_dict()),
        unit.actor.account_id,
        unit.now,
    )


def _hash(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return b""


async def _unfinished(unit: Unit, digest: bytes) -> Any:
    """The run of this very file that was stopped, or is being done elsewhere."""
    return await unit.row(
        "SELECT id, ref, mapping, started_at FROM import_run WHERE file_hash = $1 "
        "AND state IN ('running', 'stopped') ORDER BY id DESC LIMIT 1",
        digest,
    )


async def _refuse(
    open_unit: Opener, path: Path, report: Report, file_name: str, before: Any, *, dry_run: bool
) -> Done:
    if dry_run:
        return Done(report, "refused")
    ref = new_ref()
    async with open_unit() as unit:
        if before is not None:
            await unit.fetch(
                "UPDATE import_run SET state = 'refused', report = $2, ended_at = $3 "
                "WHERE id = $1",
                before["id"], report.to_json(), unit.now,
            )  # fmt: skip
            return Done(report, "refused", before["ref"])
        await unit.fetch(
            "INSERT INTO import_run (ref, file_name, file_hash, state, report, started_at, "
            "started_by, ended_at) VALUES ($1, $2, $3, 'refused', $4, $5, $6, $5)",
            ref,
            file_name or path.name,
            _hash(path),
            report.to_json(),
            unit.now,
            unit.actor.account_id,
        )
    return Done(report, "refused", ref)


async def _read(
    file: DemandeFile, report: Report, spool: IO[bytes], around: Surroundings, tell: Progress
) -> tuple[int, set[int]]:
    """Read all of the file into the spool, in batches; nothing is written to the base.

    The spool is a file without a name: it is gone with the process, however that ends. Reading
    the file once instead of twice is nearly half of an import.
    """
    batch, batches, wanted = Batch(), 0, set()
    for demande in file.demandes(report, lambda line: tell("read", line, 0)):
        if demande.refused or not demande.members:
            continue
        batch.targets.append(
            target_of(demande, today=file.today, refresh_months=around.refresh_months)
        )
        for one in demande.findings:
            if one.problem.code == "maybe_same_person":
                other = one.problem.params["line"]
                batch.alike.append((one.line, other, one.problem.params["score"]))
                wanted.add(other)
        if len(batch.targets) == SIZE:
            batch.last_line, batch.rows = max(demande.lines), report.rows
            pickle.dump(batch, spool, pickle.HIGHEST_PROTOCOL)
            batch, batches = Batch(), batches + 1
            await asyncio.sleep(0)
    if batch.targets:
        batch.last_line, batch.rows = batch.targets[-1].line, report.rows
        pickle.dump(batch, spool, pickle.HIGHEST_PROTOCOL)
        batches += 1
    return batches, wanted


def _batches(spool: IO[bytes], total: int) -> Iterator[tuple[int, Batch]]:
    spool.seek(0)
    for number in range(1, total + 1):
        yield number, pickle.load(spool)  # noqa: S301 - written by this very run


async def _rehearse(
    open_unit: Opener, run: Run, spool: IO[bytes], report: Report, total: int, tell: Progress
) -> None:
    for number, batch in _batches(spool, total):
        async with open_unit() as unit:
            plan = await do_chunk(unit, run, batch, number, dry=True)
        for _, outcome in plan.outcomes:
            report.count(outcome)
        for flag in plan.flags:
            if flag.code != "maybe_same_person":  # the reading has told it already
                report.add(flag.line, Problem(flag.code))
        tell("write", number, total)


async def _begin(
    open_unit: Opener, run: Run, path: Path, report: Report, file: DemandeFile, before: Any, *,
    file_name: str, stored_as: str,
) -> tuple[str, int]:  # fmt: skip
    """The line of the run, and how many of its chunks are there already."""
    async with open_unit() as unit:
        if before is not None:
            run.id, ref, run.started_at = before["id"], before["ref"], before["started_at"]
            await unit.fetch(
                "UPDATE import_run SET state = 'running', total_lines = $2, mapping = $3 "
                "WHERE id = $1",
                run.id, report.rows, encode(file.mapping.to_dict()),
            )  # fmt: skip
            done = await unit.value(
                "SELECT coalesce(max(number), 0) FROM import_chunk WHERE run_id = $1", run.id
            )
            await _recall(unit, run)
        else:
            ref, done = new_ref(), 0
            run.id = await unit.value(
                "INSERT INTO import_run (ref, file_name, file_hash, state, total_lines, mapping, "
                "stored_as, started_at, started_by) "
                "VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8) RETURNING id",
                ref, file_name or path.name, _hash(path), report.rows,
                encode(file.mapping.to_dict()), stored_as, unit.now, unit.actor.account_id,
            )  # fmt: skip
            run.started_at = unit.now
        await remember_mapping(unit, file.mapping)
        return str(ref), int(done)


async def _recall(unit: Unit, run: Run) -> None:
    """The people that the chunks already written gave to the lines that others resemble."""
    if not run.wanted:
        return
    rows = await unit.fetch(
        "SELECT (p ->> 0)::int AS line, (p ->> 1)::bigint AS id FROM import_change c, "
        "jsonb_array_elements(c.after -> 'people') AS p WHERE c.run_id = $1 "
        "AND c.object_kind = 'demande' AND c.act = 'created' AND (p ->> 0)::int = ANY($2::int[])",
        run.id,
        sorted(run.wanted),
    )
    run.people.update({r["line"]: r["id"] for r in rows})


async def _write(
    open_unit: Opener, run: Run, spool: IO[bytes], report: Report, total: int, tell: Progress,
    done_before: int,
) -> None:  # fmt: skip
    counted = 0
    for number, batch in _batches(spool, total):
        if number > done_before:
            async with open_unit() as unit:
                await unit.fetch(_PREPARE, LOCK, unit.territory_id)
                plan = await do_chunk(unit, run, batch, number, dry=False)
                await unit.fetch(
                    "UPDATE import_run SET done_lines = $2 WHERE id = $1", run.id, batch.rows
                )
            for _, outcome in plan.outcomes:
                report.count(outcome)
        else:
            counted += len(batch.targets)
        tell("write", number, total)
    if counted:
        # what a stopped run had done: its chunks say; those without a line changed nothing
        async with open_unit() as unit:
            row = await unit.row(
                "SELECT coalesce(sum((counts ->> 'created')::int), 0) AS created, "
                "coalesce(sum((counts ->> 'updated')::int), 0) AS updated "
                "FROM import_chunk WHERE run_id = $1 AND number <= $2",
                run.id,
                done_before,
            )
        assert row is not None
        report.created += row["created"]
        report.updated += row["updated"]
        report.unchanged += counted - row["created"] - row["updated"]


# Everything a chunk looks up has an index; without statistics yet, the planner may not see it.
_PREPARE = """
SELECT set_config('enable_seqscan', 'off', true), pg_advisory_xact_lock($1, $2)
"""


async def _finish(open_unit: Opener, run: Run, report: Report) -> None:
    async with open_unit() as unit:
        async for flag in unit.stream(
            "SELECT line, code FROM import_flag WHERE run_id = $1 "
            "AND code <> 'maybe_same_person' ORDER BY id",
            run.id,
        ):
            report.add(flag["line"], Problem(flag["code"]))
        await unit.fetch(
            "UPDATE import_run SET state = 'done', done_lines = total_lines, report = $2, "
            "ended_at = $3 WHERE id = $1",
            run.id,
            report.to_json(),
            unit.now,
        )
