"""Judging a household's refusal inadmissible: two different people, or nothing happens."""

from __future__ import annotations

from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import reason_from
from core.placements.effects import carry_out
from core.placements.referrals import lock_referral, trace
from core.placements.rules import effect_of, may_judge_inadmissible


async def judge_refusal(unit: Unit, referral_id: int, *, admissible: bool, words: str) -> str:
    """An opinion on a household's refusal; what came of it: 'first', 'inadmissible', 'admissible'.

    The first opinion that the refusal is inadmissible only asks for a second one, by somebody
    else, with its own words. An opinion that it is admissible settles it for the household.
    """
    unit.require("requests.judge_refusal")
    if not words.strip():
        raise Invalid({"words": N_("Un avis sur un refus demande une explication écrite.")})
    row = await lock_referral(unit, referral_id)
    opinions = await unit.fetch(
        "SELECT verb, by FROM referral_state WHERE referral_id = $1 AND verb LIKE 'judge:%' "
        "ORDER BY id",
        referral_id,
    )
    if any(o["verb"] != "judge:first" for o in opinions):
        raise Refused(N_("Ce refus est déjà jugé."))
    said = await unit.row(
        "SELECT r.* FROM referral_state s JOIN refusal_reason r "
        "ON r.territory_id = s.territory_id AND r.id = s.reason_id "
        "WHERE s.referral_id = $1 AND s.state = $2 ORDER BY s.id DESC LIMIT 1",
        referral_id,
        row["state"],
    )
    effect = effect_of(row["state"], reason_from(said) if said else None, inadmissible=True)
    subject = ("referral", referral_id)
    if admissible:
        await trace(unit, referral_id, "judge:admissible", row["state"], words=words)
        unit.record("referral.judged_admissible", household_id=row["household_id"], subject=subject)
        return "admissible"
    if not opinions:
        await trace(unit, referral_id, "judge:first", row["state"], words=words)
        unit.record("referral.judged_once", household_id=row["household_id"], subject=subject)
        return "first"
    verdict = may_judge_inadmissible(opinions[0]["by"] or 0, unit.actor.account_id)
    if verdict.reason is not None:
        raise Refused(verdict.reason.msgid)
    await trace(unit, referral_id, "judge:inadmissible", row["state"], words=words)
    unit.record("referral.judged_inadmissible", household_id=row["household_id"], subject=subject)
    await carry_out(unit, row, effect, why=effect.staff, second_person=True)
    return "inadmissible"
