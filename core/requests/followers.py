"""Who goes along with a demande's steps, in the same transaction.

A waiting-list entry stands above the demande and cannot be called from here; yet a demande that
is suspended, cancelled or listed without its entries would be a lie. `core.matching` follows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.households.living import Lived
from core.kernel.machine import Transition
from core.kernel.unit import Unit


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a demande has just made."""

    request_id: int
    household_id: int
    former: str
    transition: Transition
    reason: str


Follower = Callable[[Unit, Step], Awaitable[None]]
_followers: dict[str, Follower] = {}


def follow(name: str, follower: Follower) -> None:
    """Have `follower` called after each step of any demande; once per name."""
    _followers[name] = follower


async def tell(unit: Unit, step: Step) -> None:
    """Call the followers, in the order of their names. What one raises undoes the step."""
    for name in sorted(_followers):
        await _followers[name](unit, step)


FactsFollower = Callable[[Unit, int], Awaitable[None]]
_facts_followers: dict[str, FactsFollower] = {}


def follow_facts(name: str, follower: FactsFollower) -> None:
    """Have `follower` called with the demande whose facts or tags have just been written."""
    _facts_followers[name] = follower


async def tell_facts(unit: Unit, request_id: int) -> None:
    """Call the followers of facts, in the order of their names."""
    for name in sorted(_facts_followers):
        await _facts_followers[name](unit, request_id)


Afterwards = Callable[[], Awaitable[None]]
EventFollower = Callable[[Unit, Lived], Awaitable[Afterwards]]
_event_followers: dict[str, EventFollower] = {}


def follow_events(name: str, follower: EventFollower) -> None:
    """Have `follower` called in each life event, once the people have changed and before their
    demandes do; what it returns is called when everything is done."""
    _event_followers[name] = follower


async def tell_event(unit: Unit, lived: Lived) -> list[Afterwards]:
    """Call the followers of life events, in the order of their names."""
    return [await _event_followers[name](unit, lived) for name in sorted(_event_followers)]
