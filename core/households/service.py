"""What is done to households and people: open, join, change; the other verbs stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.households.external import to_report
from core.households.field_questions import answer_question, ask_question
from core.households.handing_over import hand_over
from core.households.key_workers import (
    assign_key_worker,
    assign_self_as_prescriber,
    end_key_worker,
    propose_key_worker,
)
from core.households.known import set_answer, set_situation, write_note
from core.households.living import live
from core.households.persons import (
    REPORTED,
    ROLES,
    NewPerson,
    change_person,
    create_person,
    name_of,
    plain,
)
from core.households.shelter import hand_to_shelter, receive_from_shelter, settle_shelter
from core.households.tables import Household, Membership
from core.kernel.edits import change_row
from core.kernel.errors import Invalid
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

__all__ = [
    "NewPerson", "add_member", "answer_question", "ask_question", "assign_key_worker",
    "change_household", "change_person", "create_household", "create_person", "end_key_worker",
    "hand_over", "hand_to_shelter", "live", "receive_from_shelter", "set_answer", "set_situation",
    "settle_shelter", "write_note",
]  # fmt: skip


async def create_household(
    unit: Unit,
    people: Sequence[NewPerson],
    *,
    sector_id: int | None = None,
    phone: str = "",
    email: str = "",
    address: str = "",
    language: str = "fr",
    external_no: str | None = None,
    starts_on: date | None = None,
) -> int:
    """Open a household with the people in it from a day on (today). Returns its id.

    A key worker is named at once: the prescriber who opens it, and the team's worker whose
    portfolio fits, when there is one. Raises Invalid unless exactly one person is the main one.
    """
    unit.require("households.write")
    if [p.role for p in people].count("main") != 1:
        raise Invalid({"people": N_("Indiquez une personne principale, et une seule.")})
    day = starts_on or unit.today
    household = Household(
        ref=new_ref(),
        created_at=unit.now,
        created_by=unit.actor.account_id,
        sector_id=sector_id,
        external_no=external_no,
        phone=phone,
        email=email,
        address=address,
        language=language,
    )
    await household.save()
    for person in people:
        person_id = await create_person(unit, person)
        await _join(unit, household.id, person_id, person.role, day, person.shared_custody)
    unit.record("household.created", household_id=household.id, people=len(people))
    # From today: people may have lived together for long, nobody answered for them until now.
    await assign_self_as_prescriber(unit, household.id, unit.today)
    await propose_key_worker(unit, household.id)
    return int(household.id)


async def add_member(
    unit: Unit,
    household_id: int,
    person_id: int,
    role: str,
    starts_on: date,
    shared_custody: bool = False,
) -> None:
    """A person enters a household from a day on. Raises Conflict when already in it then."""
    unit.require("households.write")
    if role not in ROLES:
        raise Invalid({"role": N_("Choisissez une réponse de la liste.")})
    await _join(unit, household_id, person_id, role, starts_on, shared_custody)
    unit.record("household.member_joined", household_id=household_id, person_id=person_id)
    await to_report(
        unit,
        household_id,
        "member",
        "Ajouter une personne : "
        f"{await name_of(unit, person_id)}, à compter du {starts_on:%d/%m/%Y}",
    )


async def _join(
    unit: Unit, household_id: int, person_id: int, role: str, on: date, shared: bool
) -> None:
    await Membership(
        household_id=household_id,
        person_id=person_id,
        role=role,
        starts_on=on,
        shared_custody=shared,
    ).save()


CHANGEABLE = ("sector_id", "external_no", "phone", "email", "address", "language")


async def change_household(unit: Unit, household_id: int, version: int, **fields: Any) -> None:
    """Change how a household is reached, its sector or its number; what was stays readable."""
    unit.require("households.write")
    changed = await change_row(unit, "household", household_id, version, fields, CHANGEABLE)
    if not changed:
        return
    unit.record("household.changed", household_id=household_id, fields=sorted(changed))
    told = {name: value for name, value in changed.items() if name in REPORTED}
    if told:
        parts = ", ".join(f"{REPORTED[n]} : {plain(n, v)}" for n, v in told.items())
        await to_report(unit, household_id, "household", f"Ménage – {parts}")
