"""Help authorisations (mandats): a person lets a worker act with them, for so long, for that."""

from __future__ import annotations

from datetime import date

from core.accounts.team import NOT_HERE, works_here
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

SCOPES = {
    "read": N_("Lire sa situation avec elle"),
    "answer": N_("Répondre à une proposition"),
    "write": N_("Écrire des messages"),
}
"""What a worker may do with a person, each asked for on its own."""

LONGEST_DAYS = 366
"""An authorisation is given for a year at most, then asked for again."""


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
    """Note that a person lets this account act with them until a day. Returns its id."""
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
