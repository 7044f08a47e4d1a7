"""Row 12: from process start (database up) to the first answered request; memory at rest.

Twice: as it ships against an empty application, and with fifteen plugins more against without.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.frame import Result
from core.commands.plugin_new import begin

EMPTY = """
import uvicorn, sys
from litestar import Litestar, get
@get("/healthz", sync_to_thread=False)
def healthz() -> str: return "ok"
uvicorn.run(Litestar([healthz]), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""

OURS = """
import sys, uvicorn
from core.app import create_app
from core.kernel.settings import Settings
uvicorn.run(create_app(Settings.from_env(), database_url=sys.argv[2]),
            host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def measure(app_url: str, runs: int = 5) -> Result:
    """The two programs in turn; each is stopped by its own pid."""
    ours, floor, rest = [], [], []
    for _ in range(runs):
        seconds, memory = _start(OURS, app_url, "/readyz")
        ours.append(seconds)
        rest.append(memory)
        floor.append(_start(EMPTY, app_url, "/healthz")[0])
    mine, theirs = statistics.median(ours), statistics.median(floor)
    memory = statistics.median(rest)
    return Result(
        scenario="12 start to first answer; memory at rest",
        size="-",
        ours_s=mine,
        floor_s=theirs,
        ratio=mine / theirs,
        goal="≤ 3 ×; ≤ 150 MB",
        held=mine <= 3 * theirs and memory <= 150,
        peak_mb=memory,
    )


PLUGINS = 15

MIGRATE = """
import asyncio, sys
from core.kernel.migrate import migrate
from core.kernel.settings import DEMO_SECRET
done = asyncio.run(migrate(sys.argv[1], DEMO_SECRET))
assert len(done.ran) == int(sys.argv[2]) and not done.held, done
"""


def measure_with_plugins(admin_url: str, app_url: str, runs: int = 5) -> Result:
    """The same program in turn with fifteen plugins installed (the skeleton, fifteen times: a
    table, two faces, parts) and without."""
    with tempfile.TemporaryDirectory(prefix="seuil-bench-plugins-") as folder:
        install(Path(folder), PLUGINS)
        environment = {**os.environ, "PYTHONPATH": folder}
        subprocess.run(
            [sys.executable, "-c", MIGRATE, admin_url, str(PLUGINS)], env=environment, check=True
        )
        ours, floor, rest = [], [], []
        for _ in range(runs):
            seconds, memory = _start(OURS, app_url, "/readyz", environment)
            ours.append(seconds)
            rest.append(memory)
            floor.append(_start(OURS, app_url, "/readyz")[0])
    mine, theirs = statistics.median(ours), statistics.median(floor)
    return Result(
        scenario=f"12 start with {PLUGINS} plugins, against none",
        size="-",
        ours_s=mine,
        floor_s=theirs,
        ratio=mine / theirs,
        goal="≤ 1.5 ×",
        held=mine <= 1.5 * theirs,
        peak_mb=statistics.median(rest),
    )


def install(folder: Path, count: int) -> tuple[str, ...]:
    """Write so many plugins into a folder, each with the entry point that an installer writes;
    their names."""
    names = []
    for n in range(count):
        name = f"mesure_{n:02}"
        names.append(name)
        for _ in begin(name, project=folder):
            pass
        (folder / "pyproject.toml").unlink()
        info = folder / f"seuil_{name}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: seuil-{name}\nVersion: 0.1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[seuil.plugins]\n{name} = seuil_{name}.plugin\n")
    return tuple(names)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _start(
    program: str, app_url: str, path: str, environment: dict[str, str] | None = None
) -> tuple[float, float]:
    """(seconds to the first 200, MB at rest)."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(port), app_url], env=environment or {**os.environ}
    )
    try:
        while True:
            if time.perf_counter() - began > 60:
                raise TimeoutError("the server did not answer within a minute")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.005)
        seconds = time.perf_counter() - began
        return seconds, psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.terminate()
        process.wait(10)
