"""Key workers: proposed from portfolios, handed over in one act, never missing for long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.extension.context import Ctx
from core.households.handing_over import hand_over
from core.households.key_workers import end_key_worker
from core.households.portfolios import open_portfolio
from core.households.queries import count_without_key_worker
from core.households.service import NewPerson, assign_key_worker, create_household
from core.kernel.clock import StillClock
from core.kernel.errors import Refused
from core.kernel.unit import Actor, Unit
from core.kernel.working_days import easter, is_working, public_holidays, working_days_before
from core.testing import make_professional


async def sector(unit: Unit, code: str) -> int:
    return int(
        await unit.value("INSERT INTO sector (code, name) VALUES ($1, $1) RETURNING id", code)
    )


async def holders(unit: Unit, household_id: int) -> list[tuple[int, date, date | None]]:
    rows = await unit.fetch(
        "SELECT account_id, starts_on, ends_on FROM key_worker WHERE household_id = $1 ORDER BY id",
        household_id,
    )
    return [tuple(r) for r in rows]


def one(given: str, birth: date | None = date(1980, 1, 1)) -> NewPerson:
    return NewPerson("Durand", given, birth=birth, sex=1)


async def worker(ctx: Ctx, name: str) -> Actor:
    return await make_professional(ctx, "social_worker", name=name)


async def test_a_new_household_goes_to_whose_portfolio_fits_best(ctx: Ctx) -> None:
    north, south, young = [await worker(ctx, n) for n in ("Nord", "Sud", "Jeunes du Nord")]
    async with ctx.unit() as unit:
        a, b = await sector(unit, "nord"), await sector(unit, "sud")
        for actor, sector_id, public in ((north, a, ""), (south, b, ""), (young, a, "young")):
            assert actor.account_id is not None
            await open_portfolio(unit, actor.account_id, sector_id=sector_id, public=public)
        got = {}
        for key, sector_id, birth in (
            ("adult north", a, date(1980, 1, 1)),
            ("young north", a, date(2004, 1, 1)),
            ("young south", b, date(2004, 1, 1)),
            ("no sector", None, date(1980, 1, 1)),
        ):
            household_id = await create_household(unit, [one("X", birth)], sector_id=sector_id)
            got[key] = [h[0] for h in await holders(unit, household_id)]
    assert got == {
        "adult north": [north.account_id],
        "young north": [young.account_id],
        "young south": [south.account_id],
        "no sector": [],
    }


async def test_equal_portfolios_share_the_files(ctx: Ctx) -> None:
    workers = [await worker(ctx, n) for n in ("A", "B")]
    async with ctx.unit() as unit:
        for actor in workers:
            await open_portfolio(unit, actor.account_id or 0, public="adults")
        for n in range(4):
            await create_household(unit, [one(str(n))])
        rows = await unit.fetch("SELECT count(*) AS n FROM key_worker GROUP BY account_id")
    assert [r["n"] for r in rows] == [2, 2]


async def test_people_together_for_long_get_a_key_worker_from_the_day_they_are_known(
    ctx: Ctx,
) -> None:
    actor = await worker(ctx, "A")
    async with ctx.unit() as unit:
        await open_portfolio(unit, actor.account_id or 0, public="adults")
        household_id = await create_household(unit, [one("X")], starts_on=date(2024, 1, 1))
        assert await holders(unit, household_id) == [(actor.account_id, unit.today, None)]


async def test_naming_another_ends_the_one_before_and_tells_the_household(ctx: Ctx) -> None:
    first, second = await worker(ctx, "A"), await worker(ctx, "B")
    async with ctx.unit() as unit:
        household_id = await create_household(unit, [one("X")])
        for actor, on in ((first, date(2026, 1, 5)), (second, date(2026, 2, 2))):
            await assign_key_worker(unit, household_id, actor.account_id or 0, starts_on=on)
        await assign_key_worker(unit, household_id, second.account_id or 0)
        assert await holders(unit, household_id) == [
            (first.account_id, date(2026, 1, 5), date(2026, 2, 2)),
            (second.account_id, date(2026, 2, 2), None),
        ]
    async with ctx.unit() as unit:
        kinds = [r["kind"] for r in await unit.fetch("SELECT kind FROM event ORDER BY id")]
    assert kinds[-2:] == ["key_worker.assigned", "key_worker.changed"]
    assert ctx.registry.event_kinds["key_worker.changed"].resident


async def test_somebody_without_a_role_is_no_key_worker(ctx: Ctx) -> None:
    observer = await make_professional(ctx, "observer")
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            household_id = await create_household(unit, [one("X")])
            await assign_key_worker(unit, household_id, observer.account_id or 0)


async def test_a_departure_hands_every_file_over_in_one_act(ctx: Ctx) -> None:
    gone, a, b = [await worker(ctx, n) for n in ("Part", "A", "B")]
    async with ctx.unit() as unit:
        await open_portfolio(unit, gone.account_id or 0, public="adults")
        files = [await create_household(unit, [one(str(n))]) for n in range(30)]
        to = {f: (a if n % 2 else b).account_id or 0 for n, f in enumerate(files)}
        with pytest.raises(Refused):
            await hand_over(
                unit,
                gone.account_id or 0,
                {files[0]: to[files[0]]},
                on=unit.today,
                kind="departure",
            )
        on = date(2026, 3, 20)
        assert await hand_over(unit, gone.account_id or 0, to, on=on, kind="departure") == 30
        assert await holders(unit, files[0]) == [
            (gone.account_id, date(2026, 3, 12), on),
            (b.account_id, on, None),
        ]
        assert await unit.value("SELECT ends_on FROM portfolio") == on
        assert await unit.value("SELECT kind FROM absence") == "departure"
        later = await create_household(unit, [one("plus tard")])
        assert await holders(unit, later) == []
    async with ctx.unit() as unit:
        told = await unit.value("SELECT count(*) FROM event WHERE kind = 'key_worker.changed'")
    assert told == 30


async def test_files_are_not_handed_to_who_leaves(ctx: Ctx) -> None:
    gone = await worker(ctx, "Part")
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            household_id = await create_household(unit, [one("X")])
            await assign_key_worker(unit, household_id, gone.account_id or 0)
            await hand_over(
                unit, gone.account_id or 0, gone.account_id or 0, on=unit.today, kind="absence"
            )


async def test_nobody_stays_alone_more_than_five_working_days_unseen(
    ctx: Ctx, clock: StillClock
) -> None:
    actor = await worker(ctx, "A")
    async with ctx.unit() as unit:
        alone = await create_household(unit, [one("X")])
        kept = await create_household(unit, [one("Y")])
        await assign_key_worker(unit, kept, actor.account_id or 0)
        assert await count_without_key_worker(unit) == (1, 0)
    clock.advance(timedelta(days=7))  # Thursday to Thursday: five working days have just passed
    async with ctx.unit() as unit:
        assert await count_without_key_worker(unit) == (1, 0)
    clock.advance(timedelta(days=1))
    async with ctx.unit() as unit:
        assert await count_without_key_worker(unit) == (1, 1)
        await assign_key_worker(unit, alone, actor.account_id or 0)
        await end_key_worker(unit, kept, "siao", on=unit.today, why="left")
        assert await count_without_key_worker(unit) == (1, 0)


def test_working_days_know_holidays() -> None:
    assert [easter(y) for y in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25),
    ]  # fmt: skip
    assert len(public_holidays(2026)) == 11
    assert date(2026, 7, 21) in public_holidays(2026, "BE")
    assert not is_working(date(2026, 5, 25)), "Whit Monday"
    assert working_days_before(date(2026, 5, 29), 5) == date(2026, 5, 21)
