"""Files that nobody follows, given out many at once."""

from __future__ import annotations

from datetime import date

import pytest

from core.extension.context import Ctx
from core.households.portfolios import open_portfolio
from core.households.queries import count_without_key_worker
from core.households.service import NewPerson, assign_key_worker, create_household
from core.households.sharing import (
    Asked,
    File,
    Worker,
    allot,
    give_by_portfolio,
    share_out,
    sharing_done,
    take_back,
)
from core.kernel.errors import Refused
from core.territories.service import open_sector
from core.testing import make_professional


def a_file(n: int, *, sector: int | None = None, org: int | None = None, **kw: object) -> File:
    known = {"publics": frozenset({"adults"}), "free": True, **kw}
    return File(n, f"REF{n}", f"Nom {n}", sector, None, org, None, **known)  # type: ignore[arg-type]


TEAM = (Worker(1, "A", 5, ((7, ""),)), Worker(2, "B", 0, ((7, "young"), (None, "families"))),
        Worker(3, "C", 2))  # fmt: skip


def test_a_portfolio_fits_by_sector_and_public_then_by_load() -> None:
    files = [
        a_file(1, sector=7),
        a_file(2, sector=7, publics=frozenset({"adults", "young"})),
        a_file(3, sector=8, publics=frozenset({"families"})),
        a_file(4, sector=8),
        a_file(5, sector=7, free=False),
    ]
    done = allot(files, TEAM, "portfolio")
    assert done.given == {1: 1, 2: 2, 3: 2}
    assert done.left == {4: "no_portfolio", 5: "taken"}


def test_an_even_share_fills_who_has_fewest() -> None:
    done = allot([a_file(n) for n in range(1, 8)], TEAM, "load")
    loads = {one.id: one.files + list(done.given.values()).count(one.id) for one in TEAM}
    assert loads == {1: 5, 2: 5, 3: 4}
    among = allot([a_file(n) for n in range(1, 4)], TEAM, "load", among=[3, 99])
    assert set(among.given.values()) == {3}


def test_by_prescriber_leaves_those_nobody_was_chosen_for() -> None:
    files = [a_file(1, org=4), a_file(2), a_file(3, org=5)]
    done = allot(files, TEAM, "prescriber", by_prescriber={4: 1, 0: 2, 5: 99})
    assert done.given == {1: 1, 2: 2} and done.left == {3: "no_choice"}


def one(given: str, **kw: object) -> NewPerson:
    return NewPerson("Durand", given, birth=date(1980, 1, 1), sex=1, **kw)  # type: ignore[arg-type]


async def test_files_are_given_told_and_taken_back(ctx: Ctx) -> None:
    other = await make_professional(ctx, "social_worker", name="Autre")
    me, them = ctx.who.account_id or 0, other.account_id or 0
    async with ctx.unit() as unit:
        files = [await create_household(unit, [one(str(n))]) for n in range(5)]
        await assign_key_worker(unit, files[0], me)
        refs = {
            r["id"]: r["ref"] for r in await unit.fetch("SELECT id, ref FROM household ORDER BY id")
        }
        assert (await count_without_key_worker(unit))[0] == 4
        ref = await share_out(unit, Asked(tuple(refs[f] for f in files[:3])), "load", among=[them])
        assert (await count_without_key_worker(unit))[0] == 2
        done = await sharing_done(unit, ref, None, 50)
        assert [(r["ref"], r["worker"]) for r in done.rows] == [
            (refs[f], "Autre") for f in files[1:3]
        ]
        assert [(row["id"], why) for row, why in done.left] == [(files[0], "taken")]
    async with ctx.unit() as unit:
        told = await unit.value("SELECT count(*) FROM event WHERE kind = 'key_worker.assigned'")
        assert told == 3
        await assign_key_worker(unit, files[1], me)  # somebody took one up since
        assert await take_back(unit, ref) == 1
        assert (await count_without_key_worker(unit))[0] == 3
        with pytest.raises(Refused):
            await take_back(unit, ref)
        kept = await unit.fetch(
            "SELECT account_id FROM key_worker WHERE household_id = $1 AND ends_on IS NULL",
            files[1],
        )
        assert [r["account_id"] for r in kept] == [me], "what was named since stays"


async def test_nobody_to_give_to_is_said(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await create_household(unit, [one("X")])
        with pytest.raises(Refused):
            await share_out(unit, Asked(), "portfolio")


async def test_new_files_go_by_portfolio_in_a_constant_number_of_statements(ctx: Ctx) -> None:
    from core.testing import counting

    me = ctx.who.account_id or 0
    seen = []
    for size in (1, 30):
        async with ctx.unit() as unit:
            files = [await create_household(unit, [one(f"{size}-{n}")]) for n in range(size)]
            if size == 1:
                sector = await open_sector(unit, code="n", name="Nord")
                await open_portfolio(unit, me, sector_id=sector)
            await unit.fetch(
                "UPDATE household SET sector_id = $2 WHERE id = ANY($1)", files, sector
            )
            with counting() as asked:
                assert await give_by_portfolio(unit, files) == size
            seen.append(len(asked))
    assert seen[0] == seen[1]
