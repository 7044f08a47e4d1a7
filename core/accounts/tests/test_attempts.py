"""The door under attack: guessing is slow, and nobody can be kept out by a stranger."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
import structlog

from core.accounts import passwords
from core.accounts.attempts import (
    ONE_ACCOUNT,
    ONE_DOOR,
    ONE_PLACE,
    code_was_right,
    count_code,
    count_password,
    password_was_right,
)
from core.accounts.service import check_password, stored_password
from core.accounts.throttle import KEPT, Pace, network_of, sweep_tries
from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Invalid, TooMany
from core.kernel.unit import Unit
from core.testing import NOW, Databases

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LEA = "lea@exemple.test"
MINUTE = timedelta(minutes=1)


async def tried(clock: StillClock, email: str, network: str, right: bool = False) -> bool:
    """Whether a try is evaluated; `right`: its password was."""
    try:
        async with Unit(territory_id=None, clock=clock) as unit:
            await count_password(unit, email, network)
        if right:
            async with Unit(territory_id=None, clock=clock) as unit:
                await password_was_right(unit, email, network)
    except TooMany:
        return False
    return True


async def test_guessing_waits_longer_each_time(ctx: Ctx, clock: StillClock) -> None:
    for _ in range(ONE_DOOR.free):
        assert await tried(clock, LEA, HERE)
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        for _ in range(3):
            assert not await tried(clock, LEA, HERE), "hammering buys nothing"
        clock.advance(MINUTE * wait - timedelta(seconds=1))
        assert not await tried(clock, f" {LEA.upper()} ", HERE), "however the address is written"
        clock.advance(timedelta(seconds=1))
        assert await tried(clock, LEA, HERE)
    clock.advance(ONE_DOOR.forget)
    for _ in range(ONE_DOOR.free):
        assert await tried(clock, LEA, HERE)


async def test_a_stranger_keeps_nobody_out(ctx: Ctx, clock: StillClock) -> None:
    for _ in range(50):
        await tried(clock, LEA, ELSEWHERE)
    assert not await tried(clock, LEA, ELSEWHERE)
    assert await tried(clock, LEA, HERE, right=True)
    # Nor can a thousand strangers, where the account was opened before.
    for number in range(ONE_ACCOUNT.free + 20):
        await tried(clock, LEA, f"203.0.113.{number}")
    assert not await tried(clock, LEA, "203.0.113.250"), "an unknown place waits"
    assert await tried(clock, LEA, HERE, right=True)
    assert await tried(clock, "paul@exemple.test", "203.0.113.250"), "another account is free"


async def test_spraying_is_noticed_and_slowed_but_not_for_those_known_there(
    ctx: Ctx, clock: StillClock
) -> None:
    assert await tried(clock, LEA, HERE, right=True)
    with structlog.testing.capture_logs() as said:
        for number in range(ONE_PLACE.free + 5):
            await tried(clock, f"n{number}@exemple.test", HERE)
    assert [line["pattern"] for line in said if line["log_level"] == "warning"] == [
        "many accounts, one place"
    ]
    assert HERE not in str(said) and "exemple.test" not in str(said)
    assert not await tried(clock, "autre@exemple.test", HERE)
    assert await tried(clock, "autre@exemple.test", ELSEWHERE)
    assert await tried(clock, LEA, HERE)


async def test_those_who_come_in_do_not_count_against_their_office(
    ctx: Ctx, clock: StillClock
) -> None:
    for number in range(2 * ONE_PLACE.free):
        assert await tried(clock, f"n{number}@exemple.test", HERE, right=True)
    for number in range(2 * ONE_PLACE.free):
        async with Unit(territory_id=None, clock=clock) as unit:
            await count_code(unit, "essai", f"code {number}", HERE)
            await code_was_right(unit, HERE)


async def test_codes_from_one_place_are_slowed_not_stopped(ctx: Ctx, clock: StillClock) -> None:
    async def code(number: int, network: str = HERE) -> bool:
        try:
            async with Unit(territory_id=None, clock=clock) as unit:
                await count_code(unit, "essai", f"code {number}", network)
        except TooMany:
            return False
        return True

    assert [await code(n) for n in range(ONE_PLACE.free)] == [True] * ONE_PLACE.free
    assert not await code(1000)
    assert await code(1000, ELSEWHERE)
    clock.advance(ONE_PLACE.longest)
    assert await code(1000), "a day centre waits a minute at most"
    # One code is one code from wherever it is tried.
    assert [await code(2000, f"203.0.113.{n}") for n in range(7)] == [True] * 5 + [False] * 2


async def test_a_hundred_guesses_at_once_are_five(databases: Databases) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 20)
    clock = StillClock(NOW)
    try:
        for minutes, allowed in ((0, ONE_DOOR.free), (1, 1), (1, 0), (1, 1)):
            clock.advance(MINUTE * minutes)
            answers = await asyncio.gather(*(tried(clock, LEA, HERE) for _ in range(100)))
            assert sum(answers) == allowed
        sprayed = await asyncio.gather(
            *(tried(clock, f"n{n}@exemple.test", ELSEWHERE) for n in range(100))
        )
        assert sum(sprayed) == ONE_PLACE.free
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


async def test_nobody_and_somebody_get_the_same_answer_as_late(ctx: Ctx) -> None:
    async with Unit(territory_id=None) as unit:
        assert await stored_password(unit, "nobody@exemple.test") is None
    hashed = await passwords.hash_password("une phrase de passe")
    took = {}
    for name, found in (("somebody", (1, hashed)), ("nobody", None)):
        began = time.perf_counter()
        with pytest.raises(Invalid) as refused:
            await check_password(found, "une autre phrase")
        took[name] = time.perf_counter() - began, refused.value.errors
    assert took["nobody"][1] == took["somebody"][1]
    assert took["nobody"][0] > took["somebody"][0] / 4
    assert await check_password((1, hashed), "une phrase de passe") == 1
    with pytest.raises(Invalid):
        await check_password((1, None), "nobody has this password")


async def test_slow_hashing_blocks_no_other_page_and_a_flood_is_turned_away() -> None:
    most = passwords.AT_ONCE + passwords.WAITING
    flood = [
        asyncio.create_task(passwords.code_hash(f"code {n}", 1, "pepper", patient=False))
        for n in range(most + 3)
    ]
    card = asyncio.create_task(passwords.code_hash("a card to print", 1, "pepper"))
    turns = 0
    while not all(task.done() for task in flood):
        await asyncio.sleep(0.001)
        turns += 1
    answers = [task.exception() for task in flood]
    assert [type(a) for a in answers[most:]] == [TooMany] * 3
    assert answers[:most] == [None] * most
    assert len(await card) == 32, "whoever is signed in only waits"
    assert turns > 2 * len(flood), "the loop went on turning meanwhile"
    assert not await passwords.verify_password(None, "x" * 10_000_000)


async def test_old_counts_are_swept(ctx: Ctx, clock: StillClock) -> None:
    await tried(clock, LEA, HERE, right=True)
    clock.advance(KEPT + MINUTE)
    await tried(clock, "paul@exemple.test", HERE)
    async with Unit(territory_id=None, clock=clock) as unit:
        counted = "SELECT count(*) FROM throttle"
        before = await unit.value(counted)
        await sweep_tries(unit)
        assert (before, await unit.value(counted)) == (5, 3)


def test_a_place_on_the_network() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of(None) == network_of("nonsense") == "?"


def test_a_pace_that_forgets_its_own_wait_is_refused() -> None:
    with pytest.raises(ValueError, match="forgotten"):
        Pace(5, MINUTE, MINUTE * 60, MINUTE * 30)
