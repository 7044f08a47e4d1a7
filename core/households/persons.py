"""Persons: recorded, found by every spelling with one slip, changed without losing what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.households.external import to_report
from core.households.names import search_key
from core.households.spellings import index_person
from core.households.tables import Person
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

ROLES = ("main", "partner", "child", "other")


@dataclass(frozen=True)
class NewPerson:
    """A person to record, and their place in the household. `sex`: 1 man, 2 woman, 3 other.

    `birth` None: not known, never guessed. `external_no`: the person's number in SI-SIAO.
    """

    family_name: str
    given_name: str
    birth: date | None = None
    sex: int | None = None
    role: str = "main"
    phone: str = ""
    email: str = ""
    language: str = "fr"
    external_no: str | None = None
    shared_custody: bool = False


async def create_person(unit: Unit, person: NewPerson) -> int:
    """Record a person, findable by every spelling with one slip. Returns the id."""
    unit.require("households.write")
    _check_person(unit, person.role, person.family_name, person.given_name, person.birth)
    row = Person(
        ref=new_ref(),
        family_name=person.family_name.strip(),
        given_name=person.given_name.strip(),
        search_key=search_key(f"{person.family_name} {person.given_name}"),
        birth=person.birth,
        sex=person.sex,
        phone=person.phone,
        email=person.email,
        language=person.language,
        external_no=person.external_no,
        created_at=unit.now,
    )
    await row.save()
    await index_person(unit, row.id, (person.family_name, person.given_name))
    return int(row.id)


def _check_person(unit: Unit, role: str, family: str, given: str, birth: date | None) -> None:
    errors = {}
    if role not in ROLES:
        errors["role"] = N_("Choisissez une réponse de la liste.")
    # A child may not be named yet; everybody else is called something.
    if not family.strip():
        errors["family_name"] = N_("Indiquez un nom.")
    if not given.strip() and role != "child":
        errors["given_name"] = N_("Indiquez un prénom.")
    if birth and birth > unit.today:
        errors["birth"] = N_("Cette date de naissance est dans l’avenir.")
    if errors:
        raise Invalid(errors)


async def name_of(unit: Unit, person_id: int) -> str:
    """Family and given name, for texts that are read by the team only."""
    return str(
        await unit.value(
            "SELECT family_name || ' ' || given_name FROM person WHERE id = $1", person_id
        )
    )


CHANGEABLE = (
    "family_name", "given_name", "usual_name", "birth", "sex", "phone", "email", "language",
    "external_no",
)  # fmt: skip


async def change_person(unit: Unit, person_id: int, version: int, **fields: Any) -> None:
    """Change what is known of a person; what was stays readable.

    `version` is the one the form was filled from. Raises Conflict with what stands now.
    """
    unit.require("households.write")
    household_id = await unit.value(_HOUSEHOLD_OF, person_id, unit.today)
    if household_id is None:
        raise NotFound()
    role = "main" if "given_name" not in fields else str(await unit.value(_ROLE_OF, person_id))
    _check_person(
        unit,
        role,
        fields.get("family_name", "x"),
        fields.get("given_name", "x"),
        fields.get("birth"),
    )
    changed = await change_row(unit, "person", person_id, version, fields, CHANGEABLE)
    if not changed:
        return
    if changed.keys() & {"family_name", "given_name", "usual_name"}:
        row = await unit.row(
            "SELECT family_name, given_name, usual_name FROM person WHERE id = $1", person_id
        )
        assert row is not None
        await unit.fetch(
            "UPDATE person SET search_key = $2 WHERE id = $1",
            person_id,
            search_key(f"{row['family_name']} {row['given_name']}"),
        )
        await index_person(unit, person_id, tuple(row))
    unit.record(
        "person.changed", household_id=household_id, person_id=person_id, fields=sorted(changed)
    )
    await to_report(unit, household_id, "person", await _said(unit, person_id, changed))


async def _said(unit: Unit, person_id: int, changed: dict[str, Any]) -> str:
    parts = ", ".join(
        f"{REPORTED.get(name, name)} : {plain(name, value)}" for name, value in changed.items()
    )
    return f"{await name_of(unit, person_id)} – {parts}"


def plain(name: str, value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if name == "sex":
        return {1: "homme", 2: "femme", 3: "autre"}.get(value, "non renseigné")
    return str(value) if value not in (None, "") else "(vide)"


REPORTED = {
    "family_name": "nom",
    "given_name": "prénom",
    "usual_name": "nom d’usage",
    "birth": "naissance",
    "sex": "sexe",
    "phone": "téléphone",
    "email": "courriel",
    "language": "langue",
    "external_no": "numéro SI-SIAO",
    "address": "adresse",
}
"""How SI-SIAO calls each field: the text of the queue is copied there, so it stays in French."""

_HOUSEHOLD_OF = """
SELECT household_id FROM membership WHERE person_id = $1
ORDER BY (ends_on IS NULL OR ends_on > $2) DESC, starts_on DESC, id DESC LIMIT 1
"""
_ROLE_OF = "SELECT role FROM membership WHERE person_id = $1 ORDER BY id DESC LIMIT 1"
