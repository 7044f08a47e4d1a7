"""Row 12: from process start (database up) to the first answered request; memory at rest."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time

import psutil

from bench.frame import Result

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


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _start(program: str, app_url: str, path: str) -> tuple[float, float]:
    """(seconds to the first 200, MB at rest)."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(port), app_url], env={**os.environ}
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
