"""Territories of the bench with plugins on: the skeleton installed many times, with its rows."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType

import asyncpg

from bench.data import NOW, new_place
from bench.start import MIGRATE, install
from core.accounts.service import create_professional, grant_role, resident_account
from core.accounts.sessions import open_session
from core.extension.context import Place
from core.households.service import NewPerson, create_household
from core.kernel.unit import Unit
from core.requests.service import open_request
from core.web.door import cookie_name


class Installed:
    """So many plugins in a folder of their own, their tables made, while the block lasts.

    `environment` is what a process needs to find them.
    """

    def __init__(self, admin_url: str, count: int) -> None:
        self._admin_url, self._count = admin_url, count
        self.names: tuple[str, ...] = ()

    def __enter__(self) -> Installed:
        self._folder = tempfile.TemporaryDirectory(prefix="seuil-bench-plugins-")
        self.names = install(Path(self._folder.name), self._count)
        before = os.environ.get("PYTHONPATH", "")
        path = os.pathsep.join(filter(None, (self._folder.name, before)))
        self.environment = {**os.environ, "PYTHONPATH": path}
        subprocess.run(
            [sys.executable, "-c", MIGRATE, self._admin_url, str(self._count)],
            env=self.environment,
            check=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()


async def place_with(admin_url: str, slug: str, on: Sequence[str]) -> Place:
    """A territory where exactly these plugins are on."""
    place = await new_place(slug)
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(
            "UPDATE territory SET plugins = $2 WHERE id = $1", place.id, list(on)
        )
    finally:
        await connection.close()
    return replace(place, plugins=frozenset(on))


async def resident(place: Place, plugins: Sequence[str], each: int = 1) -> str:
    """The cookie of a resident of whom each of these plugins holds so many open steps."""
    async with Unit(territory_id=place.id) as unit:
        household_id = await create_household(
            unit,
            [
                NewPerson("Diallo", "Awa", date(1985, 4, 3)),
                NewPerson("Diallo", "Ibou", role="partner"),
            ],
        )
        await open_request(unit, household_id)
        for name in plugins:
            for n in range(each):
                await unit.fetch(
                    f"INSERT INTO plugin_{name}.step (household_id, label, due_on, at) "
                    "VALUES ($1, $2, $3, $4)",
                    household_id,
                    f"Rendez-vous {n + 1}",
                    unit.today + timedelta(days=n + 1),
                    NOW,
                )
        person_id = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1 AND role = 'main'",
            household_id,
        )
        account_id = await resident_account(unit, person_id)
        cookie, _ = await open_session(unit, account_id, "portal", own_device=True)
    return f"{cookie_name('portal', False)}={cookie}"


async def coordinator(place: Place) -> str:
    """The cookie of a coordinator there."""
    async with Unit(territory_id=place.id) as unit:
        account_id = await create_professional(
            unit, name="Camille Roth", email=f"{place.slug}@exemple.test", password=None
        )
        await grant_role(unit, account_id, "coordinator")
        cookie, _ = await open_session(unit, account_id, "admin")
    return f"{cookie_name('admin', False)}={cookie}"
