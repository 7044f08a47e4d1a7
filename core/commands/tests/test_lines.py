"""Every trouble of the command ends in one clear line and a non-zero exit, never a traceback."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from core.kernel.errors import SeuilError
from core.kernel.migrate import migrate
from core.kernel.settings import DEMO_SECRET
from core.testing import Databases

AWAY = "postgresql://someone:hush@127.0.0.1:1/none"


def seuil(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SEUIL_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "core.cli", *args],
        env=clean | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("args", "variables", "said"),
    [
        (["nonsense"], {}, "No such command"),
        (["serve", "--wrong"], {}, "--wrong"),
        (["territory", "create"], {}, "SLUG"),
        (["territory", "create", "nord", "Nord", "--vocabulary", "ch"], {}, "'ch' is not one of"),
        (["demo", "--size", "abc"], {}, "'abc' is not a valid whole number"),
        (["migrate"], {"DATABASE_URL": AWAY}, "does not answer"),
        (["migrate"], {"DATABASE_URL": "mysql://u:hush@h/x"}, "DATABASE_URL must be"),
        (["worker"], {"DATABASE_URL": "postgresql://u:hush@h:abc/x"}, "DATABASE_URL must be"),
        (["serve"], {"SEUIL_ENV": "production"}, "SEUIL_SECRET_KEY is missing"),
        (["serve"], {"SEUIL_HOST": "203.0.113.1"}, "203.0.113.1:8000 cannot be listened on"),
        (
            ["import", "demandes", __file__, "--territory", "x", "--report", "/nowhere/x.json"],
            {"DATABASE_URL": AWAY},
            "/nowhere/x.json",
        ),
    ],
)
def test_a_trouble_is_one_line(args: list[str], variables: dict[str, str], said: str) -> None:
    done = seuil(*args, **variables)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert said in done.stderr
    assert "hush" not in done.stderr + done.stdout


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_told_before_anything_is_made(command: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = seuil(command, SEUIL_PORT=port, SEUIL_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port} is in use" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_look_at_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = seuil("doctor", SEUIL_HOME=str(home))
    assert done.returncode == 1 and f"no database in {home}" in done.stderr
    assert "wall" not in done.stdout and not home.exists()


async def test_a_short_name_that_is_taken_is_told_in_the_language_of_the_command(
    databases: Databases,
) -> None:
    admin_url, _ = await databases.fresh()
    try:
        for name, said in (("essai", ""), ("essai", "this short name is taken")):
            done = await asyncio.to_thread(
                seuil, "territory", "create", name, "Essai",
                DATABASE_URL=admin_url, SEUIL_SECRET_KEY=DEMO_SECRET,
            )  # fmt: skip
            assert said in done.stderr and bool(done.returncode) == bool(said)
    finally:
        await databases.drop(admin_url)


async def test_a_base_without_what_this_version_needs_is_told(databases: Databases) -> None:
    admin_url, _ = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("ALTER TABLE territory DROP COLUMN name CASCADE")
        done = await asyncio.to_thread(
            seuil, "territory", "list", DATABASE_URL=admin_url, SEUIL_SECRET_KEY=DEMO_SECRET
        )
        assert done.returncode == 1 and "run seuil migrate" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    finally:
        await admin.close()
        await databases.drop(admin_url)


async def test_a_base_of_another_version_is_told(databases: Databases) -> None:
    admin_url, _ = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    try:
        for change in ("UPDATE migration SET name = '2000-01-01'", "DELETE FROM migration"):
            await admin.execute(change)
            with pytest.raises(SeuilError, match="make demo-reset") as caught:
                await migrate(admin_url, DEMO_SECRET)
            assert "\n" not in str(caught.value)
        done = await asyncio.to_thread(
            seuil, "demo", "accounts", DATABASE_URL=admin_url, SEUIL_SECRET_KEY=DEMO_SECRET
        )
        assert done.returncode == 1 and "make demo-reset" in done.stderr
    finally:
        await admin.close()
        await databases.drop(admin_url)
