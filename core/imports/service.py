"""Import a file of demandes: read it whole, judge it, then write it chunk by chunk.

A file that cannot be trusted writes nothing but the line of its run. A run that was stopped goes
on after its last recorded chunk; a file read a second time finds nothing to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from core.imports import columns
from core.imports.chunks import SIZE, Batch, Run, do_chunk
from core.imports.demandes import DemandeFile
from core.imports.known import Surroundings, surroundings
from core.imports.lists import shipped_matchers
from core.imports.mappings import chosen, remembered_mappings
from core.imports.problems import Problem, Untrustworthy
from core.imports.report import Report
from core.imports.runs import (
    PERMISSION,
    Done,
    Opener,
    begin,
    count_written,
    finish,
    go_on,
    hash_of,
    reads_alike,
    refuse,
    unfinished,
)
from core.imports.targets import target_of

Progress = Callable[[str, int, int], None]
"""Told the phase (`read`, `write`), how far it is and of how many."""


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
        run_row = await unfinished(unit, hash_of(path)) if not dry_run else None
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
        return await refuse(open_unit, path, report, file_name, run_row, dry_run=dry_run)
    if run_row is not None and not reads_alike(run_row, file.mapping.to_dict()):
        run_row = None
    report = Report()
    with _rarely_collecting(), tempfile.TemporaryFile() as spool:
        try:
            total, wanted = await _read(file, report, spool, around, tell)
            report.judge()
        except Untrustworthy as error:
            report.untrusted = error
        if not report.trusted:
            return await refuse(open_unit, path, report, file_name, run_row, dry_run=dry_run)
        run = Run(0, around, zone_now, wanted=frozenset(wanted))
        if dry_run:
            await _rehearse(open_unit, run, spool, report, total, tell)
            return Done(report, "checked")
        ref, done_before = await begin(
            open_unit, run, path, report, file, run_row, file_name=file_name, stored_as=stored_as,
        )  # fmt: skip
        await _write(open_unit, run, spool, report, total, tell, done_before)
    await finish(open_unit, run, report)
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
        target = target_of(demande, today=file.today, refresh_months=around.refresh_months)
        batch.targets.append(target)
        for kind, said in around.unknown(target):
            report.name(kind, said)
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


async def _write(
    open_unit: Opener, run: Run, spool: IO[bytes], report: Report, total: int, tell: Progress,
    done_before: int,
) -> None:  # fmt: skip
    read = 0
    for number, batch in _batches(spool, total):
        if number > done_before:
            async with open_unit() as unit:
                await go_on(unit, run, batch.rows)
                await do_chunk(unit, run, batch, number, dry=False)
        read += len(batch.targets)
        tell("write", number, total)
    await count_written(open_unit, run, report, read)
