"""The line of a run: begun, taken up again after a stop, refused, done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.imports.chunks import Run
from core.imports.demandes import DemandeFile
from core.imports.mappings import remember_mapping
from core.imports.opening import encode
from core.imports.problems import Problem
from core.imports.report import Report
from core.kernel.errors import Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

PERMISSION = "imports.run"

LOCK = 0x5E02
"""Chunks of one territory are written, or taken back, one after the other, whoever sends them."""

TAKEN_BACK = N_("Cet import est en train d’être annulé, ou l’est déjà.")

Opener = Callable[[], Unit]


@dataclass(slots=True)
class Done:
    """What a run came to. `ref` is None for a dry run, which leaves no trace."""

    report: Report
    state: str
    ref: str | None = None


def hash_of(path: Path) -> bytes:
    """What tells a file from another; empty for one that cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return b""


async def unfinished(unit: Unit, digest: bytes) -> Any:
    """The run of this very file that was stopped, or is being done elsewhere.

    One that is being undone is neither: the file would begin anew.
    """
    return await unit.row(
        "SELECT id, ref, mapping, started_at FROM import_run WHERE file_hash = $1 "
        "AND state = 'running' ORDER BY id DESC LIMIT 1",
        digest,
    )


def reads_alike(run: Any, mapping: Mapping[str, Any]) -> bool:
    """Whether a run read its file's columns like this. One that read them otherwise is not gone on
    with: half of a file would mean one thing, and half another."""
    return bool(msgspec.json.decode(run["mapping"]) == mapping)


async def prepare_run(unit: Unit, path: Path, upload: Any) -> str:
    """The line of a run that is about to begin, so that its page can be shown at once.

    A run of the same file, read alike, that has not ended is that very run: it is taken up.
    """
    unit.require(PERMISSION)
    digest = hash_of(path)
    before = await unfinished(unit, digest)
    if before is not None and reads_alike(before, upload.mapping):
        return str(before["ref"])
    ref = new_ref()
    await unit.fetch(
        "INSERT INTO import_run (ref, file_name, file_hash, state, mapping, stored_as, "
        "total_lines, started_at, started_by) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8)",
        ref, upload.name, digest, encode(upload.mapping), upload.token,
        upload.report["counts"]["rows"], unit.now, unit.actor.account_id,
    )  # fmt: skip
    return ref


async def refuse(
    open_unit: Opener, path: Path, report: Report, file_name: str, before: Any, *, dry_run: bool
) -> Done:
    """A run that writes nothing but its own line, and not even that when `dry_run`."""
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
            hash_of(path),
            report.to_json(),
            unit.now,
            unit.actor.account_id,
        )
    return Done(report, "refused", ref)


async def begin(
    open_unit: Opener, run: Run, path: Path, report: Report, file: DemandeFile, before: Any, *,
    file_name: str, stored_as: str,
) -> tuple[str, int]:  # fmt: skip
    """The line of the run, and how many of its chunks are there already."""
    async with open_unit() as unit:
        if before is not None:
            run.id, ref, run.started_at = before["id"], before["ref"], before["started_at"]
            await unit.fetch(
                "UPDATE import_run SET total_lines = $2, mapping = $3 "
                "WHERE id = $1 AND state = 'running'",
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
                ref, file_name or path.name, hash_of(path), report.rows,
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


async def go_on(unit: Unit, run: Run, rows: int) -> None:
    """Before a chunk that ends at that row: alone in the territory, and not taken back meanwhile.

    The run's line stays locked until the chunk is written: who undoes the run waits for it. A run
    that another process has just ended is gone through all the same: its chunks change nothing.
    """
    await unit.fetch(_PREPARE, LOCK, unit.territory_id)
    going = await unit.value(
        "UPDATE import_run SET done_lines = CASE state WHEN 'done' THEN done_lines ELSE $2 END, "
        "failed_at = NULL, failure = '', tries = 0 "
        "WHERE id = $1 AND state IN ('running', 'done') RETURNING id",
        run.id,
        rows,
    )
    if going is None:
        raise Refused(TAKEN_BACK)


# Everything a chunk looks up has an index; without statistics yet, the planner may not see it.
_PREPARE = """
SELECT set_config('enable_seqscan', 'off', true), pg_advisory_xact_lock($1, $2)
"""


async def count_written(open_unit: Opener, run: Run, report: Report, read: int) -> None:
    """What became of the demandes that were read: the chunks say, whichever process wrote them.

    A chunk that changed nothing has no line.
    """
    async with open_unit() as unit:
        row = await unit.row(
            "SELECT coalesce(sum((counts ->> 'created')::int), 0) AS created, "
            "coalesce(sum((counts ->> 'updated')::int), 0) AS updated "
            "FROM import_chunk WHERE run_id = $1",
            run.id,
        )
    assert row is not None
    report.created, report.updated = row["created"], row["updated"]
    report.unchanged = read - row["created"] - row["updated"]


async def finish(open_unit: Opener, run: Run, report: Report) -> None:
    """The run is done: its report, with the flags of every chunk, stands in its line."""
    async with open_unit() as unit:
        async for flag in unit.stream(
            "SELECT line, code FROM import_flag WHERE run_id = $1 "
            "AND code <> 'maybe_same_person' ORDER BY id",
            run.id,
        ):
            report.add(flag["line"], Problem(flag["code"]))
        ended = await unit.value(
            "UPDATE import_run SET state = 'done', done_lines = total_lines, report = $2, "
            "ended_at = $3 WHERE id = $1 AND state IN ('running', 'done') RETURNING id",
            run.id,
            report.to_json(),
            unit.now,
        )
        if ended is None:
            raise Refused(TAKEN_BACK)
