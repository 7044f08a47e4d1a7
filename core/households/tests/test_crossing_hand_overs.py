"""Hand-overs that cross, and one beside an assignment: nobody waits for ever, nobody is left alone.

On connections of their own: the locks are PostgreSQL's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest_asyncio

from core.extension.context import Ctx
from core.extension.registry import Registry
from core.households.handing_over import hand_over
from core.households.key_workers import assign_key_worker
from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, NotFound, Refused
from core.kernel.settings import Settings
from core.testing import NOW, Databases, make_place, make_professional

FILES = 12


@dataclass
class Team:
    ctx: Ctx
    one: int
    two: int
    three: int
    households: list[int]


@pytest_asyncio.fixture(loop_scope="session")
async def team(databases: Databases, registry: Registry, settings: Settings):  # type: ignore[no-untyped-def]
    """Three workers, one and two with files in turn, each household with one of them."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 8)
    try:
        here = await make_place(clock := StillClock(NOW))
        base = Ctx(settings=settings, registry=registry, clock=clock, territory=here)
        ctx = base.acting(await make_professional(base, "coordinator"))
        who = [(await make_professional(base, "social_worker")).account_id or 0 for _ in range(3)]
        households = []
        for n in range(FILES):
            async with ctx.unit() as unit:
                made = await create_household(unit, [NewPerson(f"Nom {n}", "A")])
                await assign_key_worker(unit, made, who[n % 2])
                households.append(made)
        yield Team(ctx, *who, households)
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


async def held(team: Team) -> Counter[int]:
    """How many files each account has now; every household has exactly one worker."""
    async with team.ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT household_id, account_id FROM key_worker WHERE role = 'siao' "
            "AND (ends_on IS NULL OR ends_on > $1)",
            unit.today,
        )
    assert sorted(r["household_id"] for r in rows) == sorted(team.households)
    return Counter(r["account_id"] for r in rows)


async def passing(team: Team, leaving: int, to: int, kind: str = "transfer") -> str:
    try:
        async with team.ctx.unit() as unit:
            return str(await hand_over(unit, leaving, to, on=unit.today, kind=kind))
    except Refused as error:
        return str(error)


async def test_hand_overs_that_cross_never_wait_for_each_other(team: Team) -> None:
    for _ in range(8):
        answers = await asyncio.wait_for(
            asyncio.gather(
                passing(team, team.one, team.two),
                passing(team, team.two, team.one),
                passing(team, team.two, team.three),
                passing(team, team.three, team.one),
            ),
            timeout=20,
        )
        assert all(a.isdecimal() or "relisez" in a for a in answers), answers
        assert sum((await held(team)).values()) == FILES


async def test_nobody_gets_a_file_from_somebody_else_while_leaving(team: Team) -> None:
    async def name(household_id: int) -> str:
        try:
            async with team.ctx.unit() as unit:
                await assign_key_worker(unit, household_id, team.one)
        except Refused as error:
            return str(error)
        except Conflict:
            return "deadlock"
        return "named"

    turned = list(reversed(team.households))
    jobs = [name(h) for h in turned[:6]]
    jobs.insert(3, passing(team, team.one, team.three, "departure"))
    answers = await asyncio.wait_for(asyncio.gather(*jobs), timeout=20)
    assert "deadlock" not in answers
    left = answers[3]
    if "relisez" in left:
        left = await passing(team, team.one, team.three, "departure")
    assert left.isdecimal()
    assert (await held(team))[team.one] == 0, "a file was left with somebody who is gone"
    assert await name(team.households[0]) == "Ce compte ne peut pas être référent."


async def test_files_are_handed_over_by_who_works_here_only(team: Team) -> None:
    """Accounts are one table for every territory: a number in a form is not a right."""
    elsewhere = await make_place(StillClock(NOW), "ailleurs", "Ailleurs")
    from dataclasses import replace

    there = replace(team.ctx, territory=elsewhere)
    stranger = await make_professional(there, "social_worker")
    try:
        async with team.ctx.unit() as unit:
            await hand_over(
                unit, stranger.account_id or 0, team.one, on=unit.today, kind="departure"
            )
    except NotFound:
        return
    raise AssertionError("a stranger's departure was noted")
