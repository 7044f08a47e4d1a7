"""A site of its own for the journeys: the demonstration, served by the real command, and a browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.visitor import Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SEUIL = (sys.executable, "-m", "core.cli")
SIZE = 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser's test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Site:
    """A served demonstration: its address, the environment its commands run in, who may enter."""

    url: str
    env: dict[str, str]
    accounts: tuple[dict[str, Any], ...]

    def professional(self, role: str, territory: str = "strasbourg", n: int = 0) -> dict[str, Any]:
        return [
            a
            for a in self.accounts
            if (a["territory"], a["face"], a["role"]) == (territory, "admin", role)
        ][n]

    def resident(self, name: str) -> dict[str, Any]:
        """With a card of this moment: a card opens once."""
        return next(a for a in _accounts(self.env) if a["name"] == name)


def free_port() -> int:
    """A port of the loopback that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accounts(env: dict[str, str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*SEUIL, "demo", "accounts", "--json"], env=env, check=True, capture_output=True, timeout=60
    )
    return list(json.loads(done.stdout))


async def _new_database(server: str, name: str, template: str = "template1") -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()


@dataclass(frozen=True)
class Filled:
    """A filled demonstration that nobody enters: sites are copies of it."""

    database: str
    home: Path


def _environment(server: str, database: str, home: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("SEUIL_")},
        "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{database}")),
        "SEUIL_HOME": str(home),
    }


@pytest.fixture(scope="session")
def filled(server: str, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """The demonstration of the day, small, made once per worker."""
    made = Filled("journeys_filled", tmp_path_factory.mktemp("filled"))
    asyncio.run(_new_database(server, made.database))
    env = _environment(server, made.database, made.home)
    fill = [*SEUIL, "demo", "--fill-only", "--size", str(SIZE)]
    subprocess.run(fill, env=env, check=True, capture_output=True, timeout=180)
    return made


@pytest.fixture(scope="package")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The demonstration behind `seuil serve` on a port of its own."""
    if CHROMIUM is None:
        if os.environ.get("SEUIL_BROWSER") == "required":
            pytest.fail("SEUIL_BROWSER=required and no chromium on the PATH")
        pytest.skip("needs the chromium browser")
    server, made = request.getfixturevalue("server"), request.getfixturevalue("filled")
    # Left and entered again on the same worker, the package has a new site each time.
    name = f"journeys_{uuid.uuid4().hex[:8]}"
    asyncio.run(_new_database(server, name, made.database))
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(made.home, home, dirs_exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {**_environment(server, name, home), "SEUIL_PORT": str(port)}
    accounts = tuple(_accounts(env))
    process = subprocess.Popen([*SEUIL, "serve"], env=env)
    try:
        wait_until_ready(url, process, 30)
        yield Site(url, env, accounts)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_ready(url: str, process: subprocess.Popen[Any], patience: float) -> None:
    """Until /readyz says yes; a process that ended, or that many seconds, is a failure."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        assert process.poll() is None, f"the site ended with {process.returncode}"
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url}/readyz does not answer after {patience} s")


@pytest.fixture(scope="package")
def chromium(site: Site) -> Iterator[Browser]:
    """One browser for all journeys, closed with them."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        yield opened
        opened.close()


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Makes people at screens; their browsers close after the test."""
    opened = []

    def make(width: int = 1280, height: int = 900, scripts: bool = True, **kw: Any) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale="fr-FR",
            **kw,
        )
        context.set_default_timeout(8_000)
        opened.append(context)
        return Visitor(context, site.url, narrow=width < 600)

    yield make
    for context in opened:
        context.close()
