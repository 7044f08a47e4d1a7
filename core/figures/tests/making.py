"""Households that waited, were referred and answered, for the tests of figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.kernel.clock import StillClock
from core.kernel.unit import Unit
from core.placements.service import answer, propose
from core.placements.tests.making import place
from core.requests.tests.making import listed

NO = "Dit au téléphone"


async def waited(unit: Unit, days: int, **about: Any) -> int:
    """A demande on the list whose seniority is that old."""
    request_id = await listed(unit, **about)
    await unit.fetch(
        "WITH moved AS (UPDATE housing_request SET seniority_on = $2 WHERE id = $1) "
        "UPDATE waiting_entry SET seniority_on = $2 WHERE request_id = $1",
        request_id,
        unit.today - timedelta(days=days),
    )
    return request_id


async def referred(
    unit: Unit, programme_id: int, outcome: str, days: int = 100, **about: Any
) -> int:
    """A referral brought to an outcome: admit, refuse (by the structure), decline, or open."""
    request_id = await waited(unit, days, **about)
    referral_id = await propose(unit, await place(unit, programme_id), request_id)
    if outcome == "open":
        return referral_id
    if outcome == "decline":
        await answer(unit, referral_id, "decline", reason_code="location", words=NO, oral=True)
        return referral_id
    await answer(unit, referral_id, "accept", words=NO, oral=True)
    await answer(unit, referral_id, "send")
    if outcome == "refuse":
        await answer(unit, referral_id, "refuse", reason_code="unsuitable_size", words="Trop petit")
    else:
        await answer(unit, referral_id, "admit")
    return referral_id


def pass_days(clock: StillClock, days: int) -> None:
    """Let that many days go by."""
    clock.set(clock.now() + timedelta(days=days))
