"""Who may be tried in the demonstration: professionals by password, residents by a fresh card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.accounts.service import issue_code
from core.demo.places import LANDS
from core.demo.scene import PASSWORD, TEAM
from core.demo.told import told_in
from core.extension.context import Place
from core.extension.permissions import ROLES
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.territories.queries import load_places

SHOWN = {short: role for _, role, short in TEAM} | {
    "prescripteur": "prescriber",
    "structure": "structure",
}
"""Accounts with a password, by the first part of their address."""


@dataclass(frozen=True)
class DemoAccount:
    """One way in: post `fields` (and the form's own token) to `url`."""

    territory: str
    face: str
    role: str
    name: str
    url: str
    fields: dict[str, str]
    story: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def demo_accounts(settings: Settings) -> list[DemoAccount]:
    """All of them. A card serves once, so each call makes new ones and voids those before."""
    async with Unit(territory_id=None) as unit:
        places = await load_places(unit)
    found: list[DemoAccount] = []
    for land in LANDS:
        if land.slug in places:
            place = places[land.slug]
            async with Unit(territory_id=place.id, zone=place.zone) as unit:
                found += await _professionals(unit, settings, place)
                found += await _residents(unit, settings, place)
    return found


async def _professionals(unit: Unit, settings: Settings, place: Place) -> list[DemoAccount]:
    rows = await unit.fetch(
        "SELECT a.name, a.email, g.role FROM account a JOIN role_grant g ON g.account_id = a.id "
        "WHERE a.email = ANY($1) AND g.ends_on IS NULL AND a.disabled_at IS NULL ORDER BY a.id",
        [f"{short}@{place.slug}.test" for short in SHOWN],
    )
    return [
        DemoAccount(
            place.slug,
            "admin",
            row["role"],
            row["name"],
            f"{settings.public_url}/admin/{place.slug}/connexion",
            {"email": row["email"], "password": PASSWORD},
            ROLES[row["role"]],
        )
        for row in rows
    ]


_OF_STORY = """
SELECT q.id, q.given_name, q.family_name, q.birth FROM person p
JOIN membership m ON m.person_id = p.id JOIN membership n ON n.household_id = m.household_id
JOIN person q ON q.id = n.person_id
WHERE p.family_name = $1 AND p.given_name = $2 AND p.birth = $3
  AND q.family_name = $4 AND q.given_name = $5 AND q.died_on IS NULL ORDER BY p.id, q.id LIMIT 1
"""


async def _residents(unit: Unit, settings: Settings, place: Place) -> list[DemoAccount]:
    """Those of the told households who may be tried; one who died since has no card."""
    found = []
    for told in told_in(place.slug):
        people = told.plan.family.people
        main = people[0]
        for person in (people[n] for n in told.access):
            row = await unit.row(
                _OF_STORY, main.family_name, main.given_name, main.birth,
                person.family_name, person.given_name,
            )  # fmt: skip
            if row is None or row["birth"] is None:
                continue
            code, _ = await issue_code(unit, row["id"], settings.secret_key)
            birth = row["birth"]
            found.append(
                DemoAccount(
                    place.slug,
                    "portal",
                    "resident",
                    f"{row['given_name']} {row['family_name']}",
                    f"{settings.public_url}/{place.slug}/{place.langs[0]}/entrer",
                    {
                        "code": code,
                        "birth_date_day": str(birth.day),
                        "birth_date_month": str(birth.month),
                        "birth_date_year": str(birth.year),
                    },
                    told.story,
                )
            )
    return found
