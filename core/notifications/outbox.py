"""What has not left: the team's queue of it, and what the team does about each."""

from __future__ import annotations

from typing import Any

from core.households.scope import visible
from core.households.stops import stop_messages
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.contacts import contact_of, contacts
from core.notifications.reach import ways
from core.notifications.rules import CHANNELS

NO_LONGER = N_("Cet envoi n’attend plus.")

# Over the households that the actor may see: $1 are the organisations whose files those are
# (NULL: every file here), $2 today. A message older than its `ref` goes by the person's.
OUTSIDE = f"""
FROM outgoing_message o
JOIN person p ON p.territory_id = o.territory_id AND p.id = o.person_id
JOIN household h ON h.territory_id = o.territory_id AND h.id = o.household_id
WHERE o.channel NOT IN ('portal', 'desk') AND o.state IN ('waiting', 'failed')
  AND ({visible("o.household_id", "$1", "$2")})
"""
REF = "coalesce(o.ref, p.ref)"

_LIST = f"""
SELECT o.id, {REF} AS ref, o.channel, o.state, o.tries, o.error, o.next_at, o.created_at,
       p.given_name, p.family_name, p.phone, h.ref AS household_ref, p.ref AS person_ref
{OUTSIDE} AND (o.channel <> 'letter' OR o.state = 'failed')
  AND ($3::text IS NULL OR o.channel = $3)
  AND ($5::bool IS NULL OR $5 = (o.state = 'failed' OR o.channel = 'voice'))
  AND ($4::text IS NULL OR (o.created_at, o.id) > (
    SELECT l.created_at, l.id FROM outgoing_message l JOIN person q ON q.id = l.person_id
    WHERE coalesce(l.ref, q.ref) = $4 AND l.channel NOT IN ('portal', 'desk') LIMIT 1))
ORDER BY o.created_at, o.id LIMIT $6
"""  # noqa: S608 made of constants

_COUNTS = f"SELECT o.channel, o.state, count(*) AS n {OUTSIDE} GROUP BY o.channel, o.state"

_ONE = f"""
SELECT o.id, {REF} AS ref, o.channel, o.state, o.content, o.event_id, o.created_at, o.template,
       o.household_id, p.id AS person_id, p.given_name, p.family_name, p.language,
       h.ref AS household_ref
{OUTSIDE} AND {REF} = $3 ORDER BY o.id DESC LIMIT 1
"""


def files(unit: Unit) -> list[int] | None:
    """The organisations whose households' messages the actor may see; None: all."""
    return unit.scope("messages.read").over_files


async def notices(
    unit: Unit,
    *,
    channel: str | None = None,
    after: str | None = None,
    unreached: bool | None = None,
    limit: int = 50,
) -> list[Any]:
    """What has not left, the oldest first; letters to print are `post.letters`.

    `after`: the reference of the last row. `unreached`: those alone whom nothing reached or may
    reach (True), or the others (False).
    """
    wanted = channel if channel in CHANNELS else None
    return await unit.fetch(_LIST, files(unit), unit.today, wanted, after, unreached, limit)


async def count_notices(unit: Unit) -> dict[tuple[str, str], int]:
    """How many have not left, by (channel, state)."""
    rows = await unit.fetch(_COUNTS, files(unit), unit.today)
    return {(r["channel"], r["state"]): r["n"] for r in rows}


async def notice_of(unit: Unit, ref: str) -> Any:
    """One message that has not left, of the actor's households; NotFound when it did or may not."""
    row = await unit.row(_ONE, files(unit), unit.today, ref)
    if row is None:
        raise NotFound(NO_LONGER)
    return row


async def _locked(unit: Unit, ref: str) -> Any:
    unit.require("messages.answer")
    row = await notice_of(unit, ref)
    # Whoever sends it holds it until it has left: then there is nothing left to do about it.
    still = await unit.value(
        "SELECT state FROM outgoing_message WHERE id = $1 FOR UPDATE", row["id"]
    )
    if still not in ("waiting", "failed"):
        raise Refused(NO_LONGER)
    return row


async def try_again(unit: Unit, ref: str) -> None:
    """Try at once, whatever failed before: the address may be right by now.

    The channel is chosen again too: an e-mail that was taken off becomes a phone call.
    """
    row = await _locked(unit, ref)
    known = await contacts(unit, [row["person_id"]], row["household_id"])
    country = await unit.value("SELECT country FROM territory WHERE id = $1", unit.territory_id)
    possible = ways(contact_of(known[0]), country) if known else ("voice",)
    channel = row["channel"] if row["channel"] in possible else possible[0]
    if channel == "letter" and row["content"] is None:
        channel = "voice"
    await unit.fetch(
        "UPDATE outgoing_message o SET state = 'waiting', tries = 0, error = '', next_at = NULL, "
        "printed_at = NULL, batch = NULL, channel = CASE WHEN EXISTS (SELECT 1 "
        "FROM outgoing_message v WHERE v.territory_id = o.territory_id AND v.id <> o.id "
        "AND v.person_id = o.person_id AND v.channel = $2 AND v.template = 'notice' "
        "AND v.state IN ('waiting', 'failed')) THEN o.channel ELSE $2 END WHERE o.id = $1",
        row["id"],
        channel,
    )


async def stop_for(unit: Unit, ref: str) -> None:
    """The person said STOP, by voice or in answer: nothing more leaves, their space tells them."""
    row = await _locked(unit, ref)
    await stop_messages(unit, row["person_id"], "own_wish")


async def told_aloud(unit: Unit, ref: str) -> None:
    """Somebody told the person, by voice or by a letter handed over: nothing more is to leave."""
    row = await _locked(unit, ref)
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'told', sent_at = $2, settled_by = $3, error = '', "
        "next_at = NULL WHERE id = $1",
        row["id"],
        unit.now,
        unit.actor.account_id,
    )
    # Two calls to the same person wait for the same word.
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'told', sent_at = $2, settled_by = $3, error = '', "
        "next_at = NULL WHERE person_id = $4 AND id <> $1 AND template = 'notice' "
        "AND channel IN ('voice', 'sms', 'email') AND state IN ('waiting', 'failed')",
        row["id"],
        unit.now,
        unit.actor.account_id,
        row["person_id"],
    )
