"""Promise 14: of a hundred tries at once, exactly the allowed number is evaluated."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from core.accounts.service import MAX_CODE_FAILS, hash_of_card, issue_code, use_code
from core.accounts.throttle import Pace, count_try
from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import TooMany
from core.kernel.settings import DEMO_SECRET
from core.kernel.unit import Unit
from core.testing import NOW, Databases, make_place
from tests.drill.sizes import sizes

LIMIT, AT_ONCE = 5, 100
PACE = Pace(LIMIT, timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))


@sizes(2, 30)
async def test_a_hundred_tries_at_once_count_as_a_hundred(databases: Databases, size: int) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 20)
    clock = StillClock(NOW)
    try:
        for number in range(size):

            async def attempt(what: str = f"someone {number}") -> bool:
                try:
                    async with Unit(territory_id=None, clock=clock) as unit:
                        await count_try(unit, what, PACE)
                except TooMany:
                    return False
                return True

            evaluated = await asyncio.gather(*(attempt() for _ in range(AT_ONCE)))
            assert sum(evaluated) == LIMIT
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


@sizes(1, 10)
async def test_a_hundred_wrong_dates_at_once_void_the_card_at_the_tenth(
    databases: Databases, size: int
) -> None:
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 20)
    clock = StillClock(NOW)
    birth = date(1990, 5, 1)
    try:
        place = await make_place(clock)

        def unit() -> Unit:
            return Unit(territory_id=place.id, clock=clock)

        for number in range(size):
            async with unit() as one:
                household_id = await create_household(
                    one, [NewPerson(f"Martin {number}", "Alix", birth)]
                )
                person_id = await one.value(
                    "SELECT person_id FROM membership WHERE household_id = $1", household_id
                )
                code, _ = await issue_code(one, person_id, DEMO_SECRET)
            card = await hash_of_card(code, place.id, DEMO_SECRET)

            async def attempt(card: bytes | None = card, born: date = birth) -> int | None:
                async with unit() as one:
                    return await use_code(one, card, born)

            wrong = birth + timedelta(days=1)
            answers = await asyncio.gather(*(attempt(born=wrong) for _ in range(AT_ONCE)))
            assert answers == [None] * AT_ONCE
            async with unit() as one:
                fails = await one.value(
                    "SELECT fails FROM access_code WHERE person_id = $1", person_id
                )
            assert fails == MAX_CODE_FAILS, "no try was evaluated once the card was void"
            assert await attempt() is None, "even the right date opens nothing now"

            # A card opens once, however many use it in the same instant.
            async with unit() as one:
                code, _ = await issue_code(one, person_id, DEMO_SECRET)
            card = await hash_of_card(code, place.id, DEMO_SECRET)
            opened = await asyncio.gather(*(attempt(card=card) for _ in range(AT_ONCE)))
            assert sum(answer is not None for answer in opened) == 1
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)
