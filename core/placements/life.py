"""A life event while a proposal runs: withdrawn with its place freed, or to be checked by both.

Registered as a follower of life events, which happen on a lower storey.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from core.households.changes import EVENT_LABELS, CheckProposal, WithdrawProposal
from core.households.living import Lived
from core.kernel.errors import Denied, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.answers import answer
from core.placements.snapshot import FACT_LABELS, facts_now
from core.requests.followers import follow_events

REASONS = ("household_changed", "other", "place_lost")
"""The SIAO's reason of such a withdrawal: the first of these that the territory still has."""

AT_STRUCTURE = ("sent_to_structure", "preadmission", "admitted")
SETTLED = N_("Ce changement est déjà traité.")


async def follow_life_event(unit: Unit, lived: Lived) -> Callable[[], Awaitable[None]]:
    """Withdraw what cannot go on, and note what is to be checked, with the facts that differ."""
    checks: list[tuple[int, int, dict[str, Any]]] = []
    for change in lived.changes:
        if isinstance(change, WithdrawProposal):
            await _withdraw(unit, change.referral_id, lived.life_event_id)
        elif isinstance(change, CheckProposal):
            request_id = await unit.value(
                "SELECT request_id FROM referral WHERE id = $1", change.referral_id
            )
            checks.append((change.referral_id, request_id, await facts_now(unit, request_id)))

    async def afterwards() -> None:
        for referral_id, request_id, before in checks:
            after = await facts_now(unit, request_id)
            await _ask(unit, lived, referral_id, before, after)

    return afterwards


follow_events("placements", follow_life_event)


async def _withdraw(unit: Unit, referral_id: int, life_event_id: int) -> None:
    row = await unit.row("SELECT state FROM referral WHERE id = $1", referral_id)
    assert row is not None
    kind = await unit.value("SELECT kind FROM life_event WHERE id = $1", life_event_id)
    await _take_back(unit, referral_id, EVENT_LABELS[kind])
    await unit.fetch(
        "UPDATE referral_review SET outcome = 'withdrawn', settled_at = $2, settled_by = $3 "
        "WHERE referral_id = $1 AND outcome IS NULL",
        referral_id,
        unit.now,
        unit.actor.account_id,
    )
    # Not settled: it stays in the queue of each side that had to do with it until it is read.
    for side in ("siao", "structure") if row["state"] in AT_STRUCTURE else ("siao",):
        await unit.fetch(
            "INSERT INTO referral_review (referral_id, life_event_id, side, after, before, at, by, "
            "outcome) VALUES ($1, $2, $3, '{}', '{}', $4, $5, 'withdrawn')",
            referral_id,
            life_event_id,
            side,
            unit.now,
            unit.actor.account_id,
        )


async def _take_back(unit: Unit, referral_id: int, words: str) -> None:
    """Withdraw, for the reason in force that fits best."""
    code = await unit.value(
        "SELECT code FROM refusal_reason WHERE author = 'siao' AND starts_on <= $1 "
        "AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY array_position($2::text[], code) NULLS LAST, id LIMIT 1",
        unit.today,
        list(REASONS),
    )
    with unit.consequence():
        await answer(unit, referral_id, "withdraw", reason_code=code, words=words)


async def _ask(
    unit: Unit, lived: Lived, referral_id: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    differ = [name for name in FACT_LABELS if before[name] != after[name]]
    if not differ:
        return
    await unit.fetch(
        "INSERT INTO referral_review (referral_id, life_event_id, before, after, at, by) "
        "VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (territory_id, referral_id) WHERE outcome IS NULL "
        # A second event before the first is looked at: what stood at first against what stands now.
        "DO UPDATE SET before = excluded.before || referral_review.before, "
        "after = referral_review.after || excluded.after, life_event_id = excluded.life_event_id",
        referral_id,
        lived.life_event_id,
        msgspec.json.encode({n: before[n] for n in differ}).decode(),
        msgspec.json.encode({n: after[n] for n in differ}).decode(),
        unit.now,
        unit.actor.account_id,
    )
    household_id = await unit.value("SELECT household_id FROM referral WHERE id = $1", referral_id)
    unit.record("referral.to_check", household_id=household_id, subject=("referral", referral_id))


_REVIEW = """
SELECT w.id, w.before, w.after, w.at, w.outcome, a.name AS author, e.kind, e.on_date
FROM referral_review w JOIN life_event e ON e.territory_id = w.territory_id
  AND e.id = w.life_event_id
JOIN referral r ON r.territory_id = w.territory_id AND r.id = w.referral_id
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN account a ON a.id = w.by
WHERE w.referral_id = $1 AND w.settled_at IS NULL
  AND w.side IN ('', CASE WHEN p.organisation_id = ANY($2::bigint[]) THEN 'structure'
                     ELSE 'siao' END)
ORDER BY w.id DESC LIMIT 1
"""


def _runs(unit: Unit) -> list[int]:
    """The organisations for which the actor stands on the structure's side of a referral."""
    return unit.scope("referrals.answer_structure").over_places or []


async def open_review(unit: Unit, referral_id: int) -> dict[str, Any] | None:
    """What waits for a decision, or to be read, on a referral whose household changed."""
    row = await unit.row(_REVIEW, referral_id, _runs(unit))
    if row is None:
        return None
    before, after = msgspec.json.decode(row["before"]), msgspec.json.decode(row["after"])
    differences = [
        (name, label, before[name], after[name])
        for name, label in FACT_LABELS.items()
        if name in after and before[name] != after[name]
    ]
    return {**dict(row), "differences": differences}


async def settle_review(unit: Unit, referral_id: int, decision: str) -> None:
    """Confirm the proposal to the household as it is now, withdraw it, or say that one has read.

    Either side confirms; only who may decide withdraws. Raises Refused when it is settled.
    """
    row = await unit.row(
        "SELECT w.id, w.outcome, r.household_id, p.organisation_id "
        "FROM referral_review w JOIN referral r ON r.territory_id = w.territory_id "
        "AND r.id = w.referral_id "
        "JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE w.referral_id = $1 AND w.settled_at IS NULL AND w.side IN ('', "
        "CASE WHEN p.organisation_id = ANY($2::bigint[]) THEN 'structure' ELSE 'siao' END) "
        "ORDER BY w.id DESC LIMIT 1 FOR UPDATE OF w",
        referral_id,
        _runs(unit),
    )
    if row is None:
        raise Refused(SETTLED)
    _may_settle(unit, row, decision)
    outcome = {"confirmer": "confirmed", "retirer": "withdrawn"}.get(decision, row["outcome"])
    if decision == "retirer":
        await _take_back(unit, referral_id, "")
    await unit.fetch(
        "UPDATE referral_review SET outcome = $2, settled_at = $3, settled_by = $4 WHERE id = $1",
        row["id"],
        outcome,
        unit.now,
        unit.actor.account_id,
    )
    if decision == "confirmer":
        unit.record(
            "referral.change_confirmed",
            household_id=row["household_id"],
            subject=("referral", referral_id),
        )


def _may_settle(unit: Unit, row: Any, decision: str) -> None:
    """A check is confirmed or withdrawn; what was withdrawn by the event is only read."""
    waits = row["outcome"] is None
    if decision not in (("confirmer", "retirer") if waits else ("lu",)):
        raise Refused(SETTLED)
    if not unit.scope("referrals.read").runs(row["organisation_id"]):
        raise NotFound()
    if decision == "retirer":
        unit.require("referrals.decide")
        return
    try:
        unit.require("referrals.follow")
    except Denied:
        unit.require("referrals.answer_structure")
