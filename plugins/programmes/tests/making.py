"""A programme and its members for tests, made through the services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from litestar import Litestar

from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.kernel.unit import Actor, Unit
from core.requests.service import open_request
from core.testing import Browser, visitor
from plugins.programmes.members import enter
from plugins.programmes.service import open_programme

CARD: dict[str, Any] = {
    "name": "AMI grands précaires",
    "kind": "ami",
    "about": "Pour l’équipe seule",
    "public_name": "Un accompagnement renforcé",
    "brings": "Une équipe vous rencontre là où vous êtes.",
    "call_name": "L’équipe mobile",
    "call_phone": "03 88 00 00 41",
    "starts_on": date(2026, 1, 5),
    "ends_on": None,
}


async def programme(unit: Unit, **card: Any) -> tuple[int, str]:
    """(id, reference) of a programme that began in January."""
    ref = await open_programme(unit, {**CARD, **card})
    found = await unit.value("SELECT id FROM plugin_programmes.programme WHERE ref = $1", ref)
    return int(found), ref


async def household(
    unit: Unit, family: str = "Diallo", *, couple: bool = False, organisation_id: int | None = None
) -> tuple[int, str, int]:
    """(id, reference, main person) of a household with a demande in draft."""
    people = [NewPerson(given_name="Awa", family_name=family)]
    if couple:
        people.append(NewPerson(given_name="Moussa", family_name=family, role="partner"))
    household_id = await create_household(unit, people)
    await open_request(unit, household_id, organisation_id=organisation_id)
    row = await unit.row(
        "SELECT h.ref, m.person_id FROM household h JOIN membership m ON m.household_id = h.id "
        "WHERE h.id = $1 AND m.role = 'main'",
        household_id,
    )
    assert row is not None
    return household_id, row["ref"], row["person_id"]


async def member(unit: Unit, programme_id: int, family: str = "Diallo", **about: Any) -> str:
    """The reference of a membership of a household of its own, entered today."""
    household_id, _, _ = await household(unit, family, **about)
    return await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)


async def id_of(unit: Unit, ref: str) -> int:
    """The id of a membership."""
    found = await unit.value("SELECT id FROM plugin_programmes.member WHERE ref = $1", ref)
    return int(found)


@asynccontextmanager
async def at_work(ctx: Ctx, app: Litestar, actor: Actor, face: str = "admin") -> AsyncIterator[Any]:
    """The browser of somebody signed in on a face."""
    async with visitor(app) as client:
        browser = Browser(client)
        await browser.sign_in(ctx, actor, face)
        yield browser
