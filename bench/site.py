"""The site of the rows that ask pages over HTTP: started, asked over open connections, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping

from bench.frame import Disagreement
from bench.start import free_port

SERVER = """
import sys, uvicorn
from bench import floor
from core.app import CORE, create_app
from core.kernel.settings import Settings
CORE["bench"] = floor
app = floor.counted(create_app(Settings.from_env(), database_url=sys.argv[2]))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""

CLIENTS = 4


@contextlib.asynccontextmanager
async def site(app_url: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """A site of its own process over that database; its port."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(port), app_url, env={**os.environ, **(environment or {})}
    )
    try:
        await _until_ready(port)
        yield port
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


async def _until_ready(port: int) -> None:
    for _ in range(400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise TimeoutError("the server did not start")


async def load(port: int, path: str, cookie: str, requests: int) -> float:
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


async def get(port: int, path: str, cookie: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _ask(reader, writer, path, cookie)
        return (await _ask(reader, writer, path, cookie))[1]
    finally:
        writer.close()


async def statements(port: int, path: str, cookie: str) -> int:
    """How many statements a page sends, BEGIN, binding and COMMIT not counted: the fewest of three
    times, since a first visit also notes that somebody came, and the territories known are read
    again every few seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        heads = [(await _ask(reader, writer, path, cookie, "X-Count: 1\r\n"))[0] for _ in range(3)]
        return min(int(_header(head, "x-statements")) for head in heads)
    finally:
        writer.close()


async def _ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    cookie: str,
    more: str = "",
) -> tuple[str, bytes]:
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{more}\r\n"
    writer.write(asked.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head.split("\r\n")[0]:
        raise Disagreement(f"{path} answered {head.splitlines()[0]}")
    return head, await reader.readexactly(int(_header(head, "content-length")))


def _header(head: str, name: str) -> str:
    return head.split(f"\r\n{name}: ")[1].split("\r\n")[0]
