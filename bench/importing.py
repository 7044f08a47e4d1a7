"""Row 6: a file of demandes into the base, against COPY and one INSERT … SELECT of its rows.

Meanwhile a server process answers a portal page: its p95 is taken idle and during the import.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import asyncpg

from bench.frame import Disagreement, Result, peak_mb
from bench.start import OURS, free_port
from core.extension.context import Place
from core.imports.service import run_import
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.unit import SYSTEM, Unit
from core.territories.queries import load_places
from core.territories.service import create_territory

GOAL, CALM = 0.05, 2.0
HEADER = (
    "N° demande", "N° groupe", "N° personne", "Rôle", "Nom", "Prénom", "Sexe",
    "Date de naissance", "Téléphone", "Statut", "Situation résidentielle",
    "Première transmission", "Dernière transmission", "Préconisation 1", "Montant mensuel",
)  # fmt: skip

_PROBE = """
import http.client, statistics, sys, time
port, until, path = int(sys.argv[1]), time.time() + float(sys.argv[2]), sys.argv[3]
times = []
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
while time.time() < until:
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    times.append(time.perf_counter() - began)
    time.sleep(0.02)
print(statistics.quantiles(times, n=20)[18])
"""


def make_file(path: Path, rows: int, seed: int = 6) -> None:
    """A file of that many rows: households of one to four, names drawn letter by letter."""
    chance = random.Random(seed)
    letters = "abdefgilmnoprstuv"

    def word() -> str:
        return "".join(chance.choices(letters, k=chance.randint(4, 9))).capitalize()

    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        out.writerow(HEADER)
        n = demande = 0
        while n < rows:
            demande += 1
            family, first = word(), date(2024, 1, 1) + timedelta(days=chance.randrange(700))
            for k in range(min(chance.choice((1, 1, 2, 4)), rows - n)):
                n += 1
                birth = date(1950, 1, 1) + timedelta(days=chance.randrange(20_000))
                out.writerow((
                    f"B-{demande}", f"G{demande}", f"P{n}",
                    "Demandeur principal" if k == 0 else "Enfant", family, word(),
                    chance.choice(("Masculin", "Féminin")), f"{birth:%d/%m/%Y}", "",
                    "En liste d'attente", "Rue - abri de fortune", f"{first:%d/%m/%Y}",
                    f"{first + timedelta(days=30):%d/%m/%Y}", "Résidence sociale", "612,40",
                ))  # fmt: skip


async def _place() -> Place:
    async with Unit(territory_id=None) as unit:
        await create_territory(unit, slug="bench", name="Bench")
        return (await load_places(unit))["bench"]


async def _floor(url: str, path: Path, rows: int) -> float:
    """COPY of the same rows into a bare table, then one INSERT … SELECT into another."""
    connection = await asyncpg.connect(url)
    try:
        columns = ", ".join(f"c{n} text" for n in range(len(HEADER)))
        await connection.execute(
            f"CREATE TABLE bench_raw ({columns}); CREATE TABLE bench_kept (LIKE bench_raw)"
        )
        began = time.perf_counter()
        await connection.copy_to_table(
            "bench_raw", source=str(path), format="csv", delimiter=";", header=True
        )
        await connection.execute("INSERT INTO bench_kept SELECT * FROM bench_raw")
        seconds = time.perf_counter() - began
        kept = await connection.fetchval("SELECT count(*) FROM bench_kept")
        await connection.execute("DROP TABLE bench_raw, bench_kept")
    finally:
        await connection.close()
    if kept != rows:
        raise Disagreement(f"the floor kept {kept} of {rows}")
    return seconds


async def _listening(port: int) -> None:
    """Until the server process takes connections; a busy machine needs more than a moment."""
    for _ in range(300):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the server did not listen within half a minute")


async def _p95(port: int, seconds: float, path: str) -> float:
    probe = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROBE, str(port), str(seconds), path,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await probe.communicate()
    return float(out)


async def measure(base_url: str, app_url: str, small: bool) -> list[Result]:
    """Rows per second of both, the most memory held, and how calm the portal stays."""
    rows = 20_000 if small else 500_000
    await ENGINE.open(app_url, 4)
    port = free_port()
    server = subprocess.Popen(  # noqa: ASYNC220 - begun once, before anything is measured
        [sys.executable, "-c", OURS, str(port), app_url], env={**os.environ}
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "demandes.csv"
            make_file(path, rows)
            place = await _place()
            # COPY is fed from here: the database needs no right on the file
            floor = min([await _floor(base_url, path, rows) for _ in range(3)])
            await _listening(port)
            portal = "/bench/fr/entrer"
            idle = await _p95(port, 4, portal)
            busy = asyncio.create_task(_p95(port, 6, portal))

            def opener() -> Unit:
                return Unit(territory_id=place.id, actor=SYSTEM, clock=Clock(), zone=place.zone,
                            consumers=("core",))  # fmt: skip

            began = time.perf_counter()
            done = await run_import(opener, path)
            ours = time.perf_counter() - began
            during = await busy
        async with opener() as unit:
            people = await unit.value("SELECT count(*) FROM person")
        if (done.state, people) != ("done", rows):
            raise Disagreement(f"{done.state}: {people} people of {rows} rows")
    finally:
        server.terminate()
        server.wait(10)
        await ENGINE.close()
    ratio, strain = floor / ours, during / idle
    return [
        Result(
            f"6 import of {rows} rows ({rows / ours:.0f} rows/s)", "-", ours, floor, ratio,
            f"≥ {GOAL} of the floor's rows/s", ratio >= GOAL, peak_mb=peak_mb(),
        ),
        Result(
            "6 portal p95 during the import", "-", during, idle, strain, f"≤ {CALM:.0f} × idle",
            strain <= CALM,
        ),
    ]  # fmt: skip
