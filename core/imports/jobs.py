"""The orders that pages give to a process of its own, and how that process is started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class Job:
    """`act`: check, import (by `token`) or revert (by `ref`), for an account in a territory."""

    act: str
    slug: str
    account_id: int | None
    token: str = ""
    ref: str = ""


def give_way() -> None:
    """Pages come first: this process takes what processor time they leave."""
    with contextlib.suppress(OSError):
        os.nice(10)


Launch = Callable[[Job], Awaitable[None]]


def launcher(database_url: str | None) -> Launch:
    """How the application starts a job: a process that lives on when the request has ended."""
    running: set[asyncio.Task[None]] = set()

    async def launch(job: Job) -> None:
        order = msgspec.json.encode({"url": database_url, "job": job})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "core.commands.import_job",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

        async def follow() -> None:
            await process.communicate(order)

        task = asyncio.create_task(follow())
        running.add(task)
        task.add_done_callback(running.discard)

    return launch
