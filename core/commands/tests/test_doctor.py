"""What `seuil doctor` finds: a database that stands, a wall with a hole, a territory with nobody."""

from __future__ import annotations

import asyncpg

from core.accounts.team import invite
from core.commands.doctor import examine
from core.commands.site import Site
from core.kernel.database import ENGINE
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.opening import open_territory
from core.testing import Databases


def bad(findings: list[object]) -> list[str]:
    return [str(f) for f in findings if getattr(f, "bad", False)]


async def test_a_fresh_database_is_well_and_a_territory_needs_people(
    databases: Databases, settings: Settings
) -> None:
    admin_url, app_url = await databases.fresh()
    here = Site(settings, admin_url, app_url)
    assert bad(await examine(here)) == []
    await ENGINE.open(app_url, 2)
    try:
        territory_id = await open_territory(slug="essai", name="Essai")
        found = await examine_open(here)
        assert len(found) == 2 and all("seuil territory invite essai" in line for line in found)
        await ENGINE.open(app_url, 2)
        async with Unit(territory_id=territory_id) as unit:
            for role in ("coordinator", "administrator"):
                await invite(
                    unit, name="Ana", email=f"{role}@exemple.test", role=role, password="x" * 14
                )
        assert await examine_open(here) == []
    finally:
        await ENGINE.close()


async def examine_open(here: Site) -> list[str]:
    await ENGINE.close()
    return bad(await examine(here))


async def test_a_hole_in_the_wall_is_named(databases: Databases, settings: Settings) -> None:
    admin_url, app_url = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("ALTER TABLE household DISABLE ROW LEVEL SECURITY")
        await admin.execute("DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)")
    finally:
        await admin.close()
    found = bad(await examine(Site(settings, admin_url, app_url)))
    assert any("household: no row-level security" in line for line in found)
    assert any("1 migration(s) to run" in line for line in found)


async def test_a_database_that_is_not_there_is_one_line(settings: Settings) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    found = bad(await examine(Site(settings, nowhere, nowhere)))
    assert len(found) == 1 and "does not answer" in found[0]
