"""Signing in and out, and who may come in: accounts, roles, code cards, mandates."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.accounts.passwords import (
    LONGEST_PASSWORD,
    code_hash,
    hash_password,
    new_code,
    read_code,
    verify_password,
)
from core.accounts.sessions import end_all_sessions
from core.accounts.tables import Account
from core.accounts.ways_back import use_return_code, void_sheet
from core.extension.permissions import ROLES
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

CODE_DAYS = 21
_HOUSEHOLD_OF = """
SELECT household_id FROM membership WHERE person_id = $1 AND ends_on IS NULL
ORDER BY starts_on DESC, id DESC LIMIT 1
"""
MAX_CODE_FAILS = 10

SIGN_IN_REFUSED = N_("L’adresse ou le mot de passe ne correspond pas.")
CODE_REFUSED = N_(
    "Ce code ne vous fait pas entrer. Il a peut-être déjà servi : chaque code marche une seule "
    "fois. Ou il est périmé. Ou ce n’est pas la bonne date de naissance. Essayez un autre code de "
    "votre feuille. Sinon, demandez de l’aide à votre équipe."
)
"""One answer to every code that opens nothing: why is never said, or a guesser would learn it."""

CODE_EMPTY = N_("Écrivez votre code.")
CODE_SLIP = N_("Il y a une erreur dans ce code. Relisez-le signe par signe.")
BIRTH_EMPTY = N_("Écrivez votre date de naissance.")
"""What the form alone shows: it says nothing of who has a code."""

AT_THE_DOOR = (CODE_REFUSED, CODE_EMPTY, CODE_SLIP, BIRTH_EMPTY)
"""All that a resident reads there."""


# -- professionals --------------------------------------------------------------------------


async def stored_password(unit: Unit, email: str) -> tuple[int, str | None] | None:
    """(account, hash of its password) of whoever signs in with this address; None for nobody."""
    row = await unit.row(
        "SELECT id, password FROM account WHERE lower(email) = lower($1) "
        "AND kind = 'professional' AND disabled_at IS NULL",
        email,
    )
    return (int(row["id"]), row["password"]) if row else None


async def check_password(found: tuple[int, str | None] | None, password: str) -> int:
    """The account that this password opens; raises Invalid with one message, as late for nobody.

    Slow on purpose: call it outside of a Unit, or the database's connections wait with it.
    """
    if not await verify_password(found[1] if found else None, password):
        raise Invalid({"email": SIGN_IN_REFUSED})
    assert found is not None
    return found[0]


async def create_professional(
    unit: Unit, *, name: str, email: str, password: str | None, phone: str = ""
) -> int:
    """A local account; it can do nothing until it has a role somewhere."""
    account = Account(
        kind="professional",
        name=name,
        email=email.strip(),
        phone=phone,
        password=await hash_password(password) if password else None,
        created_at=unit.now,
    )
    await account.save()
    return int(account.id)


async def set_password(unit: Unit, account_id: int, password: str) -> None:
    """A new password ends every session of the account. At least twelve characters."""
    if len(password) < 12:
        raise Invalid({"password": N_("Le mot de passe doit avoir au moins 12 caractères.")})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({"password": N_("Le mot de passe est trop long.")})
    hashed = await hash_password(password)
    await unit.fetch("UPDATE account SET password = $2 WHERE id = $1", account_id, hashed)
    await end_all_sessions(unit, account_id)


async def grant_role(
    unit: Unit,
    account_id: int,
    role: str,
    *,
    organisation_id: int | None = None,
    starts_on: date | None = None,
) -> int:
    """Give a role here from a day on; the same role twice changes nothing."""
    if role not in ROLES:
        raise Refused(N_("Ce rôle n’existe pas."))
    if role in ("prescriber", "structure") and organisation_id is None:
        raise Invalid({"organisation": N_("Ce rôle demande une organisation.")})
    existing = await unit.value(
        "SELECT id FROM role_grant WHERE account_id = $1 AND role = $2 "
        "AND organisation_id IS NOT DISTINCT FROM $3 AND ends_on IS NULL",
        account_id,
        role,
        organisation_id,
    )
    if existing:
        return int(existing)
    granted = await unit.value(
        "INSERT INTO role_grant (account_id, role, organisation_id, starts_on, granted_by) "
        "VALUES ($1, $2, $3, $4, $5) RETURNING id",
        account_id,
        role,
        organisation_id,
        starts_on or unit.today,
        unit.actor.account_id,
    )
    unit.record("account.role_granted", subject=("account", account_id), role=role)
    return int(granted)


async def end_role(unit: Unit, grant_id: int) -> None:
    """End a role today. One may not end one's own last administration."""
    row = await unit.row(
        "UPDATE role_grant SET ends_on = $2 WHERE id = $1 AND ends_on IS NULL "
        "RETURNING account_id, role",
        grant_id,
        unit.today,
    )
    if row is None:
        raise NotFound(N_("Ce rôle est déjà terminé."))
    if row["role"] == "administrator" and row["account_id"] == unit.actor.account_id:
        raise Refused(N_("Vous ne pouvez pas retirer votre propre rôle d’administration."))
    unit.record("account.role_ended", subject=("account", row["account_id"]), role=row["role"])


# -- residents ------------------------------------------------------------------------------


async def issue_code(
    unit: Unit, person_id: int, pepper: str, *, days: int = CODE_DAYS, draw: bytes | None = None
) -> tuple[str, datetime]:
    """A new card for a person: voids the one before and the sheet of codes to come back with.

    Returns the code, shown once, and its end.    `draw` fixes the random bits, for tests.
    """
    if await unit.value("SELECT died_on FROM person WHERE id = $1", person_id):
        raise Refused(N_("Cette personne est décédée : aucun code ne peut être donné."))
    await unit.fetch(
        "UPDATE access_code SET voided_at = $2 "
        "WHERE person_id = $1 AND used_at IS NULL AND voided_at IS NULL",
        person_id,
        unit.now,
    )
    await void_sheet(unit, person_id)
    code = new_code(draw)
    expires = unit.now + timedelta(days=days)
    await unit.fetch(
        "INSERT INTO access_code (person_id, hash, issued_at, issued_by, expires_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        person_id,
        await code_hash(code, unit.territory_id or 0, pepper),
        unit.now,
        unit.actor.account_id,
        expires,
    )
    unit.record(
        "access.code_issued",
        household_id=await unit.value(_HOUSEHOLD_OF, person_id),
        person_id=person_id,
    )
    return code, expires


async def hash_of_card(typed: str, territory_id: int, pepper: str) -> bytes | None:
    """What finds the card of a typed code; None when it cannot be a code.

    Slow on purpose: call it outside of a Unit, or the database's connections wait with it.
    """
    code = read_code(typed)
    if code is None:
        return None
    return await code_hash(code, territory_id, pepper, patient=False)


async def use_code(unit: Unit, card: bytes | None, birth: date | None) -> int | None:
    """The resident's account that this card, or code of a sheet, opens; None for every mistake.

    `card` comes from `hash_of_card`. The birth date guards against a misdelivered letter. Ten
    wrong dates in all void the card. None must still be committed: it counts the failure.
    """
    if card is None:
        return None
    row = await unit.row(
        "SELECT c.id, c.person_id, c.fails, p.birth FROM access_code c "
        "JOIN person p ON p.territory_id = c.territory_id AND p.id = c.person_id "
        "WHERE c.hash = $1 AND c.used_at IS NULL AND c.voided_at IS NULL AND c.expires_at > $2 "
        "FOR UPDATE OF c",
        card,
        unit.now,
    )
    if row is None:
        person_id = await use_return_code(unit, card, birth)
        return None if person_id is None else await resident_account(unit, person_id)
    if birth is None or row["birth"] != birth:
        await unit.fetch(
            "UPDATE access_code SET fails = fails + 1, "
            "voided_at = CASE WHEN fails + 1 >= $2 THEN $3::timestamptz END WHERE id = $1",
            row["id"],
            MAX_CODE_FAILS,
            unit.now,
        )
        if row["fails"] + 1 >= MAX_CODE_FAILS:
            unit.record("access.code_voided", person_id=row["person_id"])
        return None
    await unit.fetch("UPDATE access_code SET used_at = $2 WHERE id = $1", row["id"], unit.now)
    unit.record("access.code_used", person_id=row["person_id"])
    return await resident_account(unit, row["person_id"])


async def resident_account(unit: Unit, person_id: int) -> int:
    """The account of a person, made at the first sign-in."""
    known = await unit.value(
        "SELECT account_id FROM resident_account WHERE person_id = $1", person_id
    )
    if known:
        return int(known)
    account = Account(kind="resident", name="", email=None, created_at=unit.now)
    await account.save()
    await unit.fetch(
        "INSERT INTO resident_account (account_id, person_id) VALUES ($1, $2)",
        account.id,
        person_id,
    )
    return int(account.id)
