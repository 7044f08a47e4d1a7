"""Places and referrals for tests, made through the services."""

from __future__ import annotations

from datetime import date
from itertools import count

from core.housing.service import (
    add_unit,
    declare_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
)
from core.kernel.unit import Unit
from core.placements.service import answer, propose, seed_reasons
from core.requests.tests.making import listed

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
