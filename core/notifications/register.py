"""Who was told what, when, by which channel: the register of a household, and a person's own."""

from __future__ import annotations

from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_

STANDING = {
    "waiting": N_("En attente"),
    "sent": N_("Parti"),
    "failed": N_("Échec"),
    "stopped": N_("Non envoyé"),
    "told": N_("Dit ou remis"),
    "read": N_("Lu"),
    "unread": N_("Pas encore lu"),
    "printed": N_("Imprimé, à poster"),
}
"""Where a message stands, as the team reads it."""

TO_SELF = {
    "waiting": N_("Pas encore parti"),
    "sent": N_("Envoyé"),
    "failed": N_("Pas arrivé"),
    "stopped": N_("Pas envoyé"),
    "told": N_("Dit ou remis"),
    "printed": N_("Pas encore parti"),
}
"""The same, as the person reads it."""

_STANDS = """CASE WHEN m.channel IN ('portal', 'desk') AND m.state = 'sent'
    THEN CASE WHEN m.read_at IS NULL THEN 'unread' ELSE 'read' END
  WHEN m.channel = 'letter' AND m.state = 'waiting' AND m.printed_at IS NOT NULL THEN 'printed'
  ELSE m.state END"""

_ROWS = f"""
SELECT m.id, m.ref, m.channel, m.template, m.error, m.created_at, m.sent_at, m.read_at, m.next_at,
       {_STANDS} AS stands, coalesce(m.sent_at, m.created_at) AS at,
       coalesce(e.kind, m.template) AS event_kind, coalesce(e.payload, m.params) AS payload,
       m.content->>'to' AS sent_to,
       m.channel = 'letter' AND m.content IS NOT NULL AS written
"""

_HOUSEHOLD = f"""
{_ROWS}, coalesce(p.given_name || ' ' || p.family_name, w.name, '') AS name,
       m.account_id, a.name AS author
FROM outgoing_message m
LEFT JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
LEFT JOIN account w ON w.id = m.account_id
LEFT JOIN account a ON a.id = m.settled_by
LEFT JOIN event e ON e.territory_id = m.territory_id AND e.id = m.event_id
WHERE m.household_id = $1 AND ($2::bigint IS NULL OR m.id < $2)
ORDER BY m.id DESC LIMIT $3
"""


async def told_household(
    unit: Unit, household_id: int, *, before: int | None = None, limit: int = 50
) -> list[Any]:
    """Everything a household and its key workers were told, the latest first.

    Whoever calls has let the actor into the file. The rows say which event, never its class's
    fields: a message carries none.
    """
    unit.require("messages.read")
    return await unit.fetch(_HOUSEHOLD, household_id, before, limit)


async def mark_desk_read(unit: Unit, household_id: int) -> int:
    """The actor has seen what their desk said of this household; how many were new."""
    rows = await unit.fetch(
        "UPDATE outgoing_message SET read_at = $3 WHERE household_id = $1 AND account_id = $2 "
        "AND channel = 'desk' AND read_at IS NULL RETURNING id",
        household_id,
        unit.actor.account_id,
        unit.now,
    )
    return len(rows)


_OWN = f"""
{_ROWS}
FROM outgoing_message m
LEFT JOIN event e ON e.territory_id = m.territory_id AND e.id = m.event_id
WHERE m.person_id = $1 AND m.channel NOT IN ('portal', 'desk')
  AND NOT (m.state = 'stopped' AND m.error = '')
ORDER BY m.id DESC LIMIT $2
"""


async def told_person(unit: Unit, person_id: int, limit: int = 100) -> list[Any]:
    """What left, or is to leave, for this person outside of the portal; the latest first."""
    return await unit.fetch(_OWN, person_id, limit)


async def own_letter(unit: Unit, person_id: int, ref: str) -> Any:
    """A letter to this person, word for word; NotFound for anybody else's."""
    row = await unit.row(
        "SELECT m.ref, m.content, m.state, m.sent_at, m.created_at FROM outgoing_message m "
        "WHERE m.ref = $1 AND m.person_id = $2 AND m.channel = 'letter' "
        "AND m.content IS NOT NULL",
        ref,
        person_id,
    )
    if row is None:
        raise NotFound()
    return row
