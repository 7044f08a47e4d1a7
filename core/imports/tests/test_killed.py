"""The importing process is killed in the middle of its work; the run is taken up again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import asyncpg

from core.imports.chunks import SIZE
from core.imports.tests.test_again import HEADER, line
from core.imports.uploads import Uploads
from core.kernel.database import ENGINE
from core.kernel.unit import Unit
from core.territories.service import create_territory
from core.testing import Databases

CHUNKS = 4
STATE = (
    "SELECT external_no, family_name, given_name, search_key, birth, phone FROM person",
    "SELECT h.external_no, p.external_no, m.role, m.starts_on, m.ends_on FROM membership m "
    "JOIN household h ON h.id = m.household_id JOIN person p ON p.id = m.person_id",
    "SELECT external_no, state, first_sent_on, last_sent_on, seniority_on, refresh_due, version "
    "FROM housing_request",
    "SELECT r.external_no, w.kind, w.state, w.seniority_on FROM waiting_entry w "
    "JOIN housing_request r ON r.id = w.request_id",
    "SELECT r.external_no, s.verb, s.state FROM request_state s "
    "JOIN housing_request r ON r.id = s.request_id",
    "SELECT p.external_no, v.variant FROM person_variant v JOIN person p ON p.id = v.person_id",
    "SELECT DISTINCT variant, word FROM spelling",
    "SELECT h.external_no, a.question, a.state, a.value FROM answer a "
    "JOIN household h ON h.id = a.household_id",
    "SELECT e.kind, h.external_no FROM event e JOIN household h ON h.id = e.household_id",
    "SELECT key, digest, said, line FROM imported_demande",
    "SELECT chunk, line, object_kind, act FROM import_change",
    "SELECT number, first_line, last_line, counts FROM import_chunk",
    "SELECT line, code, field FROM import_flag",
    "SELECT state, total_lines, done_lines, report FROM import_run",
)
"""What a run leaves, told without the ids that each run draws anew."""


async def left(connection: asyncpg.Connection, territory_id: int) -> list[list[tuple[Any, ...]]]:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL seuil.territory = '{territory_id}'")
        return [sorted(tuple(map(str, r)) for r in await connection.fetch(sql)) for sql in STATE]


class Importer:
    """An upload of a territory, and the process that imports it as the application starts it."""

    def __init__(self, url: str, home: Path, slug: str, territory_id: int, data: bytes) -> None:
        self.url, self.home, self.slug = url, home, slug
        self.token = Uploads(home).keep(data, "demandes.csv", territory_id, None).token

    async def start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "core.commands.import_job",
            stdin=asyncio.subprocess.PIPE, env={**os.environ, "SEUIL_HOME": str(self.home)},
        )  # fmt: skip
        job = {"act": "import", "slug": self.slug, "account_id": None, "token": self.token}
        assert process.stdin is not None
        process.stdin.write(json.dumps({"url": self.url, "job": job}).encode())
        process.stdin.close()
        return process


async def test_a_killed_import_goes_on_to_the_same_state(
    databases: Databases, tmp_path: Path
) -> None:
    admin_url, app_url = await databases.fresh()
    data = (HEADER + "".join(line(n) for n in range(1, CHUNKS * SIZE + 1))).encode()
    connection = await asyncpg.connect(app_url)
    await ENGINE.open(app_url, 2)
    try:
        places = {}
        for slug in ("entier", "coupe"):
            async with Unit(territory_id=None) as unit:
                places[slug] = await create_territory(unit, slug=slug, name=slug)
        whole = Importer(app_url, tmp_path, "entier", places["entier"], data)
        assert await (await whole.start()).wait() == 0
        cut = Importer(app_url, tmp_path, "coupe", places["coupe"], data)
        process = await cut.start()
        done = 0
        async with asyncio.timeout(120):
            while not done:
                await asyncio.sleep(0.02)
                assert process.returncode is None, "it ended before it could be killed"
                done = len((await left(connection, places["coupe"]))[11])
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        stopped = await left(connection, places["coupe"])
        assert stopped[13][0][0] == "running"
        assert done <= len(stopped[11]) < CHUNKS
        assert len(stopped[2]) == len(stopped[11]) * SIZE, "half of a chunk stands"
        assert await (await cut.start()).wait() == 0
        assert await left(connection, places["coupe"]) == await left(connection, places["entier"])
    finally:
        await ENGINE.close()
        await connection.close()
        await databases.drop(admin_url)
