"""`seuil db`: what a person types, what they read, what is there afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from core.kernel.postgres import Server, fleeting, running, stop
from core.kernel.roles import APP, OWNER, prepare_roles

SECRET = "a secret of this test, long enough for anyone"
WALL = """
    select string_agg(concat_ws(' ', t.tableowner, p.policyname, p.qual, p.with_check), ';')
    from pg_tables t join pg_policies p using (tablename) where t.tablename = 'household'
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with fleeting() as server:
        yield server


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place the server's account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="seuil-test-"))
    folder.chmod(0o755)
    yield folder
    stop(folder / "home")
    shutil.rmtree(folder)


def execute(url: str, *statements: str) -> None:
    async def inner() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(inner())


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """An empty database of its own."""
    admin = server.url("postgres", "postgres")
    execute(admin, "create database one")
    yield server.url("postgres", "one")
    execute(admin, "drop database one with (force)")


def walled(url: str) -> None:
    """A table as the ground makes them: the owner's, under a policy, served to the other role."""

    async def roles() -> None:
        connection = await asyncpg.connect(url)
        await prepare_roles(connection, "one", SECRET)
        await connection.close()

    asyncio.run(roles())
    execute(
        url,
        f"set role {OWNER}",
        "create table household (territory_id int, name text)",
        "alter table household enable row level security",
        "create policy wall on household using (territory_id = 1) with check (territory_id = 1)",
        f"grant select on household to {APP}",
        "insert into household values (1, 'A'), (2, 'B')",
    )


def seuil_db(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process and an environment of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SEUIL_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-c", "from core.commands.db import db; db(prog_name='seuil db')", *args],
        env=clean | {"SEUIL_SECRET_KEY": SECRET} | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The single line of a refusal."""
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def value(url: str, sql: str) -> str:
    done = seuil_db("psql", "--", "-X", "-A", "-t", "-c", sql, DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_embedded_database_stays_up_between_commands(folder: Path) -> None:
    home = folder / "home"
    here = {"SEUIL_HOME": str(home)}
    assert seuil_db("start", **here).returncode == 0
    server = running(home)
    assert server is not None
    done = seuil_db("psql", "--", "-A", "-t", "-c", "select current_database()", **here)
    assert done.stdout == "seuil\n"
    assert running(home) == server
    assert "stopped" in seuil_db("stop", **here).stdout
    assert running(home) is None
    assert "was not running" in seuil_db("stop", **here).stdout


def test_psql_passes_arguments_and_answers_with_its_code(url: str) -> None:
    assert value(url, "select 40 + 2") == "42"
    assert seuil_db("psql", "--", "-c", "nonsense", DATABASE_URL=url).returncode == 1


def test_a_backup_comes_back_with_its_policies_and_owners(url: str, folder: Path) -> None:
    walled(url)
    file = folder / "site.backup"
    assert seuil_db("backup", str(file), DATABASE_URL=url).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = value(url, WALL)
    assert before.startswith(f"{OWNER} wall ")
    execute(url, "drop table household", "create table later (n int)")

    refused = seuil_db("restore", str(file), DATABASE_URL=url)
    assert "--replace" in one_line(refused)
    done = seuil_db("restore", "--replace", str(file), DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert value(url, "select string_agg(name, ',') from household") == "A,B"
    assert value(url, "select to_regclass('later') is null") == "t"
    assert value(url, WALL) == before
    assert value(url.replace("postgres@", f"{APP}@"), "select name from household") == "A"


def test_a_backup_is_never_written_over_another(url: str, folder: Path) -> None:
    file = folder / "site.backup"
    file.write_text("precious")
    assert "another name" in one_line(seuil_db("backup", str(file), DATABASE_URL=url))
    assert file.read_text() == "precious"


def test_a_damaged_backup_changes_nothing(url: str, folder: Path) -> None:
    execute(
        url,
        "create table kept as select n, md5(n::text) as noise from generate_series(1, 50000) n",
    )
    file = folder / "site.backup"
    assert seuil_db("backup", str(file), DATABASE_URL=url).returncode == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    refused = seuil_db("restore", "--replace", str(file), DATABASE_URL=url)
    assert "damaged" in one_line(refused) or "nothing was changed" in refused.stderr
    assert value(url, "select count(*) from kept") == "50000"
    file.write_text("not a backup")
    refused = seuil_db("restore", "--replace", str(file), DATABASE_URL=url)
    assert "is not a backup" in one_line(refused)


def test_an_account_under_the_policies_is_told_which_one_to_give(url: str, folder: Path) -> None:
    walled(url)
    under = url.replace("postgres@", f"{APP}@")
    refused = seuil_db("backup", str(folder / "site.backup"), DATABASE_URL=under)
    assert "SEUIL_OWNER_DATABASE_URL" in one_line(refused)
    assert list(folder.iterdir()) == []


def test_a_missing_database_is_one_line_without_its_password(folder: Path) -> None:
    away = "postgresql://someone:hush@127.0.0.1:1/none"
    for args in (("backup", str(folder / "x")), ("psql", "--", "-c", "select 1")):
        done = seuil_db(*args, DATABASE_URL=away)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert "hush" not in done.stdout + done.stderr
