"""What each side of a referral is to read: it does not move any more, or its delay ended it."""

from __future__ import annotations

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.procedure_rules import Procedure
from core.placements.referrals import lock_referral
from core.requests.refresh import BATCH

ALERTS = {
    "stalled": N_("Cette orientation n’avance plus."),
    "expired": N_("Le délai est passé : l’orientation est terminée."),
}
AT_STRUCTURE = ("sent_to_structure", "preadmission")

_STALLED = f"""
SELECT r.id, r.state, r.household_id, s.at AS since FROM referral r
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
CROSS JOIN LATERAL (SELECT max(t.at) AS at FROM referral_state t
  WHERE t.territory_id = r.territory_id AND t.referral_id = r.id) s
WHERE r.state IN ('proposed', 'accepted', 'unanswered', 'sent_to_structure', 'preadmission')
  AND s.at < $1::timestamptz - make_interval(days => coalesce(
    (SELECT p.stall_days FROM referral_procedure p WHERE p.territory_id = r.territory_id
     AND p.kind = v.kind AND p.starts_on <= $2 AND (p.ends_on IS NULL OR p.ends_on > $2)
     AND p.confirmed_at IS NOT NULL ORDER BY p.starts_on DESC, p.id DESC LIMIT 1),
    {Procedure().stall_days}))
  AND NOT EXISTS (SELECT 1 FROM referral_alert a WHERE a.territory_id = r.territory_id
    AND a.referral_id = r.id AND a.kind = 'stalled' AND a.since = s.at)
ORDER BY r.id LIMIT $3
"""  # noqa: S608 made of constants


async def find_stalled(unit: Unit, batch: int = BATCH) -> int:
    """Alert both sides of each open referral whose last step is older than its kind's procedure
    lets it be; how many. The structure is told only of what was sent to it. Told once for each
    step: a referral that moves and stalls again is told of again."""
    rows = await unit.fetch(_STALLED, unit.now, unit.today, batch)
    for row in rows:
        await alert_sides(unit, row["id"], "stalled", structure=row["state"] in AT_STRUCTURE)
        unit.record(
            "referral.stalled", household_id=row["household_id"], subject=("referral", row["id"])
        )
    return len(rows)


async def alert_sides(unit: Unit, referral_id: int, kind: str, *, structure: bool) -> None:
    """Leave the SIAO, and the structure where it had to do with it, something to read."""
    await unit.fetch(
        "INSERT INTO referral_alert (referral_id, side, kind, since, at) "
        "SELECT $1, side, $2, (SELECT max(at) FROM referral_state WHERE referral_id = $1), $3 "
        "FROM unnest($4::text[]) AS side "
        "ON CONFLICT (territory_id, referral_id, side, kind, since) DO NOTHING",
        referral_id,
        kind,
        unit.now,
        ["siao", "structure"] if structure else ["siao"],
    )


async def side_of(unit: Unit, organisation_id: int) -> str:
    """Which side of a referral the actor stands on: who runs the place is the structure."""
    own = unit.scope("referrals.answer_structure").over_places
    return "structure" if own is not None and organisation_id in own else "siao"


async def open_alerts(unit: Unit, referral_id: int, side: str) -> list[str]:
    """The kinds of alert that this side has not read, and that still hold."""
    rows = await unit.fetch(
        "SELECT a.kind FROM referral_alert a WHERE a.referral_id = $1 AND a.side = $2 "
        "AND a.read_at IS NULL AND (a.kind = 'expired' OR a.since = "
        "(SELECT max(t.at) FROM referral_state t WHERE t.referral_id = $1)) ORDER BY a.id",
        referral_id,
        side,
    )
    return [r["kind"] for r in rows]


async def read_alert(unit: Unit, referral_id: int) -> None:
    """The actor's side has read what it was alerted to. NotFound for who is on neither."""
    row = await lock_referral(unit, referral_id)
    if not unit.scope("referrals.read").runs(row["organisation_id"]):
        raise NotFound()
    side = await side_of(unit, row["organisation_id"])
    unit.require("referrals.answer_structure" if side == "structure" else "referrals.follow")
    await unit.fetch(
        "UPDATE referral_alert SET read_at = $3, read_by = $4 "
        "WHERE referral_id = $1 AND side = $2 AND read_at IS NULL",
        referral_id,
        side,
        unit.now,
        unit.actor.account_id,
    )
    unit.record(
        "referral.alert_read", household_id=row["household_id"], subject=("referral", referral_id)
    )
