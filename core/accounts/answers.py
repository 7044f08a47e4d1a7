"""Pages that answered a form, kept sealed for a short time: going back or reloading finds them."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from zlib import compress, decompress

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from core.kernel.actor import Actor
from core.kernel.refs import new_ref
from core.kernel.unit import Unit

KEPT = timedelta(hours=1)
"""How long one can come back to an answer: the time of a form, and of signing in again."""

MOST = 20
"""Answers kept for one person; the oldest go first."""

STRANGERS = 500
"""Answers kept for visitors who are not signed in, in one territory: beyond, none is."""

LONGEST = 1_000_000
"""Bytes of a sealed page: a longer one is answered as it is."""


class Answer(msgspec.Struct):
    """What a form was answered. `permission` and `helper` are what its route asks; `token` is the
    form token it was drawn with; `once`: nobody sees it a second time."""

    html: str
    status: int
    lang: str
    permission: str
    helper: str
    token: str
    once: bool = False


@dataclass(frozen=True)
class Owner:
    """Whose answer it is: an account as it acts, or a visitor's browser by its form token."""

    account_id: int | None
    mark: str


def owner(actor: Actor | None, token: str) -> Owner:
    """Who may come back to an answer. A helper's are those of one authorisation."""
    if actor is None or actor.account_id is None:
        return Owner(None, hashlib.sha256(f"form {token}".encode()).hexdigest())
    mark = f"{actor.kind}.{actor.person_id or ''}.{actor.mandate_id or ''}"
    return Owner(actor.account_id, mark)


def _sealer(secret: str, ref: str) -> Fernet:
    # The key needs the reference, which stands in the address alone: neither the database nor a
    # backup of it can be read.
    key = hashlib.sha256(f"answer {secret} {ref}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))


def _name(ref: str) -> str:
    return hashlib.sha256(f"answer {ref}".encode()).hexdigest()


async def keep_answer(unit: Unit, whose: Owner, answer: Answer, secret: str) -> str | None:
    """Seal a page; its opaque reference, or None for one that is too long, or one too many."""
    ref = new_ref()
    sealed = _sealer(secret, ref).encrypt(compress(msgspec.json.encode(answer)))
    if len(sealed) > LONGEST:
        return None
    await unit.fetch("DELETE FROM kept_answer WHERE expires_at <= $1", unit.now)
    if whose.account_id is None:
        strangers = "SELECT count(*) FROM kept_answer WHERE account_id IS NULL"
        if await unit.value(strangers) >= STRANGERS:
            return None
    await unit.fetch(
        "INSERT INTO kept_answer (name, account_id, mark, sealed, at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        _name(ref), whose.account_id, whose.mark, sealed, unit.now, unit.now + KEPT,
    )  # fmt: skip
    await unit.fetch(
        "DELETE FROM kept_answer WHERE id IN (SELECT id FROM kept_answer "
        "WHERE account_id IS NOT DISTINCT FROM $1 AND mark = $2 ORDER BY id DESC OFFSET $3)",
        whose.account_id, whose.mark, MOST,
    )  # fmt: skip
    return ref


async def kept_answer(unit: Unit, whose: list[Owner], ref: str, secret: str) -> Answer | None:
    """The page behind a reference; None when it is gone, or somebody else's."""
    row = await unit.row(
        "SELECT id, account_id, mark, sealed FROM kept_answer WHERE name = $1 AND expires_at > $2",
        _name(ref), unit.now,
    )  # fmt: skip
    if row is None or (row["account_id"], row["mark"]) not in [
        (one.account_id, one.mark) for one in whose
    ]:
        return None
    try:
        body = decompress(_sealer(secret, ref).decrypt(bytes(row["sealed"])))
    except InvalidToken:
        return None
    answer = msgspec.json.decode(body, type=Answer)
    if answer.once:
        await unit.fetch("DELETE FROM kept_answer WHERE id = $1", row["id"])
    return answer


async def forget_answers(unit: Unit) -> None:
    """Throw away what the actor was answered: they signed out."""
    await unit.fetch("DELETE FROM kept_answer WHERE account_id = $1", unit.actor.account_id)
