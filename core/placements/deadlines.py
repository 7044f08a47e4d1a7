"""The daily look at deadlines: silences, proposals that ran out, holds and works that are over."""

from __future__ import annotations

from datetime import datetime

from core.housing.service import vacancy_step
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.alerts import alert_sides
from core.placements.answers import TRIES, answer
from core.placements.procedure_rules import Procedure
from core.placements.referrals import lock_referral, trace
from core.requests.refresh import BATCH

_GRACE = f"""
coalesce((SELECT p.grace_days FROM referral_procedure p WHERE p.territory_id = r.territory_id
  AND p.kind = v.kind AND p.starts_on <= $2 AND (p.ends_on IS NULL OR p.ends_on > $2)
  AND p.confirmed_at IS NOT NULL ORDER BY p.starts_on DESC, p.id DESC LIMIT 1),
  {Procedure().grace_days})
"""  # noqa: S608 made of constants
"""Days between the end of a delay and that of the proposal: a late answer still counts then."""

_OVER = f"""
SELECT r.id, r.state FROM referral r
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
WHERE r.state IN ('proposed', 'unanswered', 'sent_to_structure', 'preadmission')
  AND r.paused_at IS NULL AND r.answer_by < $1
  AND r.answer_by + make_interval(days => {_GRACE}) < $1
ORDER BY r.id LIMIT $3
"""  # noqa: S608 made of constants


async def expire_overdue(unit: Unit) -> dict[str, int]:
    """Carry out what deadlines say today, a batch at a time; how many of each moved.

    A silence is noted after three traced tries. Past the grace of the kind's procedure a proposal
    that nobody answered ends, household or structure: the place is free again and the household
    is back on its list with its seniority, so that nobody is held by somebody else's silence.
    What waits for the SIAO itself (an accord to send) never ends by itself.
    """
    silent = await unit.fetch(
        "SELECT r.id FROM referral r WHERE r.state = 'proposed' AND r.answer_by < $1 "
        "AND r.paused_at IS NULL "
        "AND (SELECT count(*) FROM referral_state t WHERE t.territory_id = r.territory_id "
        "AND t.referral_id = r.id AND t.verb LIKE 'try:%') >= $2 ORDER BY r.id LIMIT $3",
        unit.now,
        TRIES,
        BATCH,
    )
    for row in silent:
        await answer(unit, row["id"], "mark_unanswered")
    over = await unit.fetch(_OVER, unit.now, unit.today, BATCH)
    for row in over:
        await answer(unit, row["id"], "expire")
        there = row["state"] in ("sent_to_structure", "preadmission")
        await alert_sides(unit, row["id"], "expired", structure=there)
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
