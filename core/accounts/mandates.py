"""Mandates: a person lets a worker act with them, for something, from a day to a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_

SCOPES = {
    "read": N_("Lire avec vous où en est la demande"),
    "write": N_("Écrire des messages avec vous"),
    "answer": N_("Répondre à une proposition avec vous"),
    "update": N_("Mettre la demande à jour avec vous"),
}
"""What a person may let somebody do with them: the same words on both sides."""


async def give_mandate(
    unit: Unit,
    person_id: int,
    account_id: int,
    scope: Sequence[str],
    *,
    starts_on: date,
    ends_on: date | None,
    given_how: str,
) -> int:
    """Note that a person lets a worker act with them; `given_how` says how they said so."""
    unit.require("households.write")
    if not scope or set(scope) - set(SCOPES):
        raise Invalid({"scope": N_("Choisissez une réponse de la liste.")})
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid({"ends_on": N_("La fin doit venir après le début.")})
    if not given_how.strip():
        raise Invalid({"given_how": N_("Notez comment la personne a donné son accord.")})
    mandate_id = await unit.value(
        "INSERT INTO mandate (person_id, account_id, scope, starts_on, ends_on, given_how) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        person_id,
        account_id,
        list(scope),
        starts_on,
        ends_on,
        given_how.strip(),
    )
    unit.record("mandate.given", person_id=person_id, subject=("mandate", mandate_id))
    return int(mandate_id)


async def end_mandate(unit: Unit, mandate_id: int) -> None:
    """End a mandate at once. A resident ends only their own; ended twice, nothing more happens."""
    row = await unit.row(
        "SELECT person_id, revoked_at FROM mandate WHERE id = $1 FOR UPDATE", mandate_id
    )
    if row is None:
        raise NotFound()
    if unit.actor.kind == "resident":
        if unit.actor.person_id != row["person_id"]:
            raise NotFound()
    elif unit.permits is not None and not unit.permits("households.write"):
        raise Denied()
    if row["revoked_at"] is not None:
        return
    await unit.fetch("UPDATE mandate SET revoked_at = $2 WHERE id = $1", mandate_id, unit.now)
    unit.record("mandate.ended", person_id=row["person_id"], subject=("mandate", mandate_id))


async def own_mandates(unit: Unit, person_id: int) -> list[Any]:
    """Every mandate a person gave, those in force first: who, for what, until when."""
    return await unit.fetch(
        "SELECT m.id, m.scope, m.starts_on, m.ends_on, m.revoked_at, a.name, "
        "(SELECT o.name FROM role_grant g JOIN organisation o ON o.id = g.organisation_id "
        " WHERE g.territory_id = m.territory_id AND g.account_id = m.account_id "
        " AND g.ends_on IS NULL ORDER BY g.id LIMIT 1) AS organisation, "
        "m.revoked_at IS NULL AND (m.ends_on IS NULL OR m.ends_on > $2) AS in_force "
        "FROM mandate m JOIN account a ON a.id = m.account_id "
        "WHERE m.person_id = $1 ORDER BY in_force DESC, m.id DESC",
        person_id,
        unit.today,
    )
