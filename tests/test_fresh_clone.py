"""A clone, one command, a running site: what a newcomer does first, done for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]
INSTALL, START = 400, 45
"""Seconds allowed for the first start, which installs and fills, and for the next ones."""

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI"), reason="clones and installs anew: run where CI is set"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the account that runs the embedded database may enter, which pytest's own forbids."""
    made = Path(tempfile.mkdtemp(prefix="seuil-clone-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def demo(clone: Path, env: dict[str, str], log: Path, patience: float) -> Iterator[float]:
    """`make demo` until it answers; gives the seconds that took, and ends it as Ctrl-C does."""
    began = time.monotonic()
    command = [shutil.which("make") or "make", "demo", f"PYTHON={sys.executable}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=clone, env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        while not _ready(env):
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() - began < patience, log.read_text()[-3000:]
            time.sleep(0.3)
        yield time.monotonic() - began
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def _ready(env: dict[str, str]) -> bool:
    try:
        return httpx.get(f"{_address(env)}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _address(env: dict[str, str]) -> str:
    return f"http://127.0.0.1:{env['SEUIL_PORT']}"


def _sign_in(account: dict[str, Any]) -> httpx.Client:
    client = httpx.Client(follow_redirects=True, timeout=20)
    form = client.get(account["url"]).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = client.post(account["url"], data={**hidden, **account["fields"]})
    assert answer.status_code == 200 and str(answer.url) != account["url"], answer.text
    return client


def test_a_clone_and_one_command_give_a_site(folder: Path) -> None:
    clone = folder / "seuil"
    git = shutil.which("git") or "git"
    subprocess.run([git, "clone", "--quiet", str(ROOT), str(clone)], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outside = ("SEUIL_", "DATABASE_URL", "VIRTUAL_ENV", "PYTHON")
    env = {n: v for n, v in os.environ.items() if not n.startswith(outside)}
    env |= {
        "SEUIL_HOME": str(folder / "home"),
        "SEUIL_PORT": str(port),
        "SEUIL_DEMO_SIZE": "8",
    }
    with demo(clone, env, folder / "first.log", INSTALL) as first:
        listed = subprocess.run(
            [clone / ".venv/bin/seuil", "demo", "accounts", "--json"],
            cwd=clone, env=env, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        accounts = json.loads(listed.stdout)
        worker = next(a for a in accounts if a["role"] == "social_worker")
        resident = next(a for a in accounts if a["role"] == "resident")
        assert worker["url"].startswith(_address(env))
        assert "Aujourd’hui" in _sign_in(worker).get(worker["url"].rsplit("/", 1)[0] + "/").text
        inside = _sign_in(resident)
        message = resident["url"].rsplit("/", 1)[0] + "/messages/ecrire"
        form = inside.get(message).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        inside.post(message, data={**hidden, "text": "Gardé d’un jour à l’autre."})
    with demo(clone, env, folder / "second.log", START) as second:
        assert second < max(15, first), "a second start installs and fills nothing"
        desk = _sign_in(worker)
        kept = desk.get(worker["url"].rsplit("/", 1)[0] + "/messages").text
        assert "Gardé d’un jour à l’autre." in kept
