"""Demandes for tests, made through the services."""

from __future__ import annotations

from datetime import date

from core.households.service import NewPerson, create_household, set_situation
from core.kernel.unit import Unit
from core.requests.facts import known
from core.requests.service import complete_request, decide, open_request, recommend, transmit


async def draft(
    unit: Unit,
    *,
    family: str = "Diallo",
    given: str = "Awa",
    birth: date | None = date(1985, 4, 3),
    couple: bool = False,
    complete: bool = True,
    kind: str = "chrs",
    organisation_id: int | None = None,
    sector_id: int | None = None,
) -> int:
    """A demande in draft; `complete`: only the day the household was told is missing."""
    people = [NewPerson(family, given, birth, 2, phone="0601020304")]
    if couple:
        people.append(NewPerson(family, "Moussa", date(1983, 1, 2), 1, role="partner"))
    household_id = await create_household(unit, people, sector_id=sector_id)
    if organisation_id is None and complete:
        organisation_id = await organisation(unit)
    request_id = await open_request(unit, household_id, organisation_id=organisation_id)
    if complete:
        main = (await known(unit, request_id)).people[0]["id"]
        await set_situation(unit, main, 20, starts_on=unit.today)
        await recommend(unit, request_id, [(kind, 2, "")])
        version = await unit.value("SELECT version FROM housing_request WHERE id = $1", request_id)
        await complete_request(
            unit, request_id, version, reason_code=203, answers={"resources_cents": (1, 60_000)}
        )
        await _key_worker(unit, household_id)
    return request_id


async def organisation(unit: Unit, name: str = "CCAS d’Essai") -> int:
    """A prescribing organisation at work here."""
    organisation_id = await unit.value(
        "INSERT INTO organisation (kind, name, search_key, created_at) "
        "VALUES ('CCAS_CIAS', $1, 'ccas d essai', $2) RETURNING id",
        name,
        unit.now,
    )
    await unit.fetch(
        "INSERT INTO territory_organisation (organisation_id, starts_on, phone, email, address) "
        "VALUES ($1, $2, '', '', '')",
        organisation_id,
        unit.today,
    )
    return int(organisation_id)


async def _key_worker(unit: Unit, household_id: int) -> None:
    """The actor answers for the household, unless somebody does already."""
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, role, starts_on, end_reason) "
        "SELECT $1, $2, 'siao', $3, '' WHERE NOT EXISTS "
        "(SELECT 1 FROM key_worker WHERE household_id = $1)",
        household_id,
        unit.actor.account_id,
        unit.today,
    )


async def sent(unit: Unit, **about: object) -> int:
    """A demande that was transmitted today."""
    request_id = await draft(unit, **about)  # type: ignore[arg-type]
    await transmit(unit, request_id, informed_on=unit.today)
    return request_id


async def listed(unit: Unit, **about: object) -> int:
    """A demande validated and on the list of its recommended kind."""
    request_id = await sent(unit, **about)
    await decide(unit, request_id, "validate_and_list")
    return request_id
