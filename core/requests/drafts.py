"""Forms that somebody is filling in: saved as they type, theirs alone, thrown away when used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.kernel.unit import Unit

MOST_CHARACTERS = 20_000
"""A draft is a form, not a store: a longer one is not kept."""


async def save_draft(
    unit: Unit, form: str, subject: str, values: Mapping[str, Sequence[str]]
) -> bool:
    """Keep what was typed so far; the author's last saving wins. False when it is too long."""
    body = msgspec.json.encode({name: list(v) for name, v in values.items()}).decode()
    if len(body) > MOST_CHARACTERS:
        return False
    await unit.fetch(
        'INSERT INTO draft (account_id, form, subject, "values", saved_at) '
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (territory_id, account_id, form, subject) "
        'DO UPDATE SET "values" = excluded."values", saved_at = excluded.saved_at, '
        "version = draft.version + 1",
        unit.actor.account_id,
        form,
        subject,
        body,
        unit.now,
    )
    return True


async def read_draft(unit: Unit, form: str, subject: str) -> dict[str, list[str]] | None:
    """What the actor had typed; None when there is no such draft of theirs."""
    body = await unit.value(
        'SELECT "values" FROM draft WHERE account_id = $1 AND form = $2 AND subject = $3',
        unit.actor.account_id,
        form,
        subject,
    )
    return None if body is None else msgspec.json.decode(body)


async def my_drafts(unit: Unit, form: str) -> list[dict[str, Any]]:
    """The actor's drafts of that form, the newest first."""
    rows = await unit.fetch(
        'SELECT subject, "values", saved_at FROM draft WHERE account_id = $1 AND form = $2 '
        "ORDER BY saved_at DESC, id DESC LIMIT 50",
        unit.actor.account_id,
        form,
    )
    return [{**dict(r), "values": msgspec.json.decode(r["values"])} for r in rows]


async def drop_draft(unit: Unit, form: str, subject: str) -> None:
    """Throw a draft away: it was used, or its author no longer wants it."""
    await unit.fetch(
        "DELETE FROM draft WHERE account_id = $1 AND form = $2 AND subject = $3",
        unit.actor.account_id,
        form,
        subject,
    )
