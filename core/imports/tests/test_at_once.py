"""One file by two at a time: sent twice, undone while it is written, gone on with otherwise."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from core.extension.context import Ctx
from core.extension.registry import Registry
from core.imports import service
from core.imports.reverting import revert_import
from core.imports.runs import TAKEN_BACK, Done
from core.imports.service import run_import
from core.imports.tests.test_again import Stopped, line, write
from core.imports.tests.test_import import load
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Refused
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.testing import NOW, Databases, make_place, make_professional

CHUNKS, EACH = 5, 20


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service, "SIZE", EACH)
    return write(tmp_path / "a.csv", *(line(n) for n in range(1, CHUNKS * EACH + 1)))


@pytest_asyncio.fixture(loop_scope="session")
async def alive(databases: Databases, registry: Registry, settings: Settings) -> AsyncIterator[Ctx]:
    """A coordinator over a pool: each Unit has a connection of its own."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 3)
    try:
        place = await make_place(StillClock(NOW))
        base = Ctx(settings=settings, registry=registry, clock=StillClock(NOW), territory=place,
                   face="admin")  # fmt: skip
        yield base.acting(await make_professional(base, "coordinator"))
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


def first_written(reached: asyncio.Event) -> Callable[[str, int, int], None]:
    def tell(phase: str, done: int, total: int) -> None:
        if phase == "write":
            reached.set()

    return tell


async def begun(ctx: Ctx, file: Path) -> asyncio.Task[Done]:
    """An import that goes on, once its first chunk stands."""
    reached = asyncio.Event()
    task = asyncio.create_task(load(ctx, file, progress=first_written(reached)))
    await asyncio.wait_for(reached.wait(), 30)
    return task


async def test_a_run_undone_while_it_is_written_ends_and_leaves_nobody(
    alive: Ctx, file: Path
) -> None:
    task = await begun(alive, file)
    async with alive.unit() as unit:
        ref = await unit.value("SELECT ref FROM import_run")
    undone = await revert_import(alive.unit, ref)
    with pytest.raises(Refused, match=TAKEN_BACK):
        await task
    assert EACH <= undone.households < CHUNKS * EACH
    async with alive.unit() as unit:
        assert await unit.value("SELECT count(*) FROM person") == 0
        assert await unit.value("SELECT state FROM import_run") == "reverted"


async def test_who_comes_second_may_come_after_the_end_of_the_first(alive: Ctx, file: Path) -> None:
    """The second took up the run while the first was writing, and writes when it has ended."""
    writing, taken_up = asyncio.Event(), asyncio.Event()
    opened = Counter[str]()

    @contextlib.asynccontextmanager
    async def early() -> AsyncIterator[Unit]:
        opened["first"] += 1
        if opened["first"] == 4:  # after its first chunk
            writing.set()
            await taken_up.wait()
        async with alive.unit() as unit:
            yield unit

    @contextlib.asynccontextmanager
    async def late() -> AsyncIterator[Unit]:
        opened["second"] += 1
        if opened["second"] == 3:  # before its first chunk
            taken_up.set()
            await first
        async with alive.unit() as unit:
            yield unit

    first = asyncio.create_task(run_import(early, file))
    await writing.wait()
    second = await run_import(late, file)
    assert opened["second"] > 3 and second.ref == first.result().ref
    assert (second.report.created, second.report.unchanged) == (CHUNKS * EACH, 0)
    async with alive.unit() as unit:
        assert await unit.value("SELECT state FROM import_run") == "done"


async def test_a_file_sent_twice_is_one_run_with_one_report(alive: Ctx, file: Path) -> None:
    first = await begun(alive, file)
    second = await load(alive, file)
    done = await first
    assert second.ref == done.ref
    for one in (done, second):
        assert (one.report.created, one.report.unchanged) == (CHUNKS * EACH, 0)
    async with alive.unit() as unit:
        counts = await unit.value("SELECT report -> 'counts' ->> 'created' FROM import_run")
        assert counts == str(CHUNKS * EACH)
        assert await unit.value("SELECT count(*) FROM person") == CHUNKS * EACH


async def test_columns_read_otherwise_are_another_run(ctx: Ctx, file: Path) -> None:
    def stop(phase: str, done: int, total: int) -> None:
        if phase == "write":
            raise Stopped

    with pytest.raises(Stopped):
        await load(ctx, file, progress=stop)
    done = await load(ctx, file, choices={"Animaux": None})
    async with ctx.unit() as unit:
        runs = await unit.fetch("SELECT ref, state FROM import_run ORDER BY id")
        assert await unit.value("SELECT count(*) FROM person") == CHUNKS * EACH
    assert [r["state"] for r in runs] == ["running", "done"]
    assert done.ref == runs[1]["ref"] and done.report.created == (CHUNKS - 1) * EACH
