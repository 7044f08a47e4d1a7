"""A person's circle: somebody close, without an account, let to receive what is sent to them.

Family, a friend, a neighbour: they read no file, sign in nowhere and answer nothing. What they are
let to receive is a letter or a notice, which say that there is news and never what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.accounts.mandates import LONGEST_DAYS, require_grown
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

TIES = {
    "family": N_("De la famille"),
    "friend": N_("Une amie, un ami"),
    "neighbour": N_("Du voisinage"),
    "volunteer": N_("Bénévole d’une association"),
    "other": N_("Une autre personne"),
}
"""Who somebody is to the person."""

SCOPES = {
    "card": N_("Recevoir la lettre qui porte le code d’accès"),
    "notices": N_("Recevoir une copie des avis"),
}
"""What they may receive, each asked for on its own."""

MOST = 5
"""People at once: more is a list of addresses, no circle."""

ALREADY_OVER = N_("Cette autorisation est déjà terminée.")


async def add_to_circle(
    unit: Unit,
    person_id: int,
    *,
    name: str,
    tie: str,
    scope: Sequence[str],
    ends_on: date,
    given_how: str,
    phone: str = "",
    email: str = "",
    address: str = "",
    household_id: int | None = None,
) -> int:
    """Note that a person lets somebody close receive that, until a day. Returns its id.

    An adult says it for themselves; a worker notes what they said (`given_how`). Raises Invalid
    beside what is missing, Refused for a child or where the circle is full.
    """
    _own(unit, person_id)
    errors = {}
    if not name.strip():
        errors["name"] = N_("Indiquez un nom.")
    if tie not in TIES:
        errors["tie"] = N_("Choisissez une réponse de la liste.")
    if not scope or not set(scope) <= SCOPES.keys():
        errors["scope"] = N_("Choisissez au moins une chose permise.")
    if not (phone or email or address.strip()):
        errors["phone"] = N_("Indiquez un téléphone, un courriel ou une adresse.")
    if not given_how.strip():
        errors["given_how"] = N_("Indiquez comment la personne a donné son accord.")
    if ends_on <= unit.today or (ends_on - unit.today).days > LONGEST_DAYS:
        errors["ends_on"] = N_("Indiquez une date de fin, dans un an au plus.")
    if errors:
        raise Invalid(errors)
    await require_grown(unit, person_id)
    # Two clicks at once wait for each other here: the second then finds the first's row.
    await unit.fetch("SELECT 1 FROM person WHERE id = $1 FOR UPDATE", person_id)
    if len(await circle_of(unit, person_id)) >= MOST:
        raise Refused(N_("Cinq proches au plus : arrêtez d’abord une autorisation."))
    member_id = await unit.value(
        "INSERT INTO circle_member (ref, person_id, name, tie, phone, email, address, scope, "
        "starts_on, ends_on, given_how, by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        new_ref(),
        person_id,
        name.strip(),
        tie,
        phone,
        email,
        address.strip(),
        sorted(set(scope)),
        unit.today,
        ends_on,
        given_how.strip(),
        unit.actor.account_id,
    )
    unit.record(
        "circle.joined",
        household_id=household_id,
        person_id=person_id,
        subject=("circle_member", member_id),
    )
    return int(member_id)


async def leave_circle(
    unit: Unit, ref: str, person_id: int, *, household_id: int | None = None
) -> None:
    """Nothing more is sent to them from now on, whoever asks: the person, or a worker for them."""
    _own(unit, person_id)
    member_id = await unit.value(
        "UPDATE circle_member SET revoked_at = $3 WHERE ref = $1 AND person_id = $2 "
        "AND revoked_at IS NULL RETURNING id",
        ref.upper(),
        person_id,
        unit.now,
    )
    if member_id is None:
        raise NotFound(ALREADY_OVER)
    unit.record(
        "circle.left",
        household_id=household_id,
        person_id=person_id,
        subject=("circle_member", member_id),
    )


def _own(unit: Unit, person_id: int) -> None:
    """On the portal it is said by the person alone: whoever helps them does not choose who else."""
    if unit.actor.kind in ("resident", "helper") and (
        unit.actor.kind == "helper" or unit.actor.person_id != person_id
    ):
        raise Denied()


# Over a circle_member `c`; $2 is the legal day.
_NOW = "c.revoked_at IS NULL AND c.starts_on <= $2 AND (c.ends_on IS NULL OR c.ends_on > $2::date)"


async def circle_of(unit: Unit, person_id: int, scope: str | None = None) -> list[Any]:
    """Those whom a person lets receive what is sent to them, today; `scope`: that alone."""
    return await unit.fetch(
        f"SELECT c.* FROM circle_member c WHERE c.person_id = $1 AND {_NOW} "  # noqa: S608
        "AND ($3::text IS NULL OR $3 = ANY(c.scope)) ORDER BY c.id",
        person_id,
        unit.today,
        scope,
    )


async def circle_ever(unit: Unit, person_ids: Sequence[int]) -> list[Any]:
    """Everybody whom these people let, those of today first, with whose circle it is."""
    return await unit.fetch(
        f"SELECT c.*, c.ends_on - 1 AS last_day, {_NOW} AS now, p.ref AS person_ref, "  # noqa: S608
        "p.given_name, p.family_name, p.language, a.name AS author FROM circle_member c "
        "JOIN person p ON p.territory_id = c.territory_id AND p.id = c.person_id "
        "LEFT JOIN account a ON a.id = c.by AND a.kind = 'professional' "
        "WHERE c.person_id = ANY($1::bigint[]) ORDER BY now DESC, c.id DESC LIMIT 50",
        list(person_ids),
        unit.today,
    )


LETTER = {
    "title": N_("Aider une personne proche"),
    "hello": N_("Bonjour %(name)s,"),
    "why": N_("%(person)s vous fait confiance pour recevoir ses lettres."),
    "card": N_("Vous pouvez recevoir la lettre avec son code."),
    "card_secret": N_("Donnez cette lettre à la personne. Le code est à elle seule."),
    "notices": N_("Vous pouvez recevoir une copie de ses avis."),
    "notices_what": N_("Un avis dit seulement qu’il y a du nouveau."),
    "not": N_("Vous ne lisez pas son dossier. Vous ne répondez pas à sa place."),
    "until": N_("Cela s’arrête le %(day)s. La personne peut arrêter avant."),
    "no": N_("Vous ne voulez pas aider ? Dites-le à cette équipe :"),
    "signed": N_("Signature de la personne aidée"),
}
"""The letter given to them, by line; gathered with what households read, so that each is
translated."""
