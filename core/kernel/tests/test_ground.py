"""The wall in the ground: each promise fails when its piece is missing."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import asyncpg
import pytest

from core.extension.context import Ctx, Place
from core.households.tables import Household
from core.kernel.clock import StillClock
from core.kernel.commands import perform
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, OutsideUnit, SeuilError
from core.kernel.ground import lay
from core.kernel.unit import Actor, Unit
from core.kernel.wall import wall_faults
from core.testing import NOW, Databases, make_place


async def household(unit: Unit) -> int:
    row = Household(ref=uuid4().hex[:10].upper())
    await row.save()
    return int(row.id)


async def test_the_wall_stands_on_every_table(ground: asyncpg.Connection) -> None:
    assert await wall_faults(ground) == []


async def test_a_statement_outside_a_unit_is_refused(ground: asyncpg.Connection) -> None:
    with pytest.raises(OutsideUnit):
        await Household.select()
    with pytest.raises(OutsideUnit):
        await Household.select().batch(batch_size=2)


async def test_a_unit_that_ended_gives_its_connection_to_nobody(place: Place) -> None:
    async with Unit(territory_id=place.id) as unit:
        pass
    with pytest.raises(OutsideUnit):
        await unit.fetch("SELECT 1")


async def test_a_territory_never_sees_another(place: Place, clock: StillClock) -> None:
    other = await make_place(clock, "ailleurs", "Ailleurs")
    async with Unit(territory_id=other.id) as unit:
        theirs = await household(unit)
    async with Unit(territory_id=place.id) as unit:
        ours = await household(unit)
        seen = [r["id"] for r in await Household.select(Household.id)]
        assert seen == [ours]
        assert await unit.value("SELECT count(*) FROM household WHERE id = $1", theirs) == 0
        await unit.fetch("UPDATE household SET phone = 'x' WHERE id = $1", theirs)
        await unit.fetch("DELETE FROM household WHERE id = $1", theirs)
    async with Unit(territory_id=other.id) as unit:
        assert await unit.value("SELECT phone FROM household WHERE id = $1", theirs) == ""


async def test_a_row_cannot_be_written_into_another_territory(
    place: Place, clock: StillClock
) -> None:
    other = await make_place(clock, "ailleurs", "Ailleurs")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with Unit(territory_id=place.id) as unit:
            await unit.fetch(
                "INSERT INTO household (territory_id, ref) VALUES ($1, 'AAAAAAAAAA')", other.id
            )


async def test_a_reference_cannot_cross_territories(place: Place, clock: StillClock) -> None:
    other = await make_place(clock, "ailleurs", "Ailleurs")
    async with Unit(territory_id=other.id) as unit:
        theirs = await household(unit)
    with pytest.raises((asyncpg.ForeignKeyViolationError, Conflict)):
        async with Unit(territory_id=place.id, clock=clock) as unit:
            await unit.fetch(
                "INSERT INTO note (household_id, text, at) VALUES ($1, 'lu ailleurs', $2)",
                theirs,
                unit.now,
            )


async def test_nothing_is_seen_without_a_territory(place: Place) -> None:
    async with Unit(territory_id=place.id) as unit:
        await household(unit)
    async with Unit(territory_id=None) as unit:
        assert await unit.value("SELECT count(*) FROM household") == 0


async def test_a_journal_only_grows(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        unit.record("territory.setting_changed", setting="essai")
    with pytest.raises(asyncpg.PostgresError):
        async with ctx.unit() as unit:
            await unit.fetch("UPDATE event SET kind = 'autre'")


async def test_a_table_without_a_territory_stops_the_laying(databases: Databases) -> None:
    admin_url, _ = await databases.fresh()
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("CREATE TABLE stray (id int)")
        assert await wall_faults(admin) == ["stray: no territory, and not listed as global"]
        with pytest.raises(SeuilError, match="stray"):
            await lay(admin)
        await admin.execute("DROP TABLE stray; DROP POLICY sl_territory ON note")
        assert await wall_faults(admin) == ["note: no row-level security policy"]
        await lay(admin)
        assert await wall_faults(admin) == []
    finally:
        await admin.close()
        await databases.drop(admin_url)


async def test_a_command_acts_once(ctx: Ctx) -> None:
    key = uuid4()

    async def work(unit: Unit) -> dict[str, int]:
        return {"household": await household(unit)}

    first = await perform(ctx.unit, key, "essai", work)
    again = await perform(ctx.unit, key, "essai", work)
    assert again == first
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == 1


async def test_two_clicks_at_once_have_one_effect(databases: Databases) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 8)
    try:
        place = await make_place(StillClock(NOW))
        key, actor = uuid4(), Actor(kind="professional", account_id=None)

        async def work(unit: Unit) -> int:
            made = await household(unit)
            await asyncio.sleep(0.05)
            return made

        def unit() -> Unit:
            return Unit(territory_id=place.id, actor=actor, clock=StillClock(NOW))

        answers = await asyncio.gather(*(perform(unit, key, "essai", work) for _ in range(6)))
        assert len(set(answers)) == 1
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


async def test_no_connection_leaks_whatever_breaks(databases: Databases) -> None:
    """Errors in the body, in COMMIT (a deferred constraint), cancelled, killed connections."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 4)
    chance = random.Random(7)
    admin = await asyncpg.connect(admin_url)
    await admin.execute(
        "CREATE TABLE late (territory_id int, id int UNIQUE DEFERRABLE INITIALLY DEFERRED); "
        "GRANT ALL ON late TO seuil_app"
    )
    try:
        place = await make_place(StillClock(NOW))

        async def one(kind: str) -> None:
            async with Unit(territory_id=place.id) as unit:
                if kind == "body":
                    await unit.fetch("SELECT nothing FROM nowhere")
                elif kind == "commit":
                    await unit.fetch("INSERT INTO late VALUES ($1, 1), ($1, 1)", place.id)
                elif kind == "killed":
                    pid = await unit.value("SELECT pg_backend_pid()")
                    await admin.execute(f"SELECT pg_terminate_backend({pid})")
                    await unit.fetch("SELECT 1")
                elif kind == "cancelled":
                    await unit.fetch("SELECT pg_sleep(5)")
                else:
                    await unit.fetch("SELECT 1")

        for _ in range(60):
            kind = chance.choice(("body", "commit", "killed", "cancelled", "fine"))
            task = asyncio.create_task(one(kind))
            if kind == "cancelled":
                await asyncio.sleep(0.01)
                task.cancel()
            outcome = (await asyncio.gather(task, return_exceptions=True))[0]
            assert (outcome is None) == (kind == "fine"), (kind, outcome)
        assert ENGINE.pool is not None
        assert ENGINE.pool.get_idle_size() == ENGINE.pool.get_size()
        assert ENGINE.pool.get_size() <= 4
    finally:
        await admin.close()
        await ENGINE.close()
        await databases.drop(admin_url)
