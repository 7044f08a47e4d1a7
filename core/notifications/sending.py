"""What waits leaves: one message at a time, held by its row while the carrier has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.households.stops import stopped
from core.kernel.unit import Unit
from core.notifications.carriers import Carrier, Notice, Undelivered
from core.notifications.rules import MOST_TRIES, wait_after

Compose = Callable[[str], tuple[str, str]]
"""A notice's subject and text in a language: found above, where catalogues are."""

_CLAIM = f"""
SELECT o.id, o.channel, o.tries, o.created_at, p.email, p.phone, p.language,
       p.died_on IS NOT NULL OR {stopped("p")} AS stopped,
       EXISTS (SELECT 1 FROM resident_account r JOIN session n ON n.account_id = r.account_id
               WHERE r.territory_id = o.territory_id AND r.person_id = o.person_id
                 AND n.seen_at > o.created_at) AS seen
FROM outgoing_message o
JOIN person p ON p.territory_id = o.territory_id AND p.id = o.person_id
WHERE o.state = 'waiting' AND o.channel = ANY($1::text[])
  AND (o.next_at IS NULL OR o.next_at <= $2)
ORDER BY o.created_at, o.id FOR UPDATE OF o SKIP LOCKED LIMIT 1
"""  # noqa: S608 made of constants


async def send_one(unit: Unit, carriers: Mapping[str, Carrier], compose: Compose) -> bool:
    """Send the oldest that is due in the Unit's territory; False when there is none.

    Its row stays locked meanwhile: who records a death waits for it, or it is found stopped.
    A crash after the carrier took it sends it again, under the same Message-ID.
    """
    row = await unit.row(_CLAIM, list(carriers), unit.now)
    if row is None:
        return False
    if row["stopped"] or row["seen"]:
        # The dead, those who said stop, and those who came and read by themselves.
        await _end(unit, row["id"], "stopped", "" if row["stopped"] else "seen")
        return True
    subject, text = compose(row["language"])
    key = f"seuil.{unit.territory_id}.{row['id']}"
    address = {"email": row["email"], "sms": row["phone"]}.get(row["channel"], "")
    try:
        await carriers[row["channel"]].carry(Notice(key, address, subject, text))
    except Undelivered as trouble:
        await _trouble(unit, row, trouble)
    else:
        await unit.fetch(
            "UPDATE outgoing_message SET state = 'sent', sent_at = $2, error = '', "
            "tries = tries + 1, next_at = NULL WHERE id = $1",
            row["id"],
            unit.now,
        )
    return True


async def _trouble(unit: Unit, row: Any, trouble: Undelivered) -> None:
    tries = row["tries"] + 1
    if trouble.service:
        # The carrier's own trouble is nobody's fault: all that waits for it waits together.
        await unit.fetch(
            "UPDATE outgoing_message SET error = $2, tries = least(tries + 1, 1000), "
            "next_at = $3 WHERE channel = $1 AND state = 'waiting'",
            row["channel"],
            trouble.trouble,
            unit.now + wait_after(tries),
        )
        return
    if trouble.final or tries >= MOST_TRIES:
        await _end(unit, row["id"], "failed", trouble.trouble if trouble.final else "too_long")
        return
    await unit.fetch(
        "UPDATE outgoing_message SET tries = $2, error = $3, next_at = $4 WHERE id = $1",
        row["id"],
        tries,
        trouble.trouble,
        unit.now + wait_after(tries),
    )


async def _end(unit: Unit, message_id: int, state: str, error: str) -> None:
    await unit.fetch(
        "UPDATE outgoing_message SET state = $2, error = $3, next_at = NULL WHERE id = $1",
        message_id,
        state,
        error,
    )
