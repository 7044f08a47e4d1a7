"""Proposing a place: who gets it, on what, and who above was passed over and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.housing.service import lock_vacancy, vacancy_step
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.passing import passing_reason
from core.placements.procedures import delays_of
from core.placements.rules import OPEN_REFERRAL, REFERRAL
from core.placements.snapshot import lock_request, snapshot_of
from core.requests.service import step

PassedOver = tuple[int, int, str, str]
"""(request, its rank, coded reason, words)."""

WHY_NOT = N_("Indiquez pourquoi ce ménage n’est pas proposé.")
TAKEN = N_("Cette place est déjà proposée à un autre ménage.")
GONE = N_("Cette place n’est plus libre.")
IN_WORKS = N_("Cette place est gelée : elle ne peut pas être proposée avant la fin des travaux.")

TOLD_BY = {
    "portal": N_("Sur son espace personnel"),
    "letter": N_("Par courrier"),
    "worker": N_("Par une personne de l’équipe ou le référent"),
}
"""How a household is told of a proposal; the portal shows it whichever it is."""


_PROPOSE = """
WITH made AS (
  INSERT INTO referral (ref, vacancy_id, request_id, household_id, state, proposed_at,
    proposed_by, answer_by, rank, rule_id, snapshot, words, told_by, version)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)
  RETURNING id, state, proposed_at, proposed_by)
INSERT INTO referral_state (referral_id, verb, state, at, by, author, words)
SELECT id, 'propose', state, proposed_at, proposed_by, 'siao', '' FROM made
RETURNING referral_id
"""
"""A referral and the first line of its history, in one statement."""


async def propose(
    unit: Unit,
    vacancy_id: int,
    request_id: int,
    *,
    words: str = "",
    answer_by: datetime | None = None,
    rank: int | None = None,
    passed_over: Sequence[PassedOver] = (),
    judged: Mapping[str, Any] | None = None,
    told_by: str = "portal",
) -> int:
    """Propose a free place to a household; the id of the referral.

    The place is held, the demande is referred, the facts it was decided on are kept. Whoever is
    quicker wins: the others are told that the place is taken. Each of `passed_over` needs a
    coded reason, which that household can read. `judged`: what each criterion answered
    (`Explanation.snapshot`), kept with the facts. `told_by`: one of TOLD_BY. Without
    `answer_by`, the delay is that of the kind's procedure.
    """
    unit.require("referrals.decide")
    if told_by not in TOLD_BY:
        raise Invalid({"told_by": N_("Choisissez une réponse de la liste.")})
    _check_passed(passed_over)
    if await _open_on(unit, vacancy_id):
        # Looked at before the lock: in a rush, those who come late are told without queueing.
        raise Conflict(TAKEN)
    vacancy = await lock_vacancy(unit, vacancy_id)
    if vacancy["state"] == "held" and not await _open_on(unit, vacancy_id):
        held_by_hand = True
    elif vacancy["state"] != "declared":
        raise (
            Conflict(TAKEN)
            if vacancy["state"] == "held"
            else Refused(IN_WORKS if vacancy["state"] == "frozen" else GONE)
        )
    else:
        held_by_hand = False
    request = await lock_request(unit, request_id, vacancy["kind"])
    if answer_by is None:
        days = (await delays_of(unit, vacancy["kind"]))["household_days"]
        answer_by = unit.now + timedelta(days=days)
    if answer_by <= unit.now:
        raise Invalid({"answer_by": N_("Le délai de réponse doit être à venir.")})
    household_id = request["household_id"]
    await unit.let_in("referrals.decide", household_id)
    for obstacle in await unit.obstacles(request_id, vacancy_id):
        raise Refused(obstacle.text.msgid, **obstacle.text.params)
    snapshot = snapshot_of(vacancy, request, rank, len(passed_over), judged)
    if not held_by_hand:
        await vacancy_step(
            unit,
            vacancy_id,
            "hold",
            held_until=answer_by,
            household_id=household_id,
            locked=vacancy,
        )
    if not (request["state"] == "referred" and not await _open_for(unit, request_id)):
        held = {"vacancy_held": True}
        await step(unit, request_id, "refer", facts=held, locked=request, vacancy=vacancy_id)
    referral_id = await unit.value(
        _PROPOSE,
        new_ref(), vacancy_id, request_id, household_id, REFERRAL.start, unit.now,
        unit.actor.account_id, answer_by, rank, request["rule_id"],
        msgspec.json.encode(snapshot).decode(), words, told_by,
    )  # fmt: skip
    unit.record(
        "referral.proposed",
        household_id=household_id,
        subject=("referral", referral_id),
        vacancy=vacancy_id,
        answer_by=answer_by.date().isoformat(),
    )
    await _pass_over(unit, referral_id, request_id, passed_over)
    return int(referral_id)


def _check_passed(passed_over: Sequence[PassedOver]) -> None:
    for _, _, code, words in passed_over:
        try:
            reason = passing_reason(code)
        except KeyError:
            raise Invalid(
                {"passing": N_("Indiquez pourquoi ce ménage n’est pas proposé.")}
            ) from None
        if reason.needs_words and not words.strip():
            raise Invalid({"passing_words": N_("Ce motif demande une explication écrite.")})


async def _pass_over(
    unit: Unit, referral_id: int, chosen: int, passed_over: Sequence[PassedOver]
) -> None:
    for request_id, rank, code, words in passed_over:
        household_id = await unit.value(
            "INSERT INTO passed_over (referral_id, request_id, rank, reason, words) "
            "SELECT $1, id, $3, $4, $5 FROM housing_request WHERE id = $2 AND id <> $6 "
            "RETURNING (SELECT household_id FROM housing_request r WHERE r.id = $2)",
            referral_id,
            request_id,
            rank,
            code,
            words,
            chosen,
        )
        if household_id is None:
            raise NotFound()
        unit.record(
            "referral.passed_over",
            household_id=household_id,
            subject=("request", request_id),
            referral=referral_id,
            reason=code,
        )


async def _open_on(unit: Unit, vacancy_id: int) -> bool:
    return bool(
        await unit.value(
            "SELECT 1 FROM referral WHERE vacancy_id = $1 AND state = ANY($2)",
            vacancy_id,
            list(OPEN_REFERRAL),
        )
    )


async def _open_for(unit: Unit, request_id: int) -> bool:
    return bool(
        await unit.value(
            "SELECT 1 FROM referral WHERE request_id = $1 AND state = ANY($2)",
            request_id,
            list(OPEN_REFERRAL),
        )
    )


async def trace(
    unit: Unit,
    referral_id: int,
    verb: str,
    state: str,
    *,
    author: str = "siao",
    reason_id: int | None = None,
    words: str = "",
    evidence: str = "",
) -> None:
    """A step in a referral's own history."""
    await unit.fetch(
        "INSERT INTO referral_state (referral_id, verb, state, at, by, author, reason_id, words, "
        "evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        referral_id,
        verb,
        state,
        unit.now,
        unit.actor.account_id,
        author,
        reason_id,
        words,
        evidence,
    )


async def lock_referral(unit: Unit, referral_id: int) -> Any:
    """A referral with its vacancy, both locked, and what rules need to know of the rest."""
    row = await unit.row(
        "SELECT r.*, v.state AS vacancy_state, v.kind AS programme_kind, v.unit_id, "
        "p.organisation_id, q.state AS request_state, "
        "(SELECT count(*) FROM referral_state t WHERE t.territory_id = r.territory_id "
        " AND t.referral_id = r.id AND t.verb LIKE 'try:%') AS tries, "
        "EXISTS (SELECT 1 FROM referral_state t WHERE t.territory_id = r.territory_id "
        " AND t.referral_id = r.id AND t.verb LIKE 'judge:%') AS judged, "
        "EXISTS (SELECT 1 FROM placement s WHERE s.territory_id = r.territory_id "
        " AND s.referral_id = r.id AND s.state <> 'cancelled') AS moved_in "
        "FROM referral r JOIN vacancy v ON v.territory_id = r.territory_id "
        "AND v.id = r.vacancy_id "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "JOIN housing_request q ON q.territory_id = r.territory_id AND q.id = r.request_id "
        "WHERE r.id = $1 FOR UPDATE OF r, v",
        referral_id,
    )
    if row is None:
        raise NotFound()
    return row
