"""Row 3: a resident's home, signed in, over HTTP, against the same page from memory."""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import time
from datetime import date

from bench.data import new_place
from bench.frame import Disagreement, Result
from bench.start import free_port
from core.accounts.service import resident_account
from core.accounts.sessions import open_session
from core.households.service import NewPerson, create_household
from core.kernel.database import ENGINE
from core.kernel.unit import Unit
from core.requests.service import open_request
from core.web.door import cookie_name

SERVER = """
import sys, uvicorn
from bench import floor
from core.app import CORE, create_app
from core.kernel.settings import Settings
CORE["bench"] = floor
app = create_app(Settings.from_env(), database_url=sys.argv[2])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""

CLIENTS = 4

_TOKEN = re.compile(rb'(?<=name="_csrf_token" value=")[^"]+')
"""What is new at each request, and alone may differ."""


async def measure(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Requests per second in turn; the figure is seconds per request."""
    await ENGINE.open(app_url, 2)
    try:
        slug, cookie = await _resident()
    finally:
        await ENGINE.close()
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(port), app_url, env={**os.environ}
    )
    try:
        await _until_ready(port)
        paths = {name: f"/{slug}/fr/{name}" for name in ("", "plancher", "vide")}
        ours, floor = [await _get(port, paths[n], cookie) for n in ("", "plancher")]
        if _TOKEN.sub(b"", ours) != _TOKEN.sub(b"", floor):
            raise Disagreement("the page and its floor differ")
        times: dict[str, list[float]] = {name: [] for name in paths}
        for turn in range(16 if small else 46):
            for name, path in paths.items():
                seconds = await _load(port, path, cookie, 80 if small else 200)
                # The first turn warms up: every connection plans its statements a few times.
                if turn:
                    times[name].append(seconds)
        mine, theirs, empty = (statistics.median(times[n]) for n in ("", "plancher", "vide"))
        # Turn by turn: what else the machine does at the time weighs on both alike.
        pairs = zip(times[""], times["plancher"], strict=True)
        ratio = statistics.median(a / b for a, b in pairs)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)
    result = Result(
        scenario="3 resident home over HTTP",
        size="-",
        ours_s=mine,
        floor_s=theirs,
        ratio=ratio,
        goal="≥ 0.8 of the floor's requests per second; ≤ 4 SQL",
        held=ratio <= 1 / 0.8,
        bytes=len(ours),
    )
    beside = Result(
        scenario="3 an empty page, beside",
        size="-",
        ours_s=empty,
        floor_s=theirs,
        ratio=empty / theirs,
        goal="(none)",
        held=True,
    )
    return [result, beside]


async def _resident() -> tuple[str, str]:
    place = await new_place("pages")
    async with Unit(territory_id=place.id) as unit:
        household_id = await create_household(
            unit,
            [
                NewPerson("Diallo", "Awa", date(1985, 4, 3)),
                NewPerson("Diallo", "Ibou", role="partner"),
            ],
        )
        await open_request(unit, household_id)
        person_id = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1 AND role = 'main'",
            household_id,
        )
        account_id = await resident_account(unit, person_id)
        cookie, _ = await open_session(unit, account_id, "portal", own_device=True)
    return place.slug, f"{cookie_name('portal', False)}={cookie}"


async def _until_ready(port: int) -> None:
    for _ in range(400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise TimeoutError("the server did not start")


async def _load(port: int, path: str, cookie: str, requests: int) -> float:
    """Seconds per request, over a few connections kept open."""
    began = time.perf_counter()
    await asyncio.gather(*(_many(port, path, cookie, requests // CLIENTS) for _ in range(CLIENTS)))
    return (time.perf_counter() - began) / requests


async def _many(port: int, path: str, cookie: str, requests: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in range(requests):
            await _ask(reader, writer, path, cookie)
    finally:
        writer.close()


async def _get(port: int, path: str, cookie: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _ask(reader, writer, path, cookie)
        return await _ask(reader, writer, path, cookie)
    finally:
        writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, cookie: str
) -> bytes:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head.split("\r\n")[0]:
        raise Disagreement(f"{path} answered {head.splitlines()[0]}")
    length = int(head.split("content-length: ")[1].split("\r\n")[0])
    return await reader.readexactly(length)
