"""Waiting lists on the real database: order, pages, ranks, lapse, restore, who fits a place."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.matching.queries import key_of, list_counts, waiting_list
from core.matching.service import (
    announce_lapse,
    enlist,
    entry_id_of,
    entry_step,
    record_try,
    tell_key_worker,
)
from core.requests.refresh import mark_overdue
from core.requests.service import step
from core.requests.tests.making import listed
from core.testing import NOW, counting, make_place

TODAY = NOW.date()


async def many(unit: Unit, number: int, seed: int = 7) -> list[tuple[int, date, int]]:
    """Demandes on the CHRS list with random priorities and seniorities; their keys, unsorted."""
    draw = random.Random(seed)
    keys = []
    for n in range(number):
        request_id = await listed(unit, family=f"Nom{n}")
        key = (
            draw.choice([1, 5, 5]),
            TODAY - timedelta(days=draw.choice([3, 30, 300])),
            request_id,
        )
        await unit.fetch(
            "UPDATE waiting_entry SET priority = $2, seniority_on = $3 WHERE request_id = $1",
            request_id,
            key[0],
            key[1],
        )
        keys.append(key)
    return keys


async def test_pages_of_a_list_follow_its_order_and_ranks_hold(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        expected = sorted(await many(unit, 12))
        shown: list[dict[str, Any]] = []
        after = None
        while True:
            page = await waiting_list(unit, "chrs", after=after, limit=5)
            shown += page[:5]
            if len(page) <= 5:
                break
            after = key_of(page[4])
            again = await waiting_list(
                unit, "chrs", after=after, after_rank=page[4]["rank"], limit=5
            )
            assert [r["rank"] for r in again[:2]] == [len(shown) + 1, len(shown) + 2]
        assert [key_of(r) for r in shown] == expected
        assert [r["rank"] for r in shown] == list(range(1, 13))
        filtered = await waiting_list(unit, "chrs", composition=20, after=key_of(shown[6]))
        assert [r["rank"] for r in filtered] == [8, 9, 10, 11, 12]
        counts = await list_counts(unit)
        assert (counts["chrs"].households, counts["chrs"].persons) == (12, 12)


async def test_a_list_costs_the_same_for_one_and_thirty_rows(ctx: Ctx) -> None:
    spent = []
    async with ctx.unit() as unit:
        for number in (1, 29):
            await many(unit, number)
            with counting() as seen:
                rows = await waiting_list(unit, "chrs", limit=50)
            spent.append(len(seen))
        assert len(rows) == 30
    assert spent == [1, 1]


async def test_another_territory_has_its_own_list(ctx: Ctx, clock: Any) -> None:
    from dataclasses import replace

    async with ctx.unit() as unit:
        await listed(unit)
    other = replace(ctx, territory=await make_place(clock, "ailleurs", "Ailleurs"))
    async with other.unit() as unit:
        assert await waiting_list(unit, "chrs") == []
        assert await list_counts(unit) == {}


async def test_enlisting_twice_gives_the_same_entry_and_its_seniority(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    clock.advance(timedelta(days=50))
    async with ctx.unit() as unit:
        entry = await enlist(unit, request_id, "chrs")
        assert entry == await enlist(unit, request_id, "chrs")
        other = await enlist(unit, request_id, "residence_sociale")
        assert other != entry
        assert (
            await unit.value("SELECT seniority_on FROM waiting_entry WHERE id = $1", other) == TODAY
        )
        with pytest.raises(Refused, match="transmise"):
            from core.requests.tests.making import draft

            await enlist(unit, await draft(unit, family="Autre"), "chrs")


async def test_lapse_takes_tries_channels_and_an_announcement_and_can_be_undone(
    ctx: Ctx, clock: Any
) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        entry = await entry_id_of(unit, request_id, "chrs")
    clock.set(NOW.replace(month=9, day=13))
    async with ctx.unit() as unit:
        await mark_overdue(unit)
        await record_try(unit, entry, "phone", "no_answer")
        await record_try(unit, entry, "phone", "message_left")
    for days, channel in ((3, "letter"), (9, "phone")):
        clock.advance(timedelta(days=days))
        async with ctx.unit() as unit:
            await record_try(unit, entry, channel, "no_answer")
    clock.advance(timedelta(days=30))
    async with ctx.unit() as unit:
        with pytest.raises(Refused, match="annoncée"):
            await entry_step(unit, entry, "lapse")
        await announce_lapse(unit, entry)
        await tell_key_worker(unit, entry)
        with pytest.raises(Refused, match="annoncée"):
            await entry_step(unit, entry, "lapse")
    clock.advance(timedelta(days=2))
    async with ctx.unit() as unit:
        await entry_step(unit, entry, "lapse")
        assert await waiting_list(unit, "chrs") == []
    clock.advance(timedelta(days=60))
    async with ctx.unit() as unit:
        await entry_step(unit, entry, "restore")
        (row,) = await waiting_list(unit, "chrs")
        assert (row["rank"], row["seniority_on"]) == (1, TODAY)


async def test_who_was_reached_does_not_lapse(ctx: Ctx, clock: Any) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        entry = await entry_id_of(unit, request_id, "chrs")
    clock.set(NOW.replace(month=9, day=13))
    async with ctx.unit() as unit:
        await mark_overdue(unit)
    for channel, outcome in (("phone", "no_answer"), ("sms", "no_answer"), ("letter", "reached")):
        clock.advance(timedelta(days=8))
        async with ctx.unit() as unit:
            await record_try(unit, entry, channel, outcome)
            await announce_lapse(unit, entry)
            await tell_key_worker(unit, entry)
    clock.advance(timedelta(days=40))
    async with ctx.unit() as unit:
        with pytest.raises(Refused, match="trois essais"):
            await entry_step(unit, entry, "lapse")


async def test_entries_go_along_with_their_demande(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)

        async def state() -> str:
            return str(
                await unit.value(
                    "SELECT state FROM waiting_entry WHERE request_id = $1 ORDER BY id DESC LIMIT 1",
                    request_id,
                )
            )

        await step(unit, request_id, "suspend", reason="Hospitalisation")
        assert await state() == "paused"
        await step(unit, request_id, "resume")
        assert await state() == "active"
        await step(unit, request_id, "refer", facts={"vacancy_held": True})
        assert await state() == "active"
        await step(unit, request_id, "admit")
        assert await state() == "placed"
        entry = await entry_id_of(unit, request_id, "chrs")
        await entry_step(unit, entry, "place", facts={"admitted": True})
        await step(unit, request_id, "return_to_list", reason="Place perdue")
        assert await state() == "active"
        await step(unit, request_id, "cancel", reason="Parti")
        assert await state() == "withdrawn"
        steps = await unit.fetch(
            "SELECT verb FROM waiting_state WHERE entry_id = $1 ORDER BY id", entry
        )
        verbs = [r["verb"] for r in steps]
        assert verbs == ["enter", "pause", "resume", "place", "return", "withdraw"]


async def vacancy(
    unit: Unit, *, seed: bytes = b"s" * 16, high: int = 1, accessible: int = 2
) -> int:
    """A free CHRS place for 1 to `high` people."""
    from core.housing.service import (
        add_unit,
        declare_vacancy,
        open_programme,
        register_organisation,
        seed_kinds,
    )

    await seed_kinds(unit)
    org = await register_organisation(unit, name="Abri", kind="ASSO")
    programme = await open_programme(unit, org, name="Foyer", kind="chrs", animals=2)
    place = await add_unit(
        unit, programme, label="1", max_persons=high, accessible=accessible, opened_on=TODAY
    )
    return await declare_vacancy(unit, place, free_on=TODAY, draw_seed=seed)
