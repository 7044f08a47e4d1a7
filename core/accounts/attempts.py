"""How often one may try to sign in: slow for whoever guesses, never closed to whoever knows.

- One account from one place: five tries, then a wait that grows. It is the only limit that stops
  a person, and a stranger elsewhere does not count against it.
- One account from many places, and many accounts from one place: noticed, then slowed. A place
  that opened this account lately is let through, so that an attack keeps nobody from their work.
- A card's code is its own secret (50 bits): five tries guard the birth date, wherever they come
  from, and a place that many share (a day centre) is only slowed.

Whether the account exists changes nothing: what is typed is counted. The log says that something
goes on, never who or from where.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from core.accounts.throttle import (
    Pace,
    count_try,
    forget_tries,
    happened_within,
    remember,
    spare_try,
)
from core.kernel.errors import TooMany
from core.kernel.unit import Unit

log = structlog.get_logger()

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ONE_DOOR = Pace(free=5, first=MINUTE, longest=HOUR, forget=DAY)
ONE_ACCOUNT = Pace(free=30, first=10 * MINUTE, longest=HOUR, forget=DAY)
ONE_PLACE = Pace(free=60, first=timedelta(seconds=5), longest=MINUTE, forget=15 * MINUTE)
ONE_CODE = Pace(free=5, first=15 * MINUTE, longest=15 * MINUTE, forget=15 * MINUTE)

TRUSTED = timedelta(days=30)
"""How long a place that opened an account is known to it."""


def _account(email: str) -> str:
    return email.strip().lower()


async def count_password(unit: Unit, email: str, network: str) -> None:
    """Count a try of a password before it is evaluated; TooMany when it must wait."""
    account = _account(email)
    await count_try(unit, f"password {account} {network}", ONE_DOOR)
    if await happened_within(unit, f"opened {account} {network}", TRUSTED):
        return
    await _count_shared(unit, f"account {account}", ONE_ACCOUNT, "one account, many places")
    await _count_shared(unit, f"place {network}", ONE_PLACE, "many accounts, one place")


async def password_was_right(unit: Unit, email: str, network: str) -> None:
    """Counts start anew, and this place is known to the account."""
    account = _account(email)
    await forget_tries(unit, f"password {account} {network}")
    if not await happened_within(unit, f"opened {account} {network}", TRUSTED):
        await spare_try(unit, f"account {account}")
        await spare_try(unit, f"place {network}")
    await remember(unit, f"opened {account} {network}")


async def count_code(unit: Unit, territory: str, code: str, network: str) -> None:
    """Count a try of a card's code before it is evaluated; TooMany when it must wait."""
    await count_try(unit, f"code {territory} {code}", ONE_CODE)
    await _count_shared(unit, f"network {network}", ONE_PLACE, "many codes, one place")


async def code_was_right(unit: Unit, network: str) -> None:
    """A day centre where many come in is no attack."""
    await spare_try(unit, f"network {network}")


async def _count_shared(unit: Unit, what: str, pace: Pace, pattern: str) -> None:
    """Count on a key that many share; say once that it is under attack, each time it slows."""
    try:
        count = await count_try(unit, what, pace)
    except TooMany:
        log.info("sign-in slowed", pattern=pattern)
        raise
    if count == pace.free:
        log.warning("sign-in under attack", pattern=pattern, tries=count)
