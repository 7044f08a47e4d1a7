"""Counting tries in the database, by one atomic upsert: a hundred at once count as a hundred.

A key has some tries for free, then waits longer after each one. A try that comes too early is not
evaluated and does not lengthen the wait, so that hammering at a door keeps nobody else out of it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from core.kernel.errors import TooMany
from core.kernel.unit import Unit
from core.kernel.words import N_

WAIT = N_("Trop d’essais. Attendez quelques minutes, ou demandez de l’aide à votre équipe.")

BUSY = N_("Trop de personnes entrent en même temps. Réessayez dans un moment.")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a key may be tried: `free` times, then after `first`, twice that, up to `longest`.

    A key left alone for `forget` starts anew.
    """

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta

    def __post_init__(self) -> None:
        if not self.first <= self.longest <= self.forget:
            raise ValueError("a wait that is forgotten before it is over")


# `window_start` holds the instant of the last try that was evaluated. The row is locked by the
# conflict, so each try sees what the one before it wrote.
_COUNT = """
INSERT INTO throttle AS t (key, window_start, count) VALUES ($1, $2::timestamptz, 1)
ON CONFLICT (key) DO UPDATE SET window_start = $2,
  count = CASE WHEN t.window_start <= $2 - $3::interval THEN 1 ELSE least(t.count + 1, 30000) END
WHERE t.count < $4 OR t.window_start <= $2 - $3::interval
   OR t.window_start <= $2 - least($5::interval * power(2, least(t.count - $4, 20)), $6::interval)
RETURNING count
"""


def _key(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()


async def count_try(unit: Unit, what: str, pace: Pace) -> int:
    """Count one try of `what`, which may now be evaluated; raises TooMany when it may not.

    The count must outlive the attempt: call it in a Unit of its own that commits.
    """
    args = (unit.now, pace.forget, pace.free, pace.first, pace.longest)
    count = await unit.value(_COUNT, _key(what), *args)
    if count is None:
        raise TooMany(WAIT)
    return int(count)


async def forget_tries(unit: Unit, what: str) -> None:
    """After a success, the count starts anew."""
    await unit.fetch("DELETE FROM throttle WHERE key = $1", _key(what))


async def spare_try(unit: Unit, what: str) -> None:
    """The try just counted was right: on a key that many people share, it does not count."""
    await unit.fetch(
        "UPDATE throttle SET count = count - 1 WHERE key = $1 AND count > 0", _key(what)
    )


async def remember(unit: Unit, what: str) -> None:
    """Note that `what` happened now."""
    await unit.fetch(
        "INSERT INTO throttle (key, window_start, count) VALUES ($1, $2, 0) "
        "ON CONFLICT (key) DO UPDATE SET window_start = $2",
        _key(what),
        unit.now,
    )


async def happened_within(unit: Unit, what: str, span: timedelta) -> bool:
    """Whether `what` was remembered in that span."""
    return bool(
        await unit.value(
            "SELECT 1 FROM throttle WHERE key = $1 AND window_start > $2",
            _key(what),
            unit.now - span,
        )
    )


KEPT = timedelta(days=60)
"""No count or memory is asked for after that long."""


async def sweep_tries(unit: Unit) -> None:
    """Drop what is too old to be asked for."""
    await unit.fetch("DELETE FROM throttle WHERE window_start < $1", unit.now - KEPT)


def network_of(host: str | None) -> str:
    """What counts as one place on the network: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address((host or "").split("%")[0])
    except ValueError:
        return "?"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
