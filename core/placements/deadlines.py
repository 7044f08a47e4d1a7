"""The daily look at deadlines: silences, proposals that ran out, holds and works that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.housing.service import vacancy_step
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import TRIES, answer
from core.placements.referrals import lock_referral, trace
from core.requests.refresh import BATCH

GRACE_DAYS = 7
"""Days between "no answer" and the end of a proposal: a late yes still counts then."""


async def expire_overdue(unit: Unit) -> dict[str, int]:
    """Carry out what deadlines say today, a batch at a time; how many of each moved.

    A silence is only noted after three traced tries, and a structure's delay never ends a
    referral by itself: a person of the SIAO does.
    """
    silent = await unit.fetch(
        "SELECT r.id FROM referral r WHERE r.state = 'proposed' AND r.answer_by < $1 "
        "AND (SELECT count(*) FROM referral_state t WHERE t.territory_id = r.territory_id "
        "AND t.referral_id = r.id AND t.verb LIKE 'try:%') >= $2 ORDER BY r.id LIMIT $3",
        unit.now,
        TRIES,
        BATCH,
    )
    for row in silent:
        await answer(unit, row["id"], "mark_unanswered")
    over = await unit.fetch(
        "SELECT id FROM referral WHERE state = 'unanswered' AND answer_by < $1 "
        "ORDER BY id LIMIT $2",
        unit.now - timedelta(days=GRACE_DAYS),
        BATCH,
    )
    for row in over:
        await answer(unit, row["id"], "expire")
    holds = await unit.fetch(
        "SELECT v.id FROM vacancy v WHERE v.state = 'held' AND v.held_until < $1 "
        "AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.territory_id = v.territory_id "
        "AND r.vacancy_id = v.id AND r.state IN "
        "('proposed', 'accepted', 'unanswered', 'sent_to_structure', 'preadmission')) "
        "ORDER BY v.id LIMIT $2",
        unit.now,
        BATCH,
    )
    for row in holds:
        await vacancy_step(unit, row["id"], "expire_hold")
    works = await unit.fetch(
        "SELECT id FROM vacancy WHERE state = 'frozen' AND frozen_until < $1 ORDER BY id LIMIT $2",
        unit.today,
        BATCH,
    )
    for row in works:
        await vacancy_step(unit, row["id"], "unfreeze")
    return {
        "unanswered": len(silent),
        "expired": len(over),
        "holds": len(holds),
        "works": len(works),
    }


async def move_deadline(unit: Unit, referral_id: int, until: datetime) -> None:
    """Give more time to whoever must answer; the place stays held as long."""
    unit.require("referrals.follow")
    row = await lock_referral(unit, referral_id)
    if until <= unit.now:
        raise Invalid({"answer_by": N_("Le délai de réponse doit être à venir.")})
    await unit.fetch(
        "UPDATE referral SET answer_by = $2, version = version + 1 WHERE id = $1",
        referral_id,
        until,
    )
    if row["vacancy_state"] == "held":
        with unit.consequence():
            await vacancy_step(
                unit,
                row["vacancy_id"],
                "extend",
                held_until=until,
                reason=N_("Délai de l’orientation prolongé."),
            )
    await trace(unit, referral_id, "move_deadline", row["state"])
    unit.record(
        "referral.deadline_moved",
        household_id=row["household_id"],
        subject=("referral", referral_id),
        until=until.date().isoformat(),
    )
