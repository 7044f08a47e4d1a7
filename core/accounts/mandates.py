"""Help authorisations (mandats): a person lets a worker act with them, for so long, for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.accounts.team import NOT_HERE, works_here
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.unit import Actor, Unit
from core.kernel.words import N_

SCOPES = {
    "read": N_("Lire sa situation avec elle"),
    "answer": N_("Répondre à une proposition"),
    "write": N_("Écrire des messages"),
}
"""What a worker may do with a person, each asked for on its own."""

LONGEST_DAYS = 366
"""An authorisation is given for a year at most, then asked for again."""

OVER = N_("Cette autorisation d’aide est terminée. Rien n’a été envoyé.")
OUTSIDE = N_("Cette autorisation d’aide ne permet pas de faire cela.")
GIVEN_ONLINE = N_("Donnée par la personne, dans son espace")
TOO_YOUNG = N_("Une autorisation d’aide est donnée par une personne majeure.")
SAME = N_("Cette personne a déjà une autorisation en cours.")


class MandateOver(Denied):
    """The authorisation ended, perhaps while a form was being filled in.

    `kept`: what had been typed, by field, so that the page gives it back.
    """

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        super().__init__(OVER)
        self.kept = dict(kept or {})


# Over a mandate `d`; $2 is the legal day.
_IN_FORCE = (
    "d.revoked_at IS NULL AND d.starts_on <= $2 AND (d.ends_on IS NULL OR d.ends_on > $2::date)"
)
_GIVEN = f"SELECT 1 FROM mandate d WHERE d.person_id = $1 AND d.account_id = $3 AND {_IN_FORCE}"  # noqa: S608
_HELD_NOW = f"SELECT 1 FROM mandate d WHERE d.id = $1 AND d.account_id = $3 AND {_IN_FORCE}"  # noqa: S608


async def give_mandate(
    unit: Unit,
    person_id: int,
    account_id: int,
    scope: list[str],
    *,
    ends_on: date,
    given_how: str,
    household_id: int | None = None,
) -> int:
    """Note that a person lets this account act with them until a day. Returns its id.

    An adult gives it for themselves; a second one to the same worker waits for the first's end.
    """
    errors = {}
    if not scope or not set(scope) <= SCOPES.keys():
        errors["scope"] = N_("Choisissez au moins une chose permise.")
    if not given_how.strip():
        errors["given_how"] = N_("Indiquez comment la personne a donné son accord.")
    if ends_on <= unit.today or (ends_on - unit.today).days > LONGEST_DAYS:
        errors["ends_on"] = N_("Indiquez une date de fin, dans un an au plus.")
    if errors:
        raise Invalid(errors)
    if not await works_here(unit, account_id):
        raise Refused(NOT_HERE)
    await require_grown(unit, person_id)
    # Two clicks at once wait for each other here: the second then finds the first's row.
    await unit.fetch("SELECT 1 FROM person WHERE id = $1 FOR UPDATE", person_id)
    if await unit.value(_GIVEN, person_id, unit.today, account_id):
        raise Refused(SAME)
    mandate_id = await unit.value(
        "INSERT INTO mandate (person_id, account_id, scope, starts_on, ends_on, given_how) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        person_id,
        account_id,
        sorted(set(scope)),
        unit.today,
        ends_on,
        given_how.strip(),
    )
    unit.record(
        "mandate.given",
        household_id=household_id,
        person_id=person_id,
        subject=("mandate", mandate_id),
    )
    return int(mandate_id)


_CHILD = """
SELECT 1 FROM person p JOIN membership m ON m.person_id = p.id
WHERE p.id = $1 AND p.birth > ($2::date - interval '18 years') AND m.role = 'child'
  AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
"""


async def require_grown(unit: Unit, person_id: int) -> None:
    """Raise Refused for a child of a household: an adult says for themselves who may help."""
    if await unit.value(_CHILD, person_id, unit.today):
        raise Refused(TOO_YOUNG)


async def end_mandate(unit: Unit, mandate_id: int, *, household_id: int | None = None) -> None:
    """The authorisation ends now, whoever asks: the person, or the worker for them."""
    person_id = await unit.value(
        "UPDATE mandate SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL "
        "RETURNING person_id",
        mandate_id,
        unit.now,
    )
    if person_id is None:
        raise NotFound(N_("Cette autorisation est déjà terminée."))
    unit.record(
        "mandate.ended",
        household_id=household_id,
        person_id=person_id,
        subject=("mandate", mandate_id),
    )


# -- acting under one -------------------------------------------------------------------------


_HELD = f"""
SELECT d.id, d.scope, d.starts_on, d.ends_on - 1 AS last_day, p.id AS person_id,
       p.given_name, p.family_name, m.household_id, h.ref AS household_ref
FROM mandate d JOIN person p ON p.territory_id = d.territory_id AND p.id = d.person_id
LEFT JOIN LATERAL (
  SELECT household_id FROM membership m WHERE m.territory_id = d.territory_id
    AND m.person_id = d.person_id AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
  ORDER BY m.starts_on DESC, m.id DESC LIMIT 1) m ON true
LEFT JOIN household h ON h.territory_id = d.territory_id AND h.id = m.household_id
WHERE d.account_id = $1 AND {_IN_FORCE}
  AND p.died_on IS NULL AND p.merged_into IS NULL
"""  # noqa: S608 made of constants


async def mandates_held(unit: Unit, account_id: int) -> list[Any]:
    """The authorisations in force that were given to this account, by the person's name."""
    return await unit.fetch(f"{_HELD} ORDER BY p.family_name, p.given_name, d.id",
                            account_id, unit.today)  # fmt: skip


async def begin_helping(unit: Unit, account_id: int, mandate_id: int) -> Any:
    """The worker begins to act for the person: noted, so that the person reads it.

    NotFound for an authorisation that is not this account's, not in force, or of elsewhere.
    """
    row = await unit.row(f"{_HELD} AND d.id = $3", account_id, unit.today, mandate_id)
    if row is None:
        raise NotFound(N_("Cette autorisation n’existe pas, ou elle est terminée."))
    unit.actor = replace(unit.actor, on_behalf_of=row["person_id"], mandate_id=mandate_id)
    unit.record(
        "mandate.used",
        household_id=row["household_id"],
        person_id=row["person_id"],
        subject=("mandate", mandate_id),
    )
    return row


async def hold_mandate(unit: Unit) -> None:
    """Keep the helper's authorisation in force until the Unit ends; MandateOver when it is not.

    Its end waits for an act that has begun, and an act that begins later finds it ended; a page
    that is only read holds nothing.
    """
    if unit.actor.kind != "helper":
        return
    actor = unit.actor
    sql = _HELD_NOW if unit.read_only else f"{_HELD_NOW} FOR SHARE"
    if not await unit.value(sql, actor.mandate_id, unit.today, actor.account_id):
        raise MandateOver()


def acts_for(actor: Actor, person_id: int, scope: str) -> bool:
    """Whether the actor is that person, or helps that person with a scope that allows it."""
    if actor.person_id != person_id:
        return False
    return actor.kind == "resident" or (actor.kind == "helper" and actor.helps_with(scope))
