"""Searches kept on the server for some hours: an address, a log or a history holds no name."""

from __future__ import annotations

from datetime import timedelta

from core.kernel.refs import new_ref
from core.kernel.unit import Unit

KEPT = timedelta(hours=12)
"""How long a search can be come back to: a working day, not more."""

LONGEST = 100
"""Characters of a search."""


async def keep_search(unit: Unit, text: str) -> str:
    """Keep what the actor typed; its opaque reference, the same while the same words are typed."""
    account_id = unit.actor.account_id
    await unit.fetch(
        "DELETE FROM search WHERE account_id = $1 AND expires_at <= $2", account_id, unit.now
    )
    ref = await unit.value(
        "UPDATE search SET expires_at = $3 WHERE id = (SELECT id FROM search "
        "WHERE account_id = $1 AND text = $2 ORDER BY id LIMIT 1) RETURNING ref",
        account_id,
        text.strip()[:LONGEST],
        unit.now + KEPT,
    )
    if ref is not None:
        return str(ref)
    return str(
        await unit.value(
            "INSERT INTO search (ref, account_id, text, at, expires_at) "
            "VALUES ($1, $2, $3, $4, $5) RETURNING ref",
            new_ref(),
            account_id,
            text.strip()[:LONGEST],
            unit.now,
            unit.now + KEPT,
        )
    )


async def kept_search(unit: Unit, ref: str) -> str | None:
    """The words behind a reference; None once it has expired, or when it is somebody else's."""
    found = await unit.value(
        "SELECT text FROM search WHERE account_id = $1 AND ref = $2 AND expires_at > $3",
        unit.actor.account_id,
        ref.upper(),
        unit.now,
    )
    return None if found is None else str(found)


async def forget_searches(unit: Unit) -> None:
    """Throw away what the actor searched: they signed out."""
    await unit.fetch("DELETE FROM search WHERE account_id = $1", unit.actor.account_id)
