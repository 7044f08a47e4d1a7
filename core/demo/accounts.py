"""Who may be tried in the demonstration: professionals by password, residents by a sheet of codes.

Each code opens once. Asking again shows those that are left, and makes ten more only when none is:
nobody's code dies because somebody else asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from core.accounts.passwords import new_code
from core.accounts.service import resident_account
from core.accounts.ways_back import SHEET, draw_sheet, issue_sheet
from core.demo.places import LANDS
from core.demo.scene import PASSWORD
from core.demo.told import told_in
from core.extension.context import Place
from core.extension.permissions import ROLES
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.territories.queries import load_places


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
    codes: tuple[str, ...] = ()
    """A resident's codes not yet used, `fields["code"]` the first; each opens once."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def demo_accounts(settings: Settings) -> list[DemoAccount]:
    """All of them, residents with their codes that are left; voids nothing."""
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
        "WHERE a.email LIKE '%@' || $1 || '.test' AND a.password IS NOT NULL "
        "AND NOT a.must_change AND g.ends_on IS NULL AND a.disabled_at IS NULL ORDER BY a.id",
        place.slug,
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
            birth = row["birth"]
            # Their own words make the codes: the same after each `seuil demo --reset`.
            who = f"{place.slug} {row['family_name']} {row['given_name']} {birth}"
            codes = await _codes(unit, settings, row["id"], who)
            found.append(
                DemoAccount(
                    place.slug,
                    "portal",
                    "resident",
                    f"{row['given_name']} {row['family_name']}",
                    f"{settings.public_url}/{place.slug}/{place.langs[0]}/entrer",
                    {
                        "code": codes[0],
                        "birth_date_day": str(birth.day),
                        "birth_date_month": str(birth.month),
                        "birth_date_year": str(birth.year),
                    },
                    told.story,
                    tuple(codes),
                )
            )
    return found


_LEFT = """
SELECT number, sheet FROM (
  SELECT number, used_at, voided_at, expires_at, dense_rank() OVER (ORDER BY issued_at) AS sheet
  FROM return_code WHERE person_id = $1 AND issued_by IS NULL) c
WHERE used_at IS NULL AND voided_at IS NULL AND expires_at > $2 ORDER BY sheet DESC, number
"""


async def _codes(unit: Unit, settings: Settings, person_id: int, who: str) -> list[str]:
    """What is left of the demonstration's own sheets; a new one, beside all others, when none is.

    A code is kept nowhere: it is drawn again from who it is for, its sheet and its number.
    """
    left = await unit.fetch(_LEFT, person_id, unit.now)
    if left:
        return [new_code(_draw(settings, who, row["sheet"], row["number"])) for row in left]
    known = await unit.value(
        "SELECT count(DISTINCT issued_at) FROM return_code "
        "WHERE person_id = $1 AND issued_by IS NULL",
        person_id,
    )
    await resident_account(unit, person_id)
    draws = [_draw(settings, who, known + 1, n) for n in range(1, SHEET + 1)]
    sheet = await draw_sheet(unit.territory_id or 0, settings.secret_key, draws)
    await issue_sheet(unit, person_id, sheet, beside=True)
    return [code for code, _ in sheet]


def _draw(settings: Settings, who: str, sheet: int, number: int) -> bytes:
    text = f"seuil demo {settings.secret_key} {who} {sheet} {number}"
    return hashlib.sha256(text.encode()).digest()[:7]
