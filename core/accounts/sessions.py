"""Strict sessions: a cookie whose hash is a row. An unknown cookie is never adopted."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.kernel.actor import Helping
from core.kernel.unit import Actor, Unit

IDLE = {"admin": timedelta(minutes=30), "portal": timedelta(minutes=10)}
"""How long without a page before a session ends; ten minutes on a shared device."""

LONGEST = {"admin": timedelta(hours=10), "portal": timedelta(minutes=60)}

OWN_DEVICE = (timedelta(hours=12), timedelta(days=30))
"""Idle and longest for a resident who says that the device is theirs."""

RESIDENT: frozenset[tuple[str, int | None]] = frozenset({("resident", None)})

TOUCH = timedelta(seconds=60)
"""A session's `seen_at` is written at most this often."""


def hash_of(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


async def open_session(
    unit: Unit,
    account_id: int,
    face: str,
    *,
    own_device: bool = False,
    mandate_id: int | None = None,
) -> tuple[str, datetime]:
    """A new session for an account; returns its cookie and when it ends at the latest.

    `mandate_id`: the account acts there for the person who gave that authorisation.
    """
    cookie = secrets.token_urlsafe(32)
    longest = OWN_DEVICE[1] if own_device else LONGEST.get(face, LONGEST["portal"])
    expires = unit.now + longest
    await unit.fetch(
        "INSERT INTO session (hash, account_id, face, shared_device, created_at, seen_at, "
        "expires_at, mandate_id) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
        hash_of(cookie),
        account_id,
        face,
        0 if own_device else 1,
        unit.now,
        expires,
        mandate_id,
    )
    return cookie, expires


async def end_session(unit: Unit, cookie: str) -> None:
    """Sign out: the row stays, revoked; a slow request can not bring it back.

    A worker who signs out also stops acting for anybody.
    """
    await unit.fetch(
        "UPDATE session SET revoked_at = $2 WHERE revoked_at IS NULL AND (hash = $1 "
        "OR mandate_id IS NOT NULL AND account_id = "
        "(SELECT account_id FROM session WHERE hash = $1 AND mandate_id IS NULL))",
        hash_of(cookie),
        unit.now,
    )


async def end_all_sessions(unit: Unit, account_id: int) -> None:
    """Every session of an account, at a change of password or a disabling."""
    await unit.fetch(
        "UPDATE session SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL",
        account_id,
        unit.now,
    )


# Who comes is who acts from then on: bound here, the Unit that follows begins without asking.
_FIND = """
SELECT set_config('seuil.actor', s.account_id::text, true),
       s.account_id, s.seen_at, s.shared_device, s.mandate_id, a.kind, a.name, a.must_change,
       d.id AS mandate, d.scope, d.ends_on, d.person_id AS helped,
       d.revoked_at IS NOT NULL OR d.starts_on > $4 OR coalesce(d.ends_on <= $4, false)
         OR h.died_on IS NOT NULL OR h.merged_into IS NOT NULL AS over,
       h.given_name || ' ' || h.family_name AS helped_name,
       coalesce(held.roles, '{}') AS roles, coalesce(held.organisations, '{}') AS organisations,
       (SELECT r.person_id FROM resident_account r WHERE r.account_id = a.id) AS person_id
FROM session s JOIN account a ON a.id = s.account_id
LEFT JOIN mandate d ON d.id = s.mandate_id AND d.account_id = s.account_id
LEFT JOIN person h ON h.territory_id = d.territory_id AND h.id = d.person_id
LEFT JOIN LATERAL (
  SELECT array_agg(g.role ORDER BY g.id) AS roles,
         array_agg(g.organisation_id ORDER BY g.id) AS organisations
  FROM role_grant g WHERE g.account_id = a.id AND g.starts_on <= $4
    AND (g.ends_on IS NULL OR g.ends_on > $4)) AS held ON true
WHERE s.hash = $1 AND s.face = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
  AND a.disabled_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM resident_account r JOIN person p
                  ON p.territory_id = r.territory_id AND p.id = r.person_id
                  WHERE r.account_id = a.id AND p.died_on IS NOT NULL)
"""


@dataclass(frozen=True)
class Known:
    """Who a session signs in; `quiet`: its `seen_at` need not be written yet."""

    actor: Actor
    quiet: bool


async def find_actor(unit: Unit, cookie: str, face: str) -> Actor | None:
    """Who this cookie signs in here, or None."""
    known = await find_session(unit, cookie, face)
    return known.actor if known else None


async def find_session(unit: Unit, cookie: str, face: str) -> Known | None:
    """Who this cookie signs in here, or None. Someone with no role here is nobody here.

    A password that somebody else gave opens nothing before it is changed: no role counts.
    """
    found = await unit.row(_FIND, hash_of(cookie), face, unit.now, unit.today)
    if found is None:
        return None
    unit.rebound(found["account_id"])
    idle = IDLE.get(face, IDLE["portal"])
    if found["mandate_id"] is not None:
        idle = IDLE["admin"]
    if face == "portal" and not found["shared_device"]:
        idle = OWN_DEVICE[0]
    if unit.now - found["seen_at"] > idle:
        return None
    if found["kind"] == "professional" and not found["roles"]:
        return None
    if found["kind"] == "resident" and found["person_id"] is None:
        return None
    quiet = unit.now - found["seen_at"] <= TOUCH
    if found["mandate_id"] is not None:
        helper = _helper(found)
        return Known(helper, quiet) if helper else None
    grants = RESIDENT
    if found["kind"] == "professional":
        held = zip(found["roles"], found["organisations"], strict=True)
        grants = frozenset(() if found["must_change"] else held)
    actor = Actor(
        kind=found["kind"],
        account_id=found["account_id"],
        person_id=found["person_id"],
        name=found["name"],
        grants=grants,
        must_change=found["must_change"],
    )
    return Known(actor, quiet)


def _helper(found: Any) -> Actor | None:
    """A worker who acts for a person; None where that authorisation is not known (elsewhere).

    One that has ended still says who came: the page can then tell why nothing is possible.
    """
    if found["mandate"] is None:
        return None
    over = found["over"] or found["must_change"]
    helping = Helping(found["helped_name"], frozenset(found["scope"]), found["ends_on"], over)
    return Actor(
        kind="helper",
        account_id=found["account_id"],
        person_id=found["helped"],
        name=found["name"],
        grants=RESIDENT if "answer" in helping.scope and not over else frozenset(),
        on_behalf_of=found["helped"],
        mandate_id=found["mandate"],
        helping=helping,
    )


async def touch_session(unit: Unit, cookie: str) -> None:
    """The session was used now."""
    await unit.fetch(
        "UPDATE session SET seen_at = $2 WHERE hash = $1 AND revoked_at IS NULL",
        hash_of(cookie),
        unit.now,
    )
