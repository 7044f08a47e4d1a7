"""When the database is down: pages say so, lose nothing, and come back by themselves."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg

from core.app import create_app
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.settings import Settings
from core.testing import Databases, make_place, visitor


async def test_pages_say_so_and_come_back(
    databases: Databases, settings: Settings, clock: StillClock
) -> None:
    admin_url, app_url = await databases.fresh()
    name = urlsplit(admin_url).path.lstrip("/")
    admin = await asyncpg.connect(databases.admin)
    await ENGINE.open(app_url, 2)
    try:
        await make_place(clock)
        async with visitor(create_app(settings, clock=clock)) as browser:
            assert (await browser.get("/admin/essai/connexion")).status_code == 200
            assert (await browser.get("/readyz")).status_code == 200

            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) "
                f"FROM pg_stat_activity WHERE datname = '{name}'"
            )
            down = await browser.get("/readyz")
            assert down.status_code == 503
            assert down.headers["content-type"] == "application/json"
            assert down.json() == {"status": "down", "what": "database"}
            browser.cookies.set("seuil-admin", "anything", "127.0.0.1")
            page = await browser.get("/admin/essai/", headers={"Accept": "text/html"})
            assert page.status_code == 503
            assert "Rien n’a été perdu" in page.text
            assert page.headers["refresh"] == "5"
            assert (await browser.get("/healthz")).status_code == 200, "the process itself lives"

            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert (await browser.get("/readyz")).status_code == 200
            assert (await browser.get("/admin/essai/connexion")).status_code == 200
    finally:
        await ENGINE.close()
        await admin.close()
        await databases.drop(admin_url)


async def test_a_process_started_before_its_database_serves_when_it_is_there(
    databases: Databases, settings: Settings, clock: StillClock
) -> None:
    admin_url, app_url = await databases.fresh()
    name = urlsplit(admin_url).path.lstrip("/")
    admin = await asyncpg.connect(databases.admin)
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    app = create_app(settings, database_url=app_url, clock=clock)
    try:
        async with app.lifespan(), visitor(app) as browser:
            assert (await browser.get("/readyz")).status_code == 503
            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert (await browser.get("/readyz")).status_code == 200
    finally:
        await admin.close()
        await databases.drop(admin_url)
