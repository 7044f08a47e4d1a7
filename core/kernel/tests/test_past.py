"""What a row held before a change is kept by the ground itself, whoever writes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from core.extension.context import Ctx
from core.households.tables import Household, KeyWorker, Person
from core.kernel.clock import StillClock
from core.kernel.edits import change_row
from core.kernel.errors import Conflict, NotFound
from core.kernel.ground import GLOBAL_TABLES, JOURNALS, PASTS
from core.kernel.past import Kept, Rewritten, lay_past
from core.kernel.unit import Unit
from core.kernel.wall import wall_faults
from core.testing import NOW, make_professional

REACHED = ("phone", "email", "address")


async def household(unit: Unit, **fields: Any) -> int:
    row = Household(ref=uuid4().hex[:10].upper(), **fields)
    await row.save()
    return int(row.id)


async def past(unit: Unit, kind: str) -> list[tuple[int, Any]]:
    rows = await unit.fetch(
        "SELECT version, held FROM past_version WHERE kind = $1 ORDER BY id", kind
    )
    return [(r["version"], msgspec.json.decode(r["held"])) for r in rows]


async def test_every_table_says_what_becomes_of_its_past(ground: asyncpg.Connection) -> None:
    tables = {
        r["t"]
        for r in await ground.fetch(
            "SELECT tablename::text AS t FROM pg_tables WHERE schemaname = 'public'"
        )
    }
    said = {p.table for p in PASTS.values() if "." not in p.table}  # of core, not of a plugin
    assert tables - GLOBAL_TABLES - JOURNALS == said - JOURNALS
    assert not said & JOURNALS
    assert all(p.why for p in PASTS.values() if isinstance(p, Rewritten))


async def test_what_a_kept_table_leaves_out_has_another_place(ground: asyncpg.Connection) -> None:
    """A column is left out when it is computed, when a journal keeps it, or when it is only ever
    filled in: how something ended, and how far work has come."""
    computed = {"search_key", "priority", "order_on"}
    ends = {"ended_by", "rule_id", "stop_by", "stop_at", "total", "done", "progress"}
    journals = {"state", "closed_on", "ended_at", "seniority_on"} | {
        "first_sent_on", "last_sent_on", "refresh_due",
    }  # fmt: skip
    assert {c for p in PASTS.values() if isinstance(p, Kept) for c in p.but} <= (
        computed | journals | ends
    )


async def test_a_trigger_that_is_gone_is_a_fault(databases: Any) -> None:
    admin_url, _ = await databases.fresh()
    connection = await asyncpg.connect(admin_url)
    try:
        assert await wall_faults(connection) == []
        await connection.execute("DROP TRIGGER sl_past_kept ON housing_unit")
        assert await wall_faults(connection) == [
            "housing_unit: what a row held before a change is not kept"
        ]
    finally:
        await connection.close()
        await databases.drop(admin_url)


async def test_a_table_of_a_plugin_keeps_its_past_under_its_whole_name(databases: Any) -> None:
    admin_url, _ = await databases.fresh()
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(
            "INSERT INTO territory (id, slug, name, zone, country, langs, vocabulary, "
            "emergency_phone, team_name, team_phone, created_at) "
            "VALUES (1, 'essai', 'Essai', '', '', '{}', '', '', '', '', now());"
            "CREATE SCHEMA plugin_essai; CREATE TABLE plugin_essai.household "
            "(id bigint, territory_id int, words text);"
            "INSERT INTO plugin_essai.household VALUES (7, 1, 'un')"
        )
        table = "plugin_essai.household"
        await lay_past(connection, [table], [Kept(table)])
        await lay_past(connection, ["household"], [Kept("household", versioned=True)])
        await connection.execute("UPDATE plugin_essai.household SET words = 'deux'")
        row = await connection.fetchrow("SELECT kind, row_id, household_id, held FROM past_version")
        assert row is not None and tuple(row) == (table, 7, None, '{"words": "un"}')
        await lay_past(connection, [table], [])
        await connection.execute("UPDATE plugin_essai.household SET words = 'trois'")
        assert await connection.fetchval("SELECT count(*) FROM past_version") == 1
    finally:
        await connection.close()
        await databases.drop(admin_url)


async def test_a_plain_update_keeps_what_it_replaces_with_who_and_when(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        one, other = await household(unit, phone="01"), await household(unit, phone="02")
        await unit.fetch("UPDATE household SET phone = '03'")
        await unit.fetch("UPDATE household SET phone = '03', version = 1")
        assert await past(unit, "household") == [(1, {"phone": "01"}), (1, {"phone": "02"})]
        rows = await unit.fetch("SELECT * FROM past_version ORDER BY row_id")
        assert [r["row_id"] for r in rows] == [one, other]
        assert {(r["replaced_at"], r["replaced_by"]) for r in rows} == {(NOW, ctx.who.account_id)}
        assert [r["household_id"] for r in rows] == [one, other]
        versions = await unit.fetch("SELECT version FROM household ORDER BY id")
    # the second statement changed nothing that is kept, so it may say what it likes of versions
    assert [r["version"] for r in versions] == [1, 1]


async def test_the_date_is_that_of_the_unit(ctx: Ctx) -> None:
    later = datetime(2027, 1, 2, 8, tzinfo=UTC)
    async with ctx.unit() as unit:
        await household(unit, phone="01")
    async with Unit(territory_id=ctx.place.id, clock=StillClock(later)) as unit:
        await unit.fetch("UPDATE household SET phone = '02'")
        row = await unit.row("SELECT replaced_at, replaced_by FROM past_version")
    assert row is not None and tuple(row) == (later, None)


async def test_each_change_of_a_version_has_its_own_number(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await household(unit, phone="01")
        for phone in ("02", "03"):
            await unit.fetch("UPDATE household SET phone = $1, version = version + 1", phone)
        assert await unit.value("SELECT version FROM household") == 3
        assert await past(unit, "household") == [(1, {"phone": "01"}), (2, {"phone": "02"})]


async def test_a_row_without_a_version_is_numbered_and_an_end_moved_keeps_the_former(
    ctx: Ctx,
) -> None:
    worker = await make_professional(ctx, "social_worker")
    async with ctx.unit() as unit:
        row = KeyWorker(
            household_id=await household(unit),
            account_id=worker.account_id,
            starts_on=date(2026, 1, 1),
        )
        await row.save()
        for day in (date(2026, 2, 1), date(2026, 3, 1)):
            await unit.fetch("UPDATE key_worker SET ends_on = $1", day)
        assert await past(unit, "key_worker") == [
            (1, {"ends_on": None}),
            (2, {"ends_on": "2026-02-01"}),
        ]


async def test_what_is_computed_leaves_no_trace(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await Person(ref="A" * 10, family_name="Diallo", given_name="Awa").save()
        await unit.fetch("UPDATE person SET search_key = 'diallo awa'")
        assert await past(unit, "person") == []
        assert await unit.value("SELECT version FROM person") == 1


async def test_the_past_itself_is_not_rewritten(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await household(unit, phone="01")
        await unit.fetch("UPDATE household SET phone = '02'")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with ctx.unit() as unit:
            await unit.fetch("UPDATE past_version SET replaced_by = NULL")


async def test_another_territory_reads_nothing_of_it(ctx: Ctx, clock: StillClock) -> None:
    from core.testing import make_place

    other = await make_place(clock, "ailleurs", "Ailleurs")
    async with ctx.unit() as unit:
        await household(unit, phone="01")
        await unit.fetch("UPDATE household SET phone = '02'")
    async with Unit(territory_id=other.id) as unit:
        assert await past(unit, "household") == []


# -- two editors ----------------------------------------------------------------------------------


async def test_the_second_of_two_editors_is_told_what_stands(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        row_id = await household(unit, phone="01", email="a@exemple.test")
        assert await change_row(unit, "household", row_id, 1, {"phone": "02"}, REACHED)
        with pytest.raises(Conflict) as told:
            await change_row(unit, "household", row_id, 1, {"phone": "03"}, REACHED)
        assert told.value.theirs == {
            "phone": "02", "email": "a@exemple.test", "address": "", "version": 2,
        }  # fmt: skip
        assert await change_row(unit, "household", row_id, 2, {"phone": "03"}, REACHED)
        assert await unit.value("SELECT phone FROM household") == "03"


async def test_what_the_second_had_not_touched_is_told_apart(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        row_id = await household(unit, phone="01", email="a@exemple.test")
        await change_row(unit, "household", row_id, 1, {"phone": "02", "address": "x"}, REACHED)
        await change_row(unit, "household", row_id, 2, {"address": "CCAS"}, REACHED)
        mine = {"phone": "03", "email": "b@exemple.test", "address": ""}
        with pytest.raises(Conflict) as told:
            await change_row(unit, "household", row_id, 1, mine, REACHED)
        assert told.value.untouched == {"address"}


async def test_who_touches_nothing_that_the_other_changed_is_not_stopped(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        row_id = await household(unit, phone="01")
        await change_row(unit, "household", row_id, 1, {"phone": "02"}, REACHED)
        assert await change_row(unit, "household", row_id, 1, {"address": "CCAS"}, REACHED) == {
            "address": "CCAS"
        }
        # the very same change twice is no quarrel
        assert await change_row(unit, "household", row_id, 1, {"phone": "02"}, REACHED) == {}
        with pytest.raises(TypeError):
            await change_row(unit, "household", row_id, 3, {"ref": "X"}, REACHED)
        with pytest.raises(NotFound):
            await change_row(unit, "household", 0, 1, {"phone": "02"}, REACHED)
