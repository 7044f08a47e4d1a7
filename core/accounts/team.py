"""The professionals of a territory: invite one, give back an access, close one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from core.accounts.passwords import verify_password
from core.accounts.service import create_professional, end_role, grant_role, set_password
from core.accounts.sessions import end_all_sessions
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

ELSEWHERE = N_(
    "Cette personne travaille aussi dans un autre territoire : elle garde son mot de passe."
)

NOT_HERE = N_("Cette personne ne travaille pas ici.")


@dataclass(frozen=True)
class Invited:
    """An account that was given a role; `new` when it did not exist, and so needs a password."""

    account_id: int
    new: bool


async def invite(
    unit: Unit,
    *,
    name: str,
    email: str,
    role: str,
    organisation_id: int | None = None,
    password: str,
    phone: str = "",
) -> Invited:
    """A colleague comes in with a role. An address that is known keeps its account and password.

    The password is for one sign-in: it must be changed there.
    """
    wrong = {}
    if not name.strip():
        wrong["name"] = N_("Indiquez le nom.")
    if "@" not in email.strip("@ "):
        wrong["email"] = N_("Indiquez une adresse e-mail.")
    if wrong:
        raise Invalid(wrong)
    known = await unit.value(
        "SELECT id FROM account WHERE lower(email) = lower($1) AND kind = 'professional'",
        email.strip(),
    )
    account_id = known or await create_professional(
        unit, name=name.strip(), email=email, password=password, phone=phone
    )
    if known is None:
        await unit.fetch("UPDATE account SET must_change = true WHERE id = $1", account_id)
    await grant_role(unit, account_id, role, organisation_id=organisation_id)
    return Invited(int(account_id), known is None)


async def give_password(unit: Unit, account_id: int, password: str, *, elsewhere: bool) -> None:
    """A new password for somebody who lost theirs, to change at the next sign-in.

    Refused for one who works elsewhere too: it would open another territory's files.
    """
    await _here(unit, account_id)
    if elsewhere:
        raise Refused(ELSEWHERE)
    await set_password(unit, account_id, password)
    await unit.fetch("UPDATE account SET must_change = true WHERE id = $1", account_id)
    unit.record("account.password_given", subject=("account", account_id))


async def close_access(unit: Unit, account_id: int, *, elsewhere: bool) -> None:
    """Somebody no longer works here: every role ends today, every session at once.

    The account itself is disabled unless it serves in another territory. Nobody closes their own.
    """
    if account_id == unit.actor.account_id:
        raise Refused(N_("Vous ne pouvez pas fermer votre propre accès."))
    await _here(unit, account_id)
    for grant in await unit.fetch(
        "SELECT id FROM role_grant WHERE account_id = $1 AND ends_on IS NULL", account_id
    ):
        await end_role(unit, grant["id"])
    await end_all_sessions(unit, account_id)
    if not elsewhere:
        await unit.fetch("UPDATE account SET disabled_at = $2 WHERE id = $1", account_id, unit.now)
    unit.record("account.closed", subject=("account", account_id))


async def change_own_password(unit: Unit, current: str, new: str, again: str) -> None:
    """The signed-in person's own new password; every session ends, this one too."""
    account_id = unit.actor.account_id
    stored = await unit.value("SELECT password FROM account WHERE id = $1", account_id)
    if not await verify_password(stored, current):
        raise Invalid({"current": N_("Ce n’est pas votre mot de passe actuel.")})
    if new != again:
        raise Invalid({"again": N_("Les deux mots de passe ne sont pas les mêmes.")})
    if new == current:
        raise Invalid({"password": N_("Choisissez un mot de passe différent de l’actuel.")})
    assert account_id is not None
    await set_password(unit, account_id, new)
    await unit.fetch("UPDATE account SET must_change = false WHERE id = $1", account_id)


async def _here(unit: Unit, account_id: int) -> None:
    if not await unit.value("SELECT 1 FROM role_grant WHERE account_id = $1 LIMIT 1", account_id):
        raise NotFound()


async def works_here(unit: Unit, account_id: int) -> bool:
    """Whether the account has a role in the Unit's territory today."""
    return bool(
        await unit.value(
            "SELECT 1 FROM role_grant WHERE account_id = $1 "
            "AND (ends_on IS NULL OR ends_on > $2) LIMIT 1",
            account_id,
            unit.today,
        )
    )


@dataclass(frozen=True)
class Colleague:
    """Somebody with a role here, today or before."""

    id: int
    name: str
    email: str
    phone: str
    disabled_at: datetime | None
    seen_at: datetime | None
    roles: Sequence[Any]

    @property
    def current(self) -> bool:
        return bool(self.roles) and self.disabled_at is None


_TEAM = """
SELECT a.id, a.name, a.email, a.phone, a.disabled_at,
       (SELECT max(s.seen_at) FROM session s WHERE s.account_id = a.id) AS seen_at,
       coalesce(json_agg(json_build_object('grant_id', g.id, 'role', g.role,
         'organisation', o.name, 'since', g.starts_on) ORDER BY g.role, g.id)
         FILTER (WHERE g.ends_on IS NULL OR g.ends_on > $1), '[]') AS roles
FROM role_grant g JOIN account a ON a.id = g.account_id
LEFT JOIN organisation o ON o.id = g.organisation_id
GROUP BY a.id ORDER BY lower(a.name), a.id
"""


async def team(unit: Unit, on: date | None = None) -> list[Colleague]:
    """Everybody who has or had a role here, by name: one statement."""
    return [
        Colleague(**{**dict(r), "roles": msgspec.json.decode(r["roles"])})
        for r in await unit.fetch(_TEAM, on or unit.today)
    ]
