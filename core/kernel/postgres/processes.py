"""Which server processes are alive, and the locks that decide who starts and who stops them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from core.kernel.postgres.binaries import Runner, ServerError


def mark(data: Path) -> str:
    """The name a server carries in the title of each of its processes (`cluster_name`).

    It is how orphans are recognised without the right to look into another account's process.
    """
    return "seuil-" + hashlib.sha256(str(data).encode()).hexdigest()[:12]


def _commands(only: int | None = None) -> Iterator[tuple[int, int, list[str]]]:
    """Each process of this machine, or one: pid, uid, arguments (empty for a zombie)."""
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        for entry in proc.iterdir() if only is None else (proc / str(only),):
            if entry.name.isdigit():
                with suppress(OSError):
                    raw = (entry / "cmdline").read_bytes()
                    yield int(entry.name), entry.stat().st_uid, os.fsdecode(raw).split("\0")
        return
    listing = subprocess.run(
        ["/bin/ps", "-axo", "pid=,uid=,command="], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        pid, uid, *command = line.split(None, 2)
        yield int(pid), int(uid), command


def is_server(pid: int, data: Path) -> bool:
    """Whether that process is the postmaster of this data folder (a pid may have been reused)."""
    for found, _, command in _commands(pid):
        if found == pid:
            # `/proc` gives the arguments one by one, `ps` in one string: a match serves both.
            return f" -D {data} " in " ".join(command) + " "
    return False


def orphans(data: Path, account: Runner) -> list[int]:
    """Children that outlived their postmaster: their title says whose they were."""
    title = f"postgres: {mark(data)}:"
    return [
        pid
        for pid, uid, command in _commands()
        if uid == account.uid and command and command[0].startswith(title)
    ]


def end_orphans(data: Path, account: Runner, patience: float = 2.0) -> None:
    """Let the children of a killed postmaster leave, and end those that stay.

    They hold the shared memory, so no new server can start; nothing they do can be committed to
    anyone, since their client's connection cannot be trusted any more. To be called under the
    start lock, once the postmaster is known to be dead.
    """
    until = time.monotonic() + patience
    while (left := orphans(data, account)) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while left and orphans(data, account) and time.monotonic() < until + 10:
        time.sleep(0.05)


def take(path: Path, *, wait: float) -> IO[str] | None:
    """An exclusive lock on a file, kept until it is closed or the program dies; None if taken."""
    try:
        file = path.open("a")
    except PermissionError:
        raise ServerError(
            f"{path.parent} belongs to another user of this machine: "
            "run the command as that user, or set SEUIL_HOME to a folder of your own."
        ) from None
    except OSError as error:
        raise ServerError(
            f"{path.parent} cannot be written ({error.strerror}): "
            "free some space, or set SEUIL_HOME to another folder."
        ) from None
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() >= until:
                file.close()
                return None
            time.sleep(0.05)


def share(path: Path) -> IO[str]:
    """A shared lock on a file: it says "I use this" until it is closed or the program dies."""
    file = path.open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def one_at_a_time(home: Path, wait: float = 180.0) -> Iterator[None]:
    """Starting and stopping under one lock: whoever comes second finds the first one's result."""
    lock = take(home / "start.lock", wait=wait)
    if lock is None:
        raise ServerError(
            f"Another program has been starting or stopping the database of {home} for "
            f"{wait:.0f} seconds: end it, then try again."
        )
    try:
        yield
    finally:
        lock.close()


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an ordinary exit, so that `finally` blocks run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {
        number: signal.signal(number, leave)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the last writes finish: a second Ctrl-C waits for the server's end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def watched(crashed: Callable[[], bool], restart: Callable[[], object]) -> Iterator[None]:
    """While the program works, bring its server back within seconds when it dies by accident."""
    leaving = threading.Event()

    def watch() -> None:
        while not leaving.wait(0.5):
            # Tried again at each round: a full disk may be emptied, and pages say so meanwhile.
            with suppress(ServerError):
                if crashed():
                    restart()

    thread = threading.Thread(target=watch, name="seuil-postgres", daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()
