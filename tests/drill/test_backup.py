"""Promise 6: a backup comes back with equal content, row for row, and the wall still standing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.postgres import backup
from core.kernel.unit import Unit
from core.kernel.wall import wall_faults
from core.requests.service import open_request
from core.testing import NOW, Databases, make_place
from tests.drill.sizes import sizes

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_POLICIES = (
    "SELECT string_agg(concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check), E'\\n' "
    "ORDER BY tablename, policyname) FROM pg_policies"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="seuil-drill-"))
    yield folder
    shutil.rmtree(folder)


async def contents(url: str) -> dict[str, str]:
    """One hash per table, of all its rows, and one of the policies and of each sequence."""
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for (table,) in await connection.fetch(_TABLES):
            rows = await connection.fetch(f'SELECT t::text AS r FROM "{table}" t ORDER BY 1')
            text = "\n".join(row["r"] for row in rows)
            found[table] = f"{len(rows)} {hashlib.sha256(text.encode()).hexdigest()}"
        found["policies"] = await connection.fetchval(_POLICIES)
        found["sequences"] = await connection.fetchval(
            "SELECT string_agg(concat_ws(' ', sequencename, last_value), ',' "
            "ORDER BY sequencename) FROM pg_sequences"
        )
        found["faults"] = str(await wall_faults(connection))
        return found
    finally:
        await connection.close()


@sizes(5, 2_000)
async def test_a_restored_database_is_the_one_saved(
    databases: Databases, folder: Path, size: int
) -> None:
    admin_url, app_url = await databases.fresh()
    new_url, _ = await databases.fresh()
    clock = StillClock(NOW)
    await ENGINE.open(app_url, 2)
    try:
        for slug in ("essai", "ailleurs"):
            place = await make_place(clock, slug, slug.title())
            for number in range(size):
                async with Unit(territory_id=place.id, clock=clock) as unit:
                    household_id = await create_household(
                        unit, [NewPerson(f"O’Brien-Łukasz {number}", "Zoé \\ \"'\t")]
                    )
                    await open_request(unit, household_id, summary="été\nالعربية")
        await ENGINE.close()
        before = await contents(admin_url)
        assert before["faults"] == "[]"
        assert before["household"].startswith(f"{size * 2} ")

        file = folder / "site.backup"
        backup.back_up(admin_url, file)
        assert await contents(new_url) != before
        backup.restore(new_url, file)
        assert await contents(new_url) == before

        # The wall of the restored one is not only written: it holds.
        user = urlsplit(app_url).netloc.partition("@")[0]
        parts = urlsplit(new_url)
        served = urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}"))
        await ENGINE.open(served, 1)
        async with Unit(territory_id=place.id, clock=clock) as unit:
            assert await unit.value("SELECT count(*) FROM household") == size
        async with Unit(territory_id=None, clock=clock) as unit:
            assert await unit.value("SELECT count(*) FROM household") == 0
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)
        await databases.drop(new_url)
