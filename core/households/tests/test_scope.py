"""Who sees which household: data that could leak stands beside, and does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.extension.context import Ctx
from core.households.file_reads import answers_of, notes_of
from core.households.queries import (
    HouseholdFilter,
    count_without_key_worker,
    find_people,
    household_id_of,
    list_households,
)
from core.households.service import (
    NewPerson,
    assign_key_worker,
    create_household,
    set_answer,
    write_note,
)
from core.kernel.clock import StillClock
from core.kernel.errors import NotFound
from core.testing import counting, make_place, make_professional


async def organisation(ctx: Ctx, name: str) -> int:
    async with ctx.unit() as unit:
        return int(
            await unit.value(
                "INSERT INTO organisation (kind, name, created_at) VALUES ('ASSO', $1, $2) "
                "RETURNING id",
                name,
                unit.now,
            )
        )


async def prescriber(ctx: Ctx, name: str) -> Ctx:
    organisation_id = await organisation(ctx, name)
    return ctx.acting(
        await make_professional(ctx, "prescriber", name=name, organisation_id=organisation_id)
    )


async def household(ctx: Ctx, given: str) -> str:
    async with ctx.unit() as unit:
        person = NewPerson("Martin", given, birth=date(1990, 1, 1), external_no=f"P-{given}")
        household_id = await create_household(unit, [person])
        return str(await unit.value("SELECT ref FROM household WHERE id = $1", household_id))


async def seen(ctx: Ctx, text: str = "martin") -> tuple[list[str], list[str]]:
    async with ctx.unit() as unit:
        found = [r["given_name"] for r in await find_people(unit, text)]
        listed = [r["given_name"] for r in await list_households(unit, HouseholdFilter(text=text))]
    return found, listed


async def test_a_key_worker_sees_nothing_before_their_first_day(
    ctx: Ctx, clock: StillClock
) -> None:
    here = await prescriber(ctx, "Bientôt")
    ref = await household(ctx, "Anna")
    async with ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        await assign_key_worker(
            unit, household_id, here.who.account_id or 0, role="prescriber",
            starts_on=unit.today + timedelta(days=3),
        )  # fmt: skip
    assert await seen(here) == ([], [])
    with pytest.raises(NotFound):
        async with here.unit() as unit:
            await household_id_of(unit, ref)
    clock.advance(timedelta(days=3))
    assert await seen(here) == (["Anna"], ["Anna"])


async def test_a_prescriber_sees_the_files_of_its_organisation_only(ctx: Ctx) -> None:
    here, there = await prescriber(ctx, "Ici"), await prescriber(ctx, "Ailleurs")
    mine, theirs = await household(here, "Anna"), await household(there, "Boris")
    await household(ctx, "Chloé")
    assert await seen(here) == (["Anna"], ["Anna"])
    assert await seen(there) == (["Boris"], ["Boris"])
    assert await seen(ctx) == (["Anna", "Boris", "Chloé"],) * 2
    # Numbers and references open nothing either.
    assert await seen(here, "P-Boris") == ([], [])
    assert await seen(here, theirs) == ([], [])
    async with here.unit() as unit:
        assert await household_id_of(unit, mine)
        assert await count_without_key_worker(unit) == (0, 0)
        with pytest.raises(NotFound):
            await household_id_of(unit, theirs)


async def test_a_prescriber_who_hands_a_file_over_no_longer_sees_it(ctx: Ctx) -> None:
    here = await prescriber(ctx, "Ici")
    ref = await household(here, "Anna")
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE key_worker SET ends_on = $1", unit.today)
    with pytest.raises(NotFound):
        async with here.unit() as unit:
            await household_id_of(unit, ref)
    assert await seen(here) == ([], [])


async def test_a_request_of_the_organisation_opens_the_file(ctx: Ctx) -> None:
    here = await prescriber(ctx, "Ici")
    ref = await household(ctx, "Anna")
    async with ctx.unit() as unit:
        await unit.fetch(
            "INSERT INTO housing_request (ref, household_id, organisation_id, created_at) "
            "SELECT 'R000000001', id, $2, now() FROM household WHERE ref = $1",
            ref,
            min(here.who.organisations("prescriber")),
        )
    assert await seen(here) == (["Anna"], ["Anna"])


async def test_an_account_without_organisation_sees_nobody(ctx: Ctx) -> None:
    await household(ctx, "Anna")
    lost = ctx.acting(
        await make_professional(ctx, "structure", organisation_id=await organisation(ctx, "S"))
    )
    assert await seen(lost) == ([], [])


async def test_another_territory_is_another_world(ctx: Ctx, clock: StillClock) -> None:
    from dataclasses import replace

    ref = await household(ctx, "Anna")
    other = replace(ctx, territory=await make_place(clock, "ailleurs", "Ailleurs"))
    other = other.acting(await make_professional(other, "coordinator"))
    assert await seen(other) == ([], [])
    with pytest.raises(NotFound):
        async with other.unit() as unit:
            await household_id_of(unit, ref)


async def test_a_guarded_text_never_leaves_the_database(ctx: Ctx) -> None:
    ref = await household(ctx, "Anna")
    async with ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        await write_note(unit, household_id, "bracelet", field_class="justice")
        await write_note(unit, household_id, "aime lire")
        await set_answer(unit, household_id, "court_order", 1)
        notes = await notes_of(unit, household_id, ["social"])
        answers = await answers_of(unit, household_id, ["social"])
    assert [(n["field_class"], n["text"]) for n in notes] == [
        ("social", "aime lire"),
        ("justice", None),
    ]
    guarded = answers["court_order", None]
    assert guarded["field_class"] == "justice"
    assert {guarded[k] for k in ("state", "value", "at", "author", "source")} == {None}


async def test_a_list_asks_as_much_for_one_row_as_for_thirty(ctx: Ctx) -> None:
    counts = []
    for total in (1, 30):
        for n in range(total):
            await household(ctx, f"P{total}-{n}")
        async with ctx.unit() as unit:
            with counting() as asked:
                rows = await list_households(unit, HouseholdFilter(text="martin"))
            counts.append((len(rows), len(asked)))
    assert counts == [(1, 2), (31, 2)]


async def test_a_list_goes_on_where_it_stopped(ctx: Ctx) -> None:
    for n in range(7):
        await household(ctx, f"P{n}")
    got, after = [], None
    async with ctx.unit() as unit:
        for _ in range(4):
            rows = await list_households(unit, HouseholdFilter(), after=after, limit=2)
            got.append([r["given_name"] for r in rows[:2]])
            after = rows[:2][-1]["ref"]
    assert got == [["P0", "P1"], ["P2", "P3"], ["P4", "P5"], ["P6"]]
