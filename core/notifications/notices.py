"""Notices: that there is news and where; who is sent one, and what the team does with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.households.scope import visible
from core.households.stops import stop_messages, stopped
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.rules import CHANNELS

NO_LONGER = N_("Cet envoi n’attend plus.")

# One notice at a time: while one waits, or while one that left was not followed by a visit,
# there is nothing more to say. Nobody is told of what they did themselves, or let do.
_NOTIFY = f"""
INSERT INTO outgoing_message (person_id, household_id, event_id, channel, template, params, state,
                              created_at)
SELECT p.id, $2, $3,
       CASE WHEN p.email <> '' THEN 'email' WHEN p.phone <> '' THEN 'sms' ELSE 'letter' END,
       'notice', '{{}}', 'waiting', $4
FROM person p
LEFT JOIN resident_account r ON r.territory_id = p.territory_id AND r.person_id = p.id
WHERE p.id = ANY($1::bigint[]) AND p.died_on IS NULL
  AND NOT {stopped("p")}
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.territory_id = p.territory_id AND e.id = $3
                  AND (e.actor_id = r.account_id OR e.on_behalf_of = p.id))
  AND NOT EXISTS (
    SELECT 1 FROM outgoing_message o
    WHERE o.territory_id = p.territory_id AND o.person_id = p.id AND o.channel <> 'portal'
      AND o.state IN ('sent', 'told') AND o.sent_at > $4::timestamptz - interval '3 days'
      AND NOT EXISTS (SELECT 1 FROM session n WHERE n.account_id = r.account_id
                      AND n.seen_at > o.sent_at))
ON CONFLICT DO NOTHING
RETURNING id
"""  # noqa: S608 made of constants


async def notify(
    unit: Unit, people: Sequence[int], *, household_id: int | None, event_id: int | None
) -> int:
    """A notice for those who have none on its way; returns how many."""
    rows = await unit.fetch(_NOTIFY, list(people), household_id, event_id, unit.now)
    return len(rows)


# Over the households that the actor may see: $1 are the organisations whose files those are
# (NULL: every file here), $2 today.
_OUTSIDE = f"""
FROM outgoing_message o
JOIN person p ON p.territory_id = o.territory_id AND p.id = o.person_id
JOIN household h ON h.territory_id = o.territory_id AND h.id = o.household_id
WHERE o.channel <> 'portal' AND o.state IN ('waiting', 'failed')
  AND ({visible("o.household_id", "$1", "$2")})
"""

_LIST = f"""
SELECT o.id, o.channel, o.state, o.tries, o.error, o.next_at, o.created_at, p.ref, p.given_name,
       p.family_name, p.phone, h.ref AS household_ref
{_OUTSIDE}
  AND ($3::text IS NULL OR o.channel = $3)
  AND ($4::text IS NULL OR (o.created_at, o.id) > (
    SELECT l.created_at, l.id FROM outgoing_message l JOIN person q ON q.id = l.person_id
    WHERE q.ref = $4 AND l.channel <> 'portal' AND l.state IN ('waiting', 'failed')))
ORDER BY o.created_at, o.id LIMIT $5
"""  # noqa: S608 made of constants

_COUNTS = f"SELECT o.channel, o.state, count(*) AS n {_OUTSIDE} GROUP BY o.channel, o.state"

_ONE = f"""
SELECT o.id, o.channel, o.state, p.id AS person_id, p.ref, p.given_name, p.family_name, p.language
{_OUTSIDE} AND p.ref = $3
"""


def _files(unit: Unit) -> list[int] | None:
    return unit.scope("messages.read").over_files


async def notices(
    unit: Unit,
    *,
    channel: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Any]:
    """What has not left, the oldest first, over the households that the actor may see.

    `after`: the reference of the last row's person.
    """
    wanted = channel if channel in CHANNELS else None
    return await unit.fetch(_LIST, _files(unit), unit.today, wanted, after, limit)


async def count_notices(unit: Unit) -> dict[tuple[str, str], int]:
    """How many have not left, by (channel, state)."""
    rows = await unit.fetch(_COUNTS, _files(unit), unit.today)
    return {(r["channel"], r["state"]): r["n"] for r in rows}


async def notice_of(unit: Unit, person_ref: str) -> Any:
    """What has not left for one person of the actor's households; NotFound when nothing is."""
    row = await unit.row(_ONE, _files(unit), unit.today, person_ref)
    if row is None:
        raise NotFound(NO_LONGER)
    return row


async def _locked(unit: Unit, person_ref: str) -> Any:
    unit.require("messages.answer")
    row = await notice_of(unit, person_ref)
    # Whoever sends it holds it until it has left: then there is nothing left to do about it.
    still = await unit.value(
        "SELECT state FROM outgoing_message WHERE id = $1 FOR UPDATE", row["id"]
    )
    if still not in ("waiting", "failed"):
        raise Refused(NO_LONGER)
    return row


async def try_again(unit: Unit, person_ref: str) -> None:
    """Try at once, whatever failed before: the address may be right by now.

    The channel is chosen again too: an e-mail that was taken off becomes a phone call.
    """
    row = await _locked(unit, person_ref)
    await unit.fetch(
        "UPDATE outgoing_message o SET state = 'waiting', tries = 0, error = '', next_at = NULL, "
        "channel = CASE WHEN p.email <> '' THEN 'email' WHEN p.phone <> '' THEN 'sms' "
        "ELSE 'letter' END FROM person p WHERE o.id = $1 AND p.id = o.person_id",
        row["id"],
    )


async def stop_for(unit: Unit, person_ref: str) -> None:
    """The person said STOP, by voice or in answer: nothing more leaves, their space tells them."""
    row = await _locked(unit, person_ref)
    await stop_messages(unit, row["person_id"], "own_wish")


async def told_aloud(unit: Unit, person_ref: str) -> None:
    """Somebody told the person, by voice or by a letter handed over: nothing more is to leave."""
    row = await _locked(unit, person_ref)
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'told', sent_at = $2, settled_by = $3, error = '', "
        "next_at = NULL WHERE id = $1",
        row["id"],
        unit.now,
        unit.actor.account_id,
    )
