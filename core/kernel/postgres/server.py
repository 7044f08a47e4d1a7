"""The embedded server's life: started or found, watched until ready, stopped with its program.

Everything lives in `home` (SEUIL_HOME): `pg` the data, `run` the socket, `pg.log` what the server
said. Durable means that what was acknowledged is on the disk; tests may do without.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.kernel.postgres.binaries import Runner, ServerError, environment, reachable, runner
from core.kernel.postgres.processes import (
    end_orphans,
    ending_on_signals,
    is_server,
    mark,
    one_at_a_time,
    share,
    take,
    undisturbed,
    watched,
)
from core.kernel.postgres.setup import PORT, make_home, prepare_data, socket_dir, trouble

DATABASE = "seuil"
SUPERUSER = "postgres"
START_PATIENCE = 120.0  # seconds; recovery after a crash may take a while
STOP_PATIENCE = 20.0  # seconds for each way of stopping, from the kindest to the last

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",  # the folder around it is the door
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement quotes its values. Only what the server says of itself is kept (sessions'
    # errors are below LOG), so that no personal data reaches the file.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
}

# Our own children, kept so that their end can be collected (no zombie, no warning).
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Server:
    """A running embedded server. `port` is in the socket's name only."""

    data: Path
    socket_dir: Path
    port: int = PORT

    def url(self, user: str, database: str) -> str:
        """The address over the unix socket, for asyncpg and for PostgreSQL's own programs."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(user)}@/{quote(database)}?host={host}&port={self.port}"

    def pid(self) -> int | None:
        """The postmaster's process id, or None once it has ended."""
        state = _state(self.data)
        return state[0] if state else None


def _home(home: Path) -> Path:
    # One folder, one name: the data folder's path is how its server's processes are recognised.
    return home.expanduser().resolve()


def _state(data: Path) -> tuple[int, Path, str] | None:
    """What `postmaster.pid` says, if that process is alive: pid, socket folder, status."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    except PermissionError:
        raise ServerError(
            f"The data folder {data} belongs to another user of this machine: "
            "run the command as that user, or set SEUIL_HOME to a folder of your own."
        ) from None
    if pid in _children:
        _children[pid].poll()
    if not is_server(pid, data):
        return None
    socket_dir = Path(lines[4]) if len(lines) > 4 and lines[4] else data.parent / "run"
    return pid, socket_dir, lines[7].strip() if len(lines) > 7 else "starting"


def _crashed(data: Path) -> bool:
    """Whether the server died without being asked to: who is asked takes the pid file along."""
    return (data / "postmaster.pid").exists() and _state(data) is None


def running(home: Path) -> Server | None:
    """The server of this home if it is up and ready, else None. Starts nothing."""
    data = _home(home) / "pg"
    state = _state(data)
    return Server(data, state[1]) if state and state[2] == "ready" else None


def start(home: Path, *, durable: bool = True) -> Server:
    """Start the server of this home, or attach to the one already running; returns once ready.

    It stays up until `stop`. Raises ServerError with one sentence saying what to do.
    """
    home = _home(home)
    account = runner()
    make_home(home, account)
    with one_at_a_time(home):
        data = home / "pg"
        state = _state(data)
        if state and state[2] == "stopping":
            _wait_end(state[0], data, STOP_PATIENCE)
            state = _state(data)
        if state:
            _same_durability(data, durable)
            return _wait_ready(home, state[0])
        programs = reachable(home, account)
        prepare_data(programs, data, account, durable=durable)
        # The server itself would take any living process of that number for a postmaster.
        (data / "postmaster.pid").unlink(missing_ok=True)
        end_orphans(data, account)
        return _wait_ready(home, _launch(programs, home, account, durable))


def stop(where: Server | Path) -> bool:
    """Stop the server of a home: open transactions roll back, the rest is written.

    True if there was one to stop.
    """
    data = where.data if isinstance(where, Server) else _home(where) / "pg"
    if not data.exists():
        return False
    with one_at_a_time(data.parent):
        state = _state(data)
        if state is None:
            return False
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, at last
            with suppress(ProcessLookupError):
                os.kill(state[0], order)
            if _wait_end(state[0], data, STOP_PATIENCE):
                (data / "postmaster.pid").unlink(missing_ok=True)  # a killed one leaves it
                (data.parent / "kept").unlink(missing_ok=True)
                return True
    raise ServerError(f"The database of {data.parent} (process {state[0]}) does not stop.")


@contextmanager
def serving(home: Path, *, durable: bool = True) -> Iterator[Server]:
    """A server for as long as this program needs it.

    The program that started it restarts it if it is killed. The last program that uses it stops
    it at its end, SIGTERM and Ctrl-C included: one that ends while another still serves leaves it
    running, whoever started it.
    """
    home = _home(home)
    make_home(home, runner())
    with ending_on_signals():
        # The lock is the proof that a living program answers for the server. One started by
        # `keep` has nobody, and stays: the file `kept` says it is on purpose.
        lock = take(home / "owner.lock", wait=0)
        kept = home / "kept"
        ours = lock is not None and not (kept.exists() and running(home))
        if ours:
            kept.unlink(missing_ok=True)
        using = share(home / "users.lock")
        try:
            server = start(home, durable=durable)
            if not ours:
                yield server
                return
            with watched(lambda: _crashed(server.data), lambda: start(home, durable=durable)):
                yield server
        finally:
            using.close()
            last = take(home / "users.lock", wait=0)
            if last is not None:
                if not kept.exists():
                    with undisturbed():
                        stop(home)
                last.close()
            if lock is not None:
                lock.close()


@contextmanager
def fleeting() -> Iterator[Server]:
    """A server for tests: in a folder of its own, not durable, and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="seuil-"))
    try:
        if runner().switched:
            home.chmod(0o755)  # made by us just now, private to root
        with serving(home, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def keep(home: Path, *, durable: bool = True) -> Server:
    """Start (or attach) and let it stay up after every program, until `stop` is asked for."""
    server = start(home, durable=durable)
    (server.data.parent / "kept").touch()
    return server


def _launch(programs: Path, home: Path, account: Runner, durable: bool) -> int:
    """Start the postmaster in a session of its own, so that Ctrl-C reaches only the program."""
    data = home / "pg"
    settings = _SETTINGS | (_DURABLE if durable else _FLEETING)
    settings["unix_socket_directories"] = str(socket_dir(home, account))
    settings["cluster_name"] = mark(data)
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(PORT)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = home / "pg.log"
    try:
        if log.exists():
            log.replace(home / "pg.log.1")
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env=environment(),
                umask=0o077,
                start_new_session=True,
                **account.switch(),
            )
    except OSError as error:
        raise ServerError(trouble(home, error.strerror or str(error))) from None
    _children[process.pid] = process
    return process.pid


def _wait_ready(home: Path, pid: int) -> Server:
    data = home / "pg"
    until = time.monotonic() + START_PATIENCE
    while time.monotonic() < until:
        child = _children.get(pid)
        ended = child.poll() is not None if child else not is_server(pid, data)
        if ended:
            _children.pop(pid, None)
            raise ServerError(trouble(home, _said(home)))
        state = _state(data)
        if state and state[0] == pid and state[2] == "ready":
            return Server(data, state[1])
        time.sleep(0.05)
    raise ServerError(
        f"The database of {home} is not ready after {START_PATIENCE:.0f} seconds (process {pid}): "
        f"read {home / 'pg.log'}, it may still be recovering."
    )


def _said(home: Path) -> str:
    with suppress(OSError):
        return (home / "pg.log").read_text(errors="replace")
    return ""


def _wait_end(pid: int, data: Path, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        child = _children.get(pid)
        if child.poll() is not None if child else not is_server(pid, data):
            _children.pop(pid, None)
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.03)


def _same_durability(data: Path, durable: bool) -> None:
    """Never hand a server that may lose writes to a program that counts on them."""
    with suppress(OSError):
        if durable and "fsync=off" in (data / "postmaster.opts").read_text(errors="replace"):
            raise ServerError(
                f"The database running in {data.parent} does not write durably (it is a test's): "
                "stop it with `seuil db stop`, or set SEUIL_HOME to another folder."
            )
