"""Forms that somebody is filling in: saved as they type, theirs alone, thrown away when used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.kernel.errors import Conflict
from core.kernel.unit import Unit
from core.kernel.words import N_

MOST_CHARACTERS = 20_000
"""A draft is a form, not a store: a longer one is not kept."""


NEWER = N_(
    "Un brouillon plus récent a été enregistré dans un autre onglet. Votre saisie est ici : "
    "enregistrez à nouveau pour la garder."
)


async def save_draft(
    unit: Unit,
    form: str,
    subject: str,
    values: Mapping[str, Sequence[str]],
    *,
    seen: int | None = None,
) -> int | None:
    """Keep what was typed so far; the draft's version, or None when it is too long.

    The author's last saving wins, unless `seen` names the version that this page began with:
    a newer one, from another tab, is then left alone, and Conflict says so.
    """
    body = msgspec.json.encode({name: list(v) for name, v in values.items()}).decode()
    if len(body) > MOST_CHARACTERS:
        return None
    version = await unit.value(
        'INSERT INTO draft (account_id, form, subject, "values", saved_at) '
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (territory_id, account_id, form, subject) "
        'DO UPDATE SET "values" = excluded."values", saved_at = excluded.saved_at, '
        "version = draft.version + 1 WHERE $6::int IS NULL OR draft.version = $6 "
        "RETURNING version",
        unit.actor.account_id,
        form,
        subject,
        body,
        unit.now,
        seen,
    )
    if version is None:
        raise Conflict(NEWER)
    return int(version)


@dataclass(frozen=True)
class Begun:
    """A draft that stands: what was typed, when, and the version that a page then shows."""

    values: dict[str, list[str]]
    saved_at: datetime
    version: int


async def begun(unit: Unit, form: str, subject: str) -> Begun | None:
    """The actor's draft of that form about that subject, if there is one."""
    row = await unit.row(
        'SELECT "values", saved_at, version FROM draft '
        "WHERE account_id = $1 AND form = $2 AND subject = $3",
        unit.actor.account_id,
        form,
        subject,
    )
    if row is None:
        return None
    return Begun(msgspec.json.decode(row["values"]), row["saved_at"], row["version"])


async def others_filling(unit: Unit, form: str, subject: str) -> list[Any]:
    """Who else is filling the same form, since yesterday: name and when."""
    return await unit.fetch(
        "SELECT a.name, d.saved_at FROM draft d JOIN account a ON a.id = d.account_id "
        "WHERE d.form = $1 AND d.subject = $2 AND d.account_id <> $3 AND d.saved_at > $4 "
        "ORDER BY d.saved_at DESC LIMIT 5",
        form,
        subject,
        unit.actor.account_id,
        unit.now - timedelta(days=1),
    )


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
