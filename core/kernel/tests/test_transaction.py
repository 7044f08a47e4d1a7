"""A reading Unit leaves its connection to the next: same wall, none lost on any path."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from core.accounts.sessions import find_session, open_session
from core.extension.context import Place
from core.kernel import database
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, DatabaseUnavailable, Refused
from core.kernel.transaction import CROSSED, relay
from core.kernel.unit import SYSTEM, Actor, Unit
from core.testing import NOW, Databases, make_place

BEGAN = "SELECT xact_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"


@pytest_asyncio.fixture(loop_scope="session")
async def pair(databases: Databases) -> AsyncIterator[tuple[Place, Place]]:
    """Two territories in a database of their own, over a pool of one connection."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 1)
    clock = StillClock(NOW)
    try:
        yield await make_place(clock), await make_place(clock, "ailleurs", "Ailleurs")
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


def idle() -> int:
    assert ENGINE.pool is not None
    return ENGINE.pool.get_idle_size()


async def begun(place: Place, hand_on: bool = True, actor: Actor = SYSTEM) -> object:
    async with Unit(territory_id=place.id, actor=actor) as unit:
        if hand_on:
            unit.hand_on()
        return await unit.value(BEGAN)


async def test_the_next_unit_begins_where_the_last_one_stood(pair: tuple[Place, Place]) -> None:
    async with relay():
        first = await begun(pair[0])
        assert idle() == 0, "it waits for the next"
        assert await begun(pair[0], hand_on=False) == first, "which goes on as it was bound"
        assert idle() == 1
        assert await begun(pair[0]) != first, "and ended with who took it"
        await begun(pair[0])
        assert idle() == 0
    assert idle() == 1, "what nobody took is given back"
    await begun(pair[0])
    assert idle() == 1, "and nothing waits outside of a relay"


BOUND = "SELECT current_setting('seuil.actor'), current_setting('seuil.now')::timestamptz"


async def test_another_account_is_another_transaction(pair: tuple[Place, Place]) -> None:
    someone = Actor(kind="professional", account_id=7)
    async with relay():
        first = await begun(pair[0])
        assert await begun(pair[0], actor=someone) != first
        async with Unit(territory_id=pair[0].id, actor=someone) as unit:
            assert tuple(await unit.row(BOUND)) == ("7", unit.now), "one instant with the left one"
            unit.hand_on()
        async with Unit(territory_id=pair[0].id) as unit:
            assert tuple(await unit.row(BOUND)) == ("", unit.now)


async def test_who_a_session_signs_in_is_who_acts_next(pair: tuple[Place, Place]) -> None:
    """What the next Unit writes bears the account's name, whether or not the session held."""
    async with Unit(territory_id=pair[0].id) as unit:
        account_id = await unit.value(
            "INSERT INTO account (kind, name) VALUES ('resident', 'Awa') RETURNING id"
        )
        cookie, _ = await open_session(unit, account_id, "portal")
    for account, same in ((account_id, True), (None, False)):
        async with relay():
            async with Unit(territory_id=pair[0].id) as unit:
                assert await find_session(unit, cookie, "portal") is None, "nobody here, but known"
                first = await unit.value(BEGAN)
                unit.hand_on()
            async with Unit(territory_id=pair[0].id, actor=Actor(account_id=account)) as unit:
                assert (await unit.value(BEGAN) == first) is same
                bound, _ = await unit.row(BOUND)
                assert bound == ("" if account is None else str(account))


async def test_a_unit_that_reads_writes_and_holds_nothing(pair: tuple[Place, Place]) -> None:
    here = pair[0].id
    async with Unit(territory_id=here) as unit:
        await unit.fetch("INSERT INTO household (ref) VALUES ('AAAAAAAAAA')")
    for sql in (
        "INSERT INTO household (ref) VALUES ('BBBBBBBBBB')",
        "SELECT 1 FROM household FOR UPDATE",
        "SELECT 1 FROM household FOR SHARE",
    ):
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with Unit(territory_id=here, read_only=True) as unit:
                await unit.fetch(sql)
    async with relay():
        async with Unit(territory_id=here, read_only=True) as unit:
            first = await unit.value(BEGAN)
            unit.hand_on()
        async with Unit(territory_id=here, read_only=True) as unit:
            assert await unit.value(BEGAN) == first, "one reads on"
            unit.hand_on()
        async with Unit(territory_id=here) as unit:
            await unit.fetch("UPDATE household SET phone = 'x'")
    async with relay():
        async with Unit(territory_id=here) as unit:
            unit.hand_on()
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with Unit(territory_id=here, read_only=True) as unit:
                await unit.fetch("UPDATE household SET phone = 'y'")
    async with Unit(territory_id=here) as unit:
        assert await unit.value("SELECT phone FROM household") == "x"


async def test_another_territory_is_another_transaction(pair: tuple[Place, Place]) -> None:
    here, there = pair
    async with Unit(territory_id=here.id) as unit:
        await unit.fetch("INSERT INTO household (ref) VALUES ('AAAAAAAAAA')")
    async with relay():
        first = await begun(here)
        async with Unit(territory_id=there.id) as unit:
            assert await unit.value("SELECT count(*) FROM household") == 0
            assert await unit.value(BEGAN) != first
            unit.hand_on()
        async with Unit(territory_id=here.id) as unit:
            assert await unit.value("SELECT count(*) FROM household") == 1
            unit.hand_on()
        async with Unit(territory_id=None) as unit:
            assert await unit.value("SELECT count(*) FROM household") == 0
    assert idle() == 1


async def test_what_the_next_unit_writes_is_kept_or_undone_with_it(
    pair: tuple[Place, Place],
) -> None:
    async def write(ref: str, fail: bool) -> None:
        async with relay():
            await begun(pair[0])
            async with Unit(territory_id=pair[0].id) as unit:
                await unit.fetch("INSERT INTO household (ref) VALUES ($1)", ref)
                if fail:
                    raise Refused("non")

    await write("AAAAAAAAAA", fail=False)
    with pytest.raises(Refused):
        await write("BBBBBBBBBB", fail=True)
    async with Unit(territory_id=pair[0].id) as unit:
        refs = [r["ref"] for r in await unit.fetch("SELECT ref FROM household")]
    assert refs == ["AAAAAAAAAA"]
    assert idle() == 1


async def test_a_unit_that_recorded_something_commits_at_once(pair: tuple[Place, Place]) -> None:
    async with relay():
        async with Unit(territory_id=pair[0].id) as unit:
            unit.record("territory.setting_changed", setting="essai")
            unit.hand_on()
        assert idle() == 1


async def test_a_connection_that_died_while_it_waited_is_replaced(
    pair: tuple[Place, Place], databases: Databases
) -> None:
    admin = await asyncpg.connect(databases.admin)
    try:
        for taken in (True, False):
            async with relay():
                async with Unit(territory_id=pair[0].id) as unit:
                    pid = await unit.value("SELECT pg_backend_pid()")
                    unit.hand_on()
                await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
                # The server's farewell reaches us with the next turn of the loop.
                await admin.fetchval("SELECT pg_sleep(0.05)")
                if taken:
                    assert await begun(pair[0]) is not None
            assert await begun(pair[0]) is not None
    finally:
        await admin.close()


async def test_two_who_wait_for_each_other_get_a_sentence(databases: Databases) -> None:
    """PostgreSQL ends one of the two: nothing of it stands, and it is told to try again."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 2)
    both = asyncio.Barrier(2)
    try:
        here = await make_place(StillClock(NOW))

        async def rename(first: str, then: str) -> str:
            try:
                async with Unit(territory_id=here.id) as unit:
                    for ref in (first, then):
                        await unit.fetch(
                            "UPDATE household SET phone = $1 WHERE ref = $2", first, ref
                        )
                        if ref == first:
                            await both.wait()
            except Conflict as error:
                return error.message
            return first

        async with Unit(territory_id=here.id) as unit:
            await unit.fetch("INSERT INTO household (ref) VALUES ('AAAAAAAAAA'), ('BBBBBBBBBB')")
        found = await asyncio.gather(
            rename("AAAAAAAAAA", "BBBBBBBBBB"), rename("BBBBBBBBBB", "AAAAAAAAAA")
        )
        assert CROSSED in found
        (winner,) = set(found) - {CROSSED}
        async with Unit(territory_id=here.id) as unit:
            phones = await unit.fetch("SELECT DISTINCT phone FROM household")
        assert [r["phone"] for r in phones] == [winner]
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


@pytest.mark.parametrize("patience", [5.0, 0.2])
async def test_the_pool_closes_while_somebody_works(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """Their Unit ends by itself, or is cut; closing never waits for ever."""
    monkeypatch.setattr(database, "CLOSING", patience)
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 2)
    inside = asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        try:
            async with Unit(territory_id=None, clock=StillClock(NOW)) as unit:
                inside.set()
                await asyncio.sleep(1)
                await unit.value("SELECT 1")
        except DatabaseUnavailable:
            ended.append("cut")
        else:
            ended.append("well")

    try:
        async with asyncio.timeout(10):
            task = asyncio.create_task(work())
            await inside.wait()
            await ENGINE.close()
            await task
        assert ended == ["well" if patience > 1 else "cut"]
        assert ENGINE.pool is None
    finally:
        await databases.drop(admin_url)
