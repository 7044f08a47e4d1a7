"""Row 6: a file of demandes into the base, against COPY and one INSERT … SELECT of its people.

Meanwhile a server process answers a portal page: its p95 is taken idle and during the import.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bench.frame import Disagreement, Result
from bench.start import OURS, free_port
from core.extension.context import Place
from core.kernel.database import ENGINE
from core.kernel.unit import Unit
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


class _Names:
    """Names as a territory bears them: a few very often, most now and then, one in five alone.

    In the sample of the project's brief 8,357 people bear 1,620 words. Names drawn letter by
    letter would all be different, which no file ever was.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._family = [self._word() for _ in range(4_000)]
        self._given = [self._word() for _ in range(800)]

    def _word(self) -> str:
        chance = self._chance
        return "".join(chance.choices("abdefgilmnoprstuv", k=chance.randint(4, 9))).capitalize()

    def family(self) -> str:
        if self._chance.random() < 0.2:
            return self._word()
        return self._family[int(4_000 ** self._chance.random()) - 1]

    def given(self) -> str:
        return self._given[int(800 ** self._chance.random()) - 1]


def make_file(path: Path, rows: int, seed: int = 6) -> None:
    """A file of that many rows: households of one to four people."""
    chance = random.Random(seed)
    names = _Names(chance)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        out.writerow(HEADER)
        n = demande = 0
        while n < rows:
            demande += 1
            family, first = names.family(), date(2024, 1, 1) + timedelta(days=chance.randrange(700))
            for k in range(min(chance.choice((1, 1, 2, 4)), rows - n)):
                n += 1
                birth = date(1950, 1, 1) + timedelta(days=chance.randrange(20_000))
                out.writerow((
                    f"B-{demande}", f"G{demande}", f"P{n}",
                    "Demandeur principal" if k == 0 else "Enfant", family, names.given(),
                    chance.choice(("Masculin", "Féminin")), f"{birth:%d/%m/%Y}", "",
                    "En liste d'attente", "Rue - abri de fortune", f"{first:%d/%m/%Y}",
                    f"{first + timedelta(days=30):%d/%m/%Y}", "Résidence sociale", "612,40",
                ))  # fmt: skip


async def _place(slug: str) -> Place:
    async with Unit(territory_id=None) as unit:
        await create_territory(unit, slug=slug, name=slug.title())
        return (await load_places(unit))[slug]


_BARE = "INSERT INTO bench_kept SELECT * FROM bench_raw"
_PEOPLE = """
INSERT INTO person (territory_id, ref, family_name, given_name, search_key, birth, sex, external_no)
SELECT $1, upper(substr(md5(c2), 1, 10)), c4, c5, lower(c4 || ' ' || c5),
  to_date(c7, 'DD/MM/YYYY'), CASE c6 WHEN 'Masculin' THEN 1 ELSE 2 END, c2 FROM bench_raw
"""
_TOLD = """
SELECT count(*), md5(string_agg(
  concat_ws('|', external_no, family_name, given_name, birth, sex), ',' ORDER BY external_no))
FROM person WHERE territory_id = $1
"""
"""What both sides must agree on: who is there, under which number, born when."""


async def _floors(url: str, path: Path, place: Place) -> tuple[float, float, tuple[Any, ...]]:
    """COPY of the same rows, then one INSERT … SELECT: into bare text, and into `person`.

    The floor of the goal is the second: it gives the same answer for the file's people, in the
    one table that holds them, under its keys and indexes. Bare text columns answer nothing that
    a person could be looked up by; that figure is printed beside.
    """
    connection = await asyncpg.connect(url)
    try:
        columns = ", ".join(f"c{n} text" for n in range(len(HEADER)))
        times: dict[str, list[float]] = {_BARE: [], _PEOPLE: []}
        told: tuple[Any, ...] = ()
        for statement in (_BARE, _PEOPLE) * 3:
            await connection.execute(
                f"CREATE TABLE bench_raw ({columns}); CREATE TABLE bench_kept (LIKE bench_raw)"
            )
            began = time.perf_counter()
            await connection.copy_to_table(
                "bench_raw", source=str(path), format="csv", delimiter=";", header=True
            )
            await connection.execute(statement.replace("$1", str(place.id)), timeout=600)
            times[statement].append(time.perf_counter() - began)
            if statement is _PEOPLE:
                told = tuple(await connection.fetchrow(_TOLD, place.id))
            # nothing refers to them: without asking every table that might, for each of them
            await connection.execute(
                "SET session_replication_role = replica; "
                f"DELETE FROM person WHERE territory_id = {place.id}; "
                "RESET session_replication_role; DROP TABLE bench_raw, bench_kept",
                timeout=600,
            )
            await connection.execute("VACUUM person")
    finally:
        await connection.close()
    return min(times[_BARE]), min(times[_PEOPLE]), told


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
            place = await _place("bench")
            # COPY is fed from here: the database needs no right on the file
            bare, floor, told = await _floors(base_url, path, await _place("plancher"))
            await _listening(port)
            portal = "/bench/fr/entrer"
            idle = await _p95(port, 4, portal)
            # as long as the import may last, and a part of it all the same when it is long
            busy = asyncio.create_task(_p95(port, 4 if small else 60, portal))
            done = await _import(app_url, place, path)
            during = await busy
        connection = await asyncpg.connect(base_url)
        try:
            ours_told = tuple(await connection.fetchrow(_TOLD, place.id))
        finally:
            await connection.close()
        if done["state"] != "done" or ours_told != told or told[0] != rows:
            raise Disagreement(f"{done}: {ours_told} of {told}")
    finally:
        server.terminate()
        server.wait(10)
        await ENGINE.close()
    ours, strain = done["seconds"], during / idle
    return [
        Result(
            f"6 import of {rows} rows ({rows / ours:.0f} rows/s)", "-", ours, floor, floor / ours,
            f"≥ {GOAL} of the floor's rows/s", floor / ours >= GOAL, peak_mb=done["peak_mb"],
        ),
        Result(
            "6 the same against bare text columns", "-", ours, bare, bare / ours,
            "printed for comparison", True,
        ),
        Result(
            "6 portal p95 during the import", "-", during, idle, strain, f"≤ {CALM:.0f} × idle",
            strain <= CALM,
        ),
    ]  # fmt: skip


_IMPORT = """
import asyncio, json, sys, time
from pathlib import Path
from bench.frame import peak_mb
from core.imports.jobs import give_way
from core.imports.service import run_import
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.unit import SYSTEM, Unit

async def main(url, territory_id, zone, path):
    await ENGINE.open(url, 2)
    def opener():
        return Unit(territory_id=int(territory_id), actor=SYSTEM, clock=Clock(), zone=zone,
                    consumers=("core",))
    began = time.perf_counter()
    done = await run_import(opener, Path(path))
    print(json.dumps({"state": done.state, "seconds": time.perf_counter() - began,
                      "peak_mb": peak_mb()}))
    await ENGINE.close()

give_way()
asyncio.run(main(*sys.argv[1:]))
"""


async def _import(url: str, place: Place, path: Path) -> dict[str, Any]:
    """The import in a process of its own that gives way to pages, as the application runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _IMPORT, url, str(place.id), place.zone, str(path),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return dict(json.loads(out))
