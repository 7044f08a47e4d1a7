"""What a test begins with: a household, its demande, an organisation, a free place, in one call.

Made through the services, in an open Unit. The makers named `make_…` give what tests ask next:
ids, and the reference of an address; the others give the id alone. For a territory and its people
see `core.testing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from core.households.service import NewPerson, create_household, set_situation
from core.housing.service import (
    add_unit,
    declare_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
)
from core.kernel.unit import Unit
from core.placements.service import answer, propose, seed_reasons
from core.requests.facts import known
from core.requests.service import complete_request, decide, open_request, recommend, transmit


@dataclass(frozen=True)
class Household:
    """A household: its id, the reference of its address, and the person it is known by."""

    id: int
    ref: str
    person_id: int


@dataclass(frozen=True)
class Demande:
    """A demande with the household that made it."""

    id: int
    ref: str
    household: Household


@dataclass(frozen=True)
class FreePlace:
    """A declared vacancy, its unit, and the organisation that runs it."""

    id: int
    ref: str
    unit_id: int
    organisation_id: int


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


_numbers = count(1)


async def structure(unit: Unit, kind: str = "chrs", name: str = "") -> tuple[int, int]:
    """(organisation, programme) of a kind, with the territory's kinds and reasons seeded."""
    await seed_kinds(unit)
    await seed_reasons(unit)
    name = name or f"La Rive {next(_numbers)}"
    organisation_id = await register_organisation(unit, name=f"Association {name}", kind="ASSO")
    programme_id = await open_programme(
        unit, organisation_id, name=name, kind=kind, opened_on=date(2020, 1, 1)
    )
    return organisation_id, programme_id


async def place(unit: Unit, programme_id: int, *, free: bool = True, most: int = 4) -> int:
    """A vacancy (or, with `free=False`, a unit) of a programme."""
    unit_id = await add_unit(
        unit, programme_id, label=str(next(_numbers)), typology="t2", max_persons=most
    )
    return await declare_vacancy(unit, unit_id, free_on=unit.today) if free else unit_id


async def proposed(unit: Unit, programme_id: int, **about: object) -> int:
    """A referral just proposed to a household of its own."""
    vacancy_id = await place(unit, programme_id)
    return await propose(unit, vacancy_id, await listed(unit, **about))


async def admitted(unit: Unit, programme_id: int, **about: object) -> int:
    """A referral whose structure said yes."""
    referral_id = await proposed(unit, programme_id, **about)
    await answer(unit, referral_id, "accept", words="Au téléphone, ce matin", oral=True)
    await answer(unit, referral_id, "send")
    await answer(unit, referral_id, "admit")
    return referral_id


async def states(unit: Unit, referral_id: int) -> tuple[str, str, str, str]:
    """(referral, vacancy, demande, its entry on the list)."""
    row = await unit.row(
        "SELECT r.state, v.state AS vacancy, q.state AS request, e.state AS entry FROM referral r "
        "JOIN vacancy v ON v.id = r.vacancy_id JOIN housing_request q ON q.id = r.request_id "
        "LEFT JOIN waiting_entry e ON e.request_id = q.id WHERE r.id = $1 ORDER BY e.id DESC",
        referral_id,
    )
    assert row is not None
    return tuple(row)


async def make_household(
    unit: Unit, family: str = "Diallo", given: str = "Awa", birth: date | None = None
) -> Household:
    """A household of one person."""
    household_id = await create_household(unit, [NewPerson(family, given, birth)])
    return await _household(unit, household_id)


_STEPS = {"draft": draft, "sent": sent, "listed": listed}


async def make_demande(
    unit: Unit,
    state: str = "listed",
    *,
    kind: str = "chrs",
    family: str = "Diallo",
    given: str = "Awa",
    couple: bool = False,
) -> Demande:
    """A demande of a household of its own: `draft` (complete, not sent), `sent`, or `listed`
    (validated, and waiting on the list of `kind`)."""
    about: dict[str, Any] = {"kind": kind, "family": family, "given": given, "couple": couple}
    request_id = await _STEPS[state](unit, **about)
    row = await unit.row("SELECT ref, household_id FROM housing_request WHERE id = $1", request_id)
    assert row is not None
    return Demande(request_id, row["ref"], await _household(unit, row["household_id"]))


async def make_organisation(unit: Unit, name: str = "CCAS d’Essai") -> int:
    """An organisation at work here, that may prescribe; its id."""
    return await organisation(unit, name)


async def make_free_place(unit: Unit, kind: str = "chrs", most: int = 4) -> FreePlace:
    """A place of a structure of its own, free from today on, for `most` persons at most."""
    organisation_id, programme_id = await structure(unit, kind)
    vacancy_id = await place(unit, programme_id, most=most)
    row = await unit.row("SELECT ref, unit_id FROM vacancy WHERE id = $1", vacancy_id)
    assert row is not None
    return FreePlace(vacancy_id, row["ref"], row["unit_id"], organisation_id)


async def _household(unit: Unit, household_id: int) -> Household:
    row = await unit.row(
        "SELECT h.ref, m.person_id FROM household h JOIN membership m ON m.household_id = h.id "
        "WHERE h.id = $1 AND m.role = 'main'",
        household_id,
    )
    assert row is not None
    return Household(household_id, row["ref"], row["person_id"])
