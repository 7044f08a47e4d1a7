"""Runs that stopped: said at once, gone on with by themselves, given up after a few tries."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.commands import import_job
from core.extension.context import Ctx
from core.imports import reverting, service
from core.imports.jobs import Job
from core.imports.queries import read_run
from core.imports.resuming import MOST, next_try, note_failure, stopped, take_up
from core.imports.reverting import begin_revert, revert_import
from core.imports.tests.test_again import line, write
from core.imports.tests.test_import import load
from core.kernel.clock import StillClock
from core.testing import NOW

CHUNKS, EACH = 4, 5


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service, "SIZE", EACH)
    return write(tmp_path / "a.csv", *(line(n) for n in range(1, CHUNKS * EACH + 1)))


def later(ctx: Ctx, minutes: float) -> Ctx:
    return dataclasses.replace(ctx, clock=StillClock(NOW + timedelta(minutes=minutes)))


class Broken(Exception):
    """What stops a job half-way in these tests."""


def breaking(after: int) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done >= after * EACH:
            raise Broken

    return tell


async def test_an_undoing_that_stops_says_how_far_it_is_and_goes_on(ctx: Ctx, file: Path) -> None:
    done = await load(ctx, file)
    assert done.ref
    with pytest.raises(Broken):
        await revert_import(ctx.unit, done.ref, breaking(2))
    async with ctx.unit() as unit:
        run = await read_run(unit, done.ref)
        assert await unit.value("SELECT count(*) FROM person") == 2 * EACH
    assert run is not None and run["state"] == "reverting"
    half = reverting.Undoing.read(run["undo"])
    assert (half.done, half.total, half.households) == (2 * EACH, CHUNKS * EACH, 2 * EACH)
    seen: list[tuple[int, int]] = []
    undone = await revert_import(ctx.unit, done.ref, lambda *far: seen.append(far))
    assert seen == [(3 * EACH, CHUNKS * EACH), (CHUNKS * EACH, CHUNKS * EACH)]
    assert undone.households == CHUNKS * EACH, "what the first try did is counted"
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM person") == 0


async def test_the_worker_goes_on_later_each_time_and_gives_up(ctx: Ctx, file: Path) -> None:
    done = await load(ctx, file)
    assert done.ref
    async with ctx.unit() as unit:
        await begin_revert(unit, done.ref)
    given: list[Job] = []

    async def launch(job: Job) -> None:
        given.append(job)

    assert await take_up(later(ctx, 1), launch) == 0, "it may still be at work"
    minutes = 3.0
    for tried in range(1, MOST + 1):
        assert await take_up(later(ctx, minutes), launch) == 1
        assert await take_up(later(ctx, minutes), launch) == 0, "not twice"
        async with later(ctx, minutes).unit() as unit:
            await note_failure(unit, given[-1], "TimeoutError")
            run = await read_run(unit, done.ref)
            assert run is not None and stopped(run, unit.now) and run["failure"] == "TimeoutError"
            when = next_try(run)
        if tried < MOST:
            assert when == NOW + timedelta(minutes=minutes + 2**tried)
            minutes += 2**tried
    assert when is None, "a person is asked"
    assert await take_up(later(ctx, 100_000), launch) == 0
    assert given[0] == Job("revert", ctx.place.slug, ctx.who.account_id, "", done.ref)


async def test_an_import_from_a_command_is_not_taken_up_without_its_file(
    ctx: Ctx, file: Path
) -> None:
    def stop(phase: str, far: int, total: int) -> None:
        if phase == "write":
            raise Broken

    with pytest.raises(Broken):
        await load(ctx, file, progress=stop)

    async def launch(job: Job) -> None:
        raise AssertionError(job)

    assert await take_up(later(ctx, 60), launch) == 0


async def test_a_job_that_fails_tells_its_run(
    ctx: Ctx, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await load(ctx, file)
    assert done.ref

    async def fail(*given: object) -> None:
        async with ctx.unit() as unit:
            await begin_revert(unit, str(done.ref))
        raise Broken

    monkeypatch.setattr(import_job, "revert_import", fail)
    job = Job("revert", ctx.place.slug, ctx.who.account_id, "", done.ref)
    with pytest.raises(Broken):
        await import_job.do_or_tell(job, ctx.settings)
    async with ctx.unit() as unit:
        run = await read_run(unit, done.ref)
    assert run is not None and run["failure"] == "Broken"


async def test_who_is_taken_away_is_found_by_an_index(ctx: Ctx) -> None:
    """Deleting a person looks for what refers to them in every table: each needs its index, or an
    undoing reads whole tables for each person."""
    async with ctx.unit() as unit:
        bare = await unit.fetch(
            "SELECT k.conrelid::regclass::text || '.' || a.attname AS named FROM pg_constraint k "
            "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
            "WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 2 "
            "AND k.confrelid::regclass::text IN ('person', 'waiting_entry') AND NOT EXISTS ("
            "SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid "
            "AND i.indkey[0] = k.conkey[1] AND i.indkey[1] = k.conkey[2])"
        )
    assert [r["named"] for r in bare] == []
