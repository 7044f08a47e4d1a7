"""A life event on the demande's side: carried along, joined, ended, or to look at again."""

from __future__ import annotations

from collections.abc import Mapping

from core.households import changes as c
from core.households.changes import HERE, LifeEvent
from core.households.living import Lived, carry_out
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.requests import followers
from core.requests.facts import rebuild_facts, rebuild_facts_of
from core.requests.rules import MACHINE, separate
from core.requests.seniority import move_seniority
from core.requests.steps import lock, step, write_state
from core.requests.tables import HousingRequest

REASONS = {"joined": "Les deux ménages n’en font plus qu’un.", "death": "Décès."}
"""Why an event ends a demande, for its history."""


async def live_event(
    unit: Unit, household_id: int, event: LifeEvent, *, names: tuple[str, str] | None = None
) -> Lived:
    """Carry out a life event whole: people first, then their demandes, in one transaction.

    After a separation every adult keeps the original seniority; two demandes that become one
    keep the oldest. Raises Refused with the plan's reason. `names`: of a child not yet recorded.
    """
    lived = await carry_out(unit, household_id, event, names=names)
    afterwards = await followers.tell_event(unit, lived)
    for change in lived.changes:
        match change:
            case c.CarryRequest(request_id, which, _):
                await carry(unit, request_id, lived.households[which], event.kind)
                if which == HERE:
                    await _end(unit, request_id, "joined")
            case c.KeepOldestSeniority(request_id, seniority):
                reason = REASONS["joined"]
                await move_seniority(unit, request_id, seniority, "oldest_kept", reason)
            case c.EndRequest(request_id, reason):
                await _end(unit, request_id, reason)
                if reason == "joined":
                    await _joined(unit, request_id, household_id, event.kind)
            case c.ReviewRequest(request_id):
                row = await lock(unit, request_id)
                _to_review(unit, request_id, row["household_id"])
    for household in lived.households.values():
        await rebuild_facts_of(unit, household)
    for then in afterwards:
        await then()
    return lived


async def _joined(unit: Unit, request_id: int, household_id: int, cause: str) -> None:
    """The demande of who joins ends, and the household's own takes up what held of them."""
    kept = await unit.value(
        "SELECT id FROM housing_request WHERE household_id = $1 "
        "AND state NOT IN ('closed', 'cancelled', 'refused') ORDER BY id LIMIT 1",
        household_id,
    )
    if kept is not None:
        unit.record(
            "request.joined",
            household_id=household_id,
            subject=("request", kept),
            original=request_id,
            cause=cause,
        )


async def carry(unit: Unit, request_id: int, household_id: int, cause: str = "") -> int | None:
    """Give another household its own copy of a demande, at the same place and seniority.

    Returns the new demande's id; None when the original had ended. What was decided for the
    former composition is to be reviewed. Words written in confidence do not travel. `cause`: the
    life event that does it.
    """
    row = await lock(unit, request_id)
    own = separate(row["state"], row["first_sent_on"], row["seniority_on"])
    if own is None:
        return None
    copy = HousingRequest(
        ref=new_ref(),
        household_id=household_id,
        state=own.state,
        reason_code=row["reason_code"],
        first_sent_on=own.first_sent_on,
        last_sent_on=row["last_sent_on"],
        seniority_on=own.seniority_on,
        refresh_due=row["refresh_due"],
        organisation_id=row["organisation_id"],
        created_at=unit.now,
        created_by=unit.actor.account_id,
    )
    await copy.save()
    await write_state(unit, copy.id, "carried", own.state, "")
    await unit.fetch(
        "INSERT INTO recommendation (request_id, rank, kind, support, why, by, starts_at) "
        "SELECT $2, rank, kind, support, '', by, $3 FROM recommendation "
        "WHERE request_id = $1 AND ends_at IS NULL",
        request_id,
        copy.id,
        unit.now,
    )
    await rebuild_facts(unit, copy.id)
    unit.record(
        "request.carried",
        household_id=household_id,
        subject=("request", copy.id),
        original=request_id,
        cause=cause,
    )
    if own.review_needed:
        _to_review(unit, copy.id, household_id)
    await _follow_to_the_list(unit, copy.id, household_id, own.state)
    return int(copy.id)


async def _follow_to_the_list(unit: Unit, request_id: int, household_id: int, state: str) -> None:
    """A demande that was waiting waits here too: its entries are made as when it is listed."""
    listing = MACHINE.find("validated", "list")
    if state == "waiting" and listing is not None:
        await followers.tell(
            unit, followers.Step(request_id, household_id, "validated", listing, "")
        )


async def _end(unit: Unit, request_id: int, reason: str) -> None:
    """End a demande because of an event. One with a proposal under way is left to whoever
    follows the proposal: it is marked to look at."""
    row: Mapping[str, object] = await lock(unit, request_id)
    words = REASONS.get(reason, reason)
    for verb in ("close_otherwise", "cancel"):
        if MACHINE.find(str(row["state"]), verb):
            with unit.consequence():
                await step(unit, request_id, verb, reason=words)
            return
    _to_review(unit, request_id, int(str(row["household_id"])))


def _to_review(unit: Unit, request_id: int, household_id: int) -> None:
    unit.record("request.to_review", household_id=household_id, subject=("request", request_id))
