"""`make bench SIZE=small|full`: every row of the table, each against its floor."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

import asyncpg
from rich.console import Console

from bench import contention, importing, matching, pages, start, switched, waiting
from bench.frame import Result, write
from core.kernel.migrate import migrate
from core.kernel.postgres import DATABASE, SUPERUSER, serving
from core.kernel.roles import APP, with_user
from core.kernel.settings import DEMO_SECRET

ROWS = ("1", "2", "3", "4", "6", "10", "11", "12")


async def run(admin_url: str, small: bool, only: set[str]) -> list[Result]:
    """The asked rows, one database each so that none weighs on another."""
    console, results = Console(), []
    for row in ROWS:
        if row not in only:
            continue
        console.print(f"row {row} …", style="dim")
        base, app = await _database(admin_url, row)
        match row:
            case "1":
                results += await matching.measure_shortlist(base, app, small)
            case "2":
                results += await matching.measure_why_not(base, app, small)
            case "3":
                results += await pages.measure(base, app, small)
            case "4":
                results += await waiting.measure(base, app, small)
            case "6":
                results += await importing.measure(base, app, small)
            case "10":
                results += await switched.measure(base, app, small)
            case "11":
                results += await contention.measure(base, app, small)
            case "12":
                results.append(start.measure(app, runs=3 if small else 9))
                results.append(start.measure_with_plugins(base, app, runs=3 if small else 9))
    return results


async def _database(admin_url: str, row: str) -> tuple[str, str]:
    name = f"bench_{row}"
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = admin_url.replace(f"/{DATABASE}?", f"/{name}?")
    await migrate(url, DEMO_SECRET)
    return url, with_user(url, APP, DEMO_SECRET)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "full"), default="small")
    parser.add_argument("--only", nargs="*", choices=ROWS, default=list(ROWS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seuil-bench-") as at:
        home = Path(at)
        home.chmod(0o755)
        # Durable: fsync on, as where people keep data.
        with serving(home) as server:
            url = server.url(SUPERUSER, DATABASE)
            results = asyncio.run(run(url, asked.size == "small", set(asked.only)))
    write(results)


if __name__ == "__main__":
    main()
