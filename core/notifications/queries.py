"""Reads of messages: a person's own, and the team's queue of what is to be answered."""

from __future__ import annotations

from typing import Any

import msgspec

from core.extension.visibility import visible
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

# $1 are the organisations whose files the actor sees (NULL: every file here), $2 today.
_SEEN = f"({visible('x.household_id', '$1', '$2')})"

_MINE = """
($3::bigint IS NULL
 OR EXISTS (SELECT 1 FROM key_worker k WHERE k.territory_id = x.territory_id
            AND k.household_id = x.household_id AND k.account_id = $3
            AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)))
"""

_COLUMNS = """
SELECT x.id, x.ref, x.kind, x.about_kind, x.about_id, x.text, x.mood, x.written_at, x.answer_due,
       x.answer, x.answered_at, p.given_name, p.family_name, h.ref AS household_ref,
       a.name AS answered_by, CASE WHEN w.kind = 'professional' THEN w.name END AS by
FROM exchange x
JOIN person p ON p.territory_id = x.territory_id AND p.id = x.person_id
JOIN household h ON h.territory_id = x.territory_id AND h.id = x.household_id
LEFT JOIN account a ON a.id = x.answered_by
LEFT JOIN account w ON w.id = x.written_by
"""

_WAITING = f"""
{_COLUMNS} WHERE x.answered_at IS NULL AND {_SEEN} AND {_MINE}
  AND ($4::text IS NULL
       OR (x.answer_due, x.id) > (SELECT l.answer_due, l.id FROM exchange l WHERE l.ref = $4))
ORDER BY x.answer_due, x.id LIMIT $5
"""  # noqa: S608 made of constants

_ANSWERED = f"""
{_COLUMNS} WHERE x.answered_at IS NOT NULL AND {_SEEN} AND {_MINE}
  AND ($4::text IS NULL
       OR (x.answered_at, x.id) < (SELECT l.answered_at, l.id FROM exchange l WHERE l.ref = $4))
ORDER BY x.answered_at DESC, x.id DESC LIMIT $5
"""  # noqa: S608 made of constants

_ONE = f"{_COLUMNS} WHERE x.ref = $3 AND {_SEEN}"

_COUNT = f"""
SELECT count(*) AS waiting, count(*) FILTER (WHERE x.answer_due < $4) AS late
FROM exchange x WHERE x.answered_at IS NULL AND {_SEEN} AND {_MINE}
"""  # noqa: S608 made of constants


def _files(unit: Unit) -> list[int] | None:
    return unit.scope("messages.read").over_files


async def inbox(
    unit: Unit,
    *,
    answered: bool = False,
    mine: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Any]:
    """Messages to answer, the most pressing first; or those answered, the latest first.

    `mine`: only the households whose named worker is this account. `after`: the last row's ref.
    """
    return await unit.fetch(
        _ANSWERED if answered else _WAITING, _files(unit), unit.today, mine, after, limit
    )


async def count_waiting(unit: Unit, *, mine: int | None = None) -> tuple[int, int]:
    """How many messages wait for an answer, and how many of them are late."""
    row = await unit.row(_COUNT, _files(unit), unit.today, mine, unit.now)
    return (row["waiting"], row["late"]) if row else (0, 0)


async def read_exchange(unit: Unit, ref: str) -> Any:
    """One message of a household that the actor may see; NotFound otherwise."""
    row = await unit.row(_ONE, _files(unit), unit.today, ref)
    if row is None:
        raise NotFound()
    return row


_ABOUT = {
    "request": "SELECT r.state, '/demandes/' || r.ref AS path, r.created_at AS since "
    "FROM housing_request r WHERE r.id = $1",
    "referral": "SELECT f.state, '/orientations/' || f.ref AS path, f.proposed_at AS since "
    "FROM referral f WHERE f.id = $1",
}


async def about(unit: Unit, row: Any) -> Any:
    """What a message is about, as it stands now: its state, its page, since when; or None."""
    sql = _ABOUT.get(row["about_kind"])
    return await unit.row(sql, row["about_id"]) if sql and row["about_id"] else None


async def answer_draft(unit: Unit, ref: str) -> str:
    """What the actor began to answer, or ''."""
    kept = await unit.value(
        "SELECT values FROM draft WHERE account_id = $1 AND form = 'answer' AND subject = $2",
        unit.actor.account_id,
        ref,
    )
    return str(msgspec.json.decode(kept).get("answer", "")) if kept else ""


async def own_exchanges(
    unit: Unit, person_id: int, limit: int = 100, *, mandate_id: int | None = None
) -> list[Any]:
    """What this person wrote and the answers, the newest first. Nobody else's, ever.

    `mandate_id`: only what was written under that authorisation: who helps a person reads what
    they wrote together, never what the person wrote alone. `by`: who wrote it for the person.
    """
    return await unit.fetch(
        "SELECT x.ref, x.kind, x.about_kind, x.text, x.mood, x.written_at, x.answer_due, "
        "x.answer, x.answered_at, x.answer_read_at, a.name AS answered_by, "
        "CASE WHEN w.kind = 'professional' THEN w.name END AS by "
        "FROM exchange x LEFT JOIN account a ON a.id = x.answered_by "
        "LEFT JOIN account w ON w.id = x.written_by "
        "WHERE x.person_id = $1 AND ($3::bigint IS NULL OR x.mandate_id = $3) "
        "ORDER BY x.id DESC LIMIT $2",
        person_id,
        limit,
        mandate_id,
    )


async def own_news(unit: Unit, person_id: int, limit: int = 20) -> list[Any]:
    """What the portal told this person, the newest first: template, params, when it
    happened (which may be before it was told), read or not."""
    return await unit.fetch(
        "SELECT m.template, m.params, coalesce(e.occurred_at, m.created_at) AS at, m.read_at, "
        "CASE WHEN e.on_behalf_of = m.person_id THEN a.name END AS by "
        "FROM outgoing_message m "
        "LEFT JOIN event e ON e.territory_id = m.territory_id AND e.id = m.event_id "
        "LEFT JOIN account a ON a.id = e.actor_id "
        "WHERE m.person_id = $1 AND m.channel = 'portal' AND m.state = 'sent' "
        "ORDER BY at DESC, m.id DESC LIMIT $2",
        person_id,
        limit,
    )
