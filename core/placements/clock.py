"""The clock of a household's answer: when it stands still, and when it runs again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.housing.service import vacancy_step
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.service import follow_answers
from core.placements.procedures import procedure_of
from core.placements.referrals import lock_referral

PENDING = ("asked", "planned")
"""States in which a visit is still to come."""


def is_late(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether the delay of an answer has gone by; one that stands still does not go by."""
    return row["answer_by"] is not None and (row["paused_at"] or now) > row["answer_by"]


async def pauses(unit: Unit, kind: str, what: str) -> bool:
    """Whether the procedure of a kind stops the clock for a `question` or a `visit`."""
    row = await procedure_of(unit, kind)
    return bool(row[f"{what}_pauses"]) if row else True


async def stop(unit: Unit, row: Mapping[str, Any], what: str) -> bool:
    """Stop the clock where the procedure says so; whether it stands still now."""
    if row["paused_at"] is not None:
        return True
    if not await pauses(unit, row["programme_kind"], what):
        return False
    await unit.fetch(
        "UPDATE referral SET paused_at = $2, version = version + 1 WHERE id = $1",
        row["id"],
        unit.now,
    )
    return True


_WAITED_FOR = """
SELECT EXISTS (SELECT 1 FROM exchange WHERE about_kind = 'referral' AND about_id = $1
    AND answered_at IS NULL) AS question,
  EXISTS (SELECT 1 FROM referral_visit WHERE referral_id = $1 AND state = ANY($2)) AS visit
"""


async def run_again(unit: Unit, referral_id: int) -> None:
    """Let the clock run again once nothing it waited for is left; the days it stood are given
    back, and the place stays held as long."""
    row = await lock_referral(unit, referral_id)
    if row["paused_at"] is None:
        return
    left = await unit.row(_WAITED_FOR, referral_id, list(PENDING))
    assert left is not None
    for what in ("question", "visit"):
        if left[what] and await pauses(unit, row["programme_kind"], what):
            return
    until = row["answer_by"]
    if until is not None:
        until += unit.now - row["paused_at"]
    await unit.fetch(
        "UPDATE referral SET paused_at = NULL, answer_by = $2, version = version + 1 WHERE id = $1",
        referral_id,
        until,
    )
    if until is not None and row["vacancy_state"] == "held":
        with unit.consequence():
            await vacancy_step(
                unit,
                row["vacancy_id"],
                "extend",
                held_until=until,
                reason=N_("Délai de réponse repris après une pause."),
            )


follow_answers("referral", run_again)


async def call_off_visits(unit: Unit, referral_id: int) -> None:
    """What was still to be visited is not any more: the proposal has ended."""
    await unit.fetch(
        "UPDATE referral_visit SET state = 'cancelled', settled_at = $2, settled_by = $3 "
        "WHERE referral_id = $1 AND state = ANY($4)",
        referral_id,
        unit.now,
        unit.actor.account_id,
        list(PENDING),
    )
