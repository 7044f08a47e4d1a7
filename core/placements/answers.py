"""What each side answers to a referral (household, structure, SIAO), and what follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from core.households.scope import opens
from core.kernel.errors import Invalid, NotFound
from core.kernel.machine import Transition
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.clock import call_off_visits, is_late
from core.placements.effects import carry_out
from core.placements.lifecycle import ALLOWED, REASON, SAID
from core.placements.procedures import admitted_refusals, delays_of
from core.placements.referrals import lock_referral, trace
from core.placements.rules import (
    REFERRAL,
    Effect,
    RefusalReason,
    effect_of,
    effect_of_reopening,
    may_use,
)

TRIES = 3
DELAYS = {"send": "structure_days", "preadmit": "preadmission_days"}
"""Which delay of the kind's procedure begins with an act."""

ORAL = {
    "accept": "accept_orally",
    "decline": "decline_orally",
    "undo_answer": "undo_answer_orally",
    "decline_after": "decline_after_orally",
}
STRUCTURE_VERBS = frozenset({"preadmit", "admit", "refuse"})
AFTER = frozenset({"sent_to_structure", "preadmission", "admitted"})
CHANNELS = {
    "phone": N_("Téléphone"),
    "sms": N_("SMS"),
    "email": N_("Courriel"),
    "letter": N_("Courrier"),
    "visit": N_("Rencontre"),
    "key_worker": N_("Par le référent"),
}
"""How one tried to reach a household."""


def author_of(verb: str) -> str:
    """Whose act it is: the household's, the structure's or the SIAO's."""
    if verb in STRUCTURE_VERBS:
        return "structure"
    return "household" if verb.startswith(("accept", "decline", "undo")) else "siao"


def spoken(state: str, verb: str, oral: bool) -> str:
    """The machine's verb for what was answered: by whom it was told, and how late it comes."""
    if verb == "accept" and state == "unanswered":
        return "accept_late"
    if verb == "decline" and state in AFTER:
        verb = "decline_after"
    if verb == "expire" and state in ("sent_to_structure", "preadmission"):
        return "expire_at_structure"
    return ORAL.get(verb, verb) if oral else verb


async def answer(
    unit: Unit,
    referral_id: int,
    verb: str,
    *,
    reason_code: str | None = None,
    words: str = "",
    oral: bool = False,
    evidence: str = "",
) -> Transition:
    """One step of a referral, with all its effects.

    `oral`: someone else notes the household's answer; `words` then says who gave it, and how.
    A refusal names one of its author's dated reasons; `evidence` notes what was shown, where the
    reason asks a professional for it. Raises Invalid beside the field that
    lacks something, Refused when the step is not possible.
    """
    row = await lock_referral(unit, referral_id)
    verb = spoken(row["state"], verb, oral)
    reason_id, reason = await _reason(unit, author_of(verb), reason_code)
    found = REFERRAL.find(row["state"], verb)
    if found is not None:
        unit.require(found.permission)
    await within_scope(unit, row, found.permission if found else "referrals.read")
    needs = {need.key for need in found.needs} if found else set()
    admitted = await admitted_refusals(unit, row["programme_kind"])
    _check_words(row, verb, needs, reason, words, admitted)
    if reason is not None and reason.author != "household" and "reason" in needs:
        check_evidence(reason, evidence)
    facts = _facts(unit, row, reason, words, admitted)
    transition = REFERRAL.apply(row["state"], verb, facts)
    await _move(unit, row, transition, reason_id, words, evidence)
    await carry_out(
        unit,
        row,
        _effect(row["state"], transition, reason),
        why=transition.staff,
        held_until=row["answer_by"],
    )
    return transition


def check_evidence(reason: RefusalReason, evidence: str) -> None:
    """A reason that asks for evidence needs a note of what was shown."""
    if reason.evidence and not evidence.strip():
        raise Invalid({"evidence": N_("Ce motif demande de noter ce qui a été montré.")})


async def _move(
    unit: Unit,
    row: Mapping[str, Any],
    transition: Transition,
    reason_id: int | None,
    words: str,
    evidence: str,
) -> None:
    answer_by = row["answer_by"]
    if transition.verb in DELAYS:
        days = (await delays_of(unit, row["programme_kind"]))[DELAYS[transition.verb]]
        answer_by = unit.now + timedelta(days=days)
    elif transition.verb.startswith("undo"):
        answer_by = max(answer_by or unit.now, unit.now + timedelta(days=2))
    await unit.fetch(
        "UPDATE referral SET state = $2, answer_by = $3, paused_at = NULL, version = version + 1 "
        "WHERE id = $1",
        row["id"],
        transition.target,
        answer_by,
    )
    if row["state"] == "proposed" and transition.target != "accepted":
        await call_off_visits(unit, row["id"])
    author = author_of(transition.verb)
    await trace(
        unit,
        row["id"],
        transition.verb,
        transition.target,
        author=author,
        reason_id=reason_id,
        words=words,
        evidence=evidence.strip(),
    )
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("referral", row["id"]),
        request=row["request_id"],
        author=author,
    )


def _effect(former: str, transition: Transition, reason: RefusalReason | None) -> Effect:
    if transition.verb.startswith("undo"):
        return effect_of_reopening(former)
    return effect_of(transition.target, reason, moved_from_filled=former == "admitted")


def _facts(
    unit: Unit,
    row: Mapping[str, Any],
    reason: RefusalReason | None,
    words: str,
    admitted: Collection[str],
) -> dict[str, bool]:
    late = is_late(row, unit.now)
    kind = row["programme_kind"]
    said = bool(words.strip())
    author = reason.author if reason else "siao"
    allowed = reason is not None and bool(
        may_use(reason, author, programme_kind=kind, words="x", admitted=admitted)
    )
    return {
        "before_deadline": not late,
        "deadline_passed": late,
        "oral_answer_noted": said,
        "reason": reason is not None,
        "reason_allowed": allowed,
        "worded": reason is not None
        and bool(may_use(reason, author, programme_kind=kind, words=words, admitted=admitted)),
        "three_tries": row["tries"] >= TRIES,
        "can_be_undone": row["state"] == "accepted"
        or (not row["judged"] and row["request_state"] == "waiting"),
        "vacancy_held": row["vacancy_state"] == "held",
        "vacancy_available": row["vacancy_state"]
        == ("held" if row["state"] == "accepted" else "declared"),
        "not_moved_in": not row["moved_in"],
    }


def _check_words(
    row: Mapping[str, Any],
    verb: str,
    needs: set[str],
    reason: RefusalReason | None,
    words: str,
    admitted: Collection[str],
) -> None:
    """What a form lacks, beside its field; the machine would say it without a place."""
    if "reason" in needs and reason is None:
        raise Invalid({"reason_code": REASON.message})
    if "oral_answer_noted" in needs and not words.strip():
        raise Invalid({"words": SAID.message})
    if reason is None or "reason" not in needs:
        return
    kind, author = row["programme_kind"], reason.author
    verdict = may_use(reason, author, programme_kind=kind, words="x", admitted=admitted)
    if not verdict:
        raise Invalid({"reason_code": str(verdict.reason or ALLOWED.message)})
    verdict = may_use(reason, author, programme_kind=kind, words=words, admitted=admitted)
    if not verdict:
        raise Invalid({"words": str(verdict.reason)})


async def _reason(
    unit: Unit, author: str, code: str | None
) -> tuple[int | None, RefusalReason | None]:
    """The territory's own reason in force today; an author's list is closed to the others."""
    if not code:
        return None, None
    row = await unit.row(
        "SELECT * FROM refusal_reason WHERE author = $1 AND code = $2 AND starts_on <= $3 "
        "AND (ends_on IS NULL OR ends_on > $3) ORDER BY starts_on DESC LIMIT 1",
        author,
        code,
        unit.today,
    )
    if row is None:
        raise Invalid({"reason_code": ALLOWED.message})
    return row["id"], reason_from(row)


def reason_from(row: Mapping[str, Any]) -> RefusalReason:
    """A row of refusal_reason as rules read it."""
    return RefusalReason(
        author=row["author"],
        code=row["code"],
        label=row["label"],
        label_en=row["label"],
        plain=row["plain"],
        admissible=row["admissible"],
        binds_household=row["binds_household"],
        keeps_seniority=row["keeps_seniority"],
        needs_words=row["needs_words"],
        evidence=row["evidence"],
        contestable=row["contestable"],
    )


async def within_scope(unit: Unit, row: Mapping[str, Any], permission: str) -> None:
    """A resident answers its own, a structure for what it runs, a prescriber for its files."""
    if unit.actor.kind in ("resident", "helper"):
        inside = unit.scopes is None or await unit.value(
            "SELECT 1 FROM membership m WHERE m.household_id = $1 AND m.person_id = $2 "
            "AND m.role <> 'child' AND m.starts_on <= $3 "
            "AND (m.ends_on IS NULL OR m.ends_on > $3)",
            row["household_id"],
            unit.actor.person_id,
            unit.today,
        )
    else:
        inside = unit.scope(permission).runs(row["organisation_id"]) or await opens(
            unit, row["household_id"], permission
        )
    if not inside:
        raise NotFound()


async def record_try(unit: Unit, referral_id: int, channel: str, words: str = "") -> int:
    """One traced try to reach the household about its proposal; how many there are now."""
    unit.require("referrals.answer_for_household")
    row = await lock_referral(unit, referral_id)
    await within_scope(unit, row, "referrals.answer_for_household")
    if channel not in CHANNELS:
        raise Invalid({"channel": N_("Choisissez une réponse de la liste.")})
    await trace(unit, referral_id, f"try:{channel}", row["state"], words=words)
    unit.record(
        "referral.try_traced",
        household_id=row["household_id"],
        subject=("referral", referral_id),
        channel=channel,
    )
    return int(row["tries"]) + 1
