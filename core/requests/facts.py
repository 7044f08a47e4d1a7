"""What is known of a demande: what is still missing to transmit it, and the row matching reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.households.people import Member, Role, Sex, composition_code, is_minor
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.requests.followers import tell_facts
from core.requests.rules import MissingField, missing_to_transmit

QUESTIONS = (
    "resources_cents",
    "animals",
    "accessible_needed",
    "areas_wanted",
    "areas_refused",
    "support",
    "preferences",
    "informed_on",
)
"""The household's questions that a demande shows: all of the class `social`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The latest answer to a question; `state` is one of the four, no row means not asked."""

    state: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class Known:
    """A demande with its household on a day, as rules and pages read it."""

    request: Mapping[str, Any]
    people: tuple[Mapping[str, Any], ...]
    answers: Mapping[str, Answered]
    recommendations: tuple[Mapping[str, Any], ...]
    composition: int | None
    on: date
    resources: tuple[Mapping[str, Any], ...] = ()

    @property
    def main(self) -> Mapping[str, Any] | None:
        """The main person, else whoever stands first."""
        return self.people[0] if self.people else None

    def missing(self) -> list[MissingField]:
        """What must still be answered before transmission."""
        return missing_to_transmit(self.for_transmission())

    def for_transmission(self) -> dict[str, object]:
        """The facts that `missing_to_transmit` reads: None or empty means not asked."""
        main, request = self.main or {}, self.request
        reach = [request["phone"], request["email"], request["address"]]
        reach += [main.get("phone"), main.get("email")]
        resources, informed = self.answers.get("resources_cents"), self.answers.get("informed_on")
        return {
            "family_name": main.get("family_name"),
            "given_name": main.get("given_name"),
            "birth": main.get("birth"),
            "residential_situation": main.get("situation"),
            "contact": next((value for value in reach if value), None),
            "composition": self.composition,
            "request_reason": request["reason_code"],
            "resources": resources.state if resources else None,
            "recommendation": self.recommendations,
            "prescriber": request["organisation_id"],
            "key_worker": request["key_worker_id"],
            "informed_on": informed.value if informed else None,
        }


_REQUEST = """
SELECT r.*, h.phone, h.email, h.address, h.ref AS household_ref, h.sector_id,
  (SELECT k.account_id FROM key_worker k WHERE k.household_id = r.household_id
     AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)
   ORDER BY k.role DESC, k.id LIMIT 1) AS key_worker_id
FROM housing_request r JOIN household h ON h.id = r.household_id
WHERE r.id = $1
"""

_PEOPLE = """
SELECT p.id, p.ref, p.family_name, p.given_name, p.birth, p.sex, p.phone, p.email, p.version,
  m.role, m.shared_custody,
  (SELECT s.code FROM situation s WHERE s.person_id = p.id AND s.starts_on <= $2
     AND (s.ends_on IS NULL OR s.ends_on > $2) ORDER BY s.starts_on DESC, s.id DESC LIMIT 1)
    AS situation
FROM membership m JOIN person p ON p.id = m.person_id
WHERE m.household_id = $1 AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
ORDER BY CASE m.role WHEN 'main' THEN 0 WHEN 'partner' THEN 1 WHEN 'other' THEN 2 ELSE 3 END,
  p.birth NULLS LAST, p.id
"""

_ANSWERS = """
SELECT DISTINCT ON (question) question, state, value FROM answer
WHERE household_id = $1 AND person_id IS NULL AND question = ANY($2::text[])
ORDER BY question, id DESC
"""

_RECOMMENDATIONS = """
SELECT rank, kind, support, why, by, starts_at FROM recommendation
WHERE request_id = $1 AND ends_at IS NULL ORDER BY rank, id
"""

_RESOURCES = """
SELECT s.amount_cents, s.kind, s.since, s.until, p.ref AS person FROM resource s
LEFT JOIN person p ON p.territory_id = s.territory_id AND p.id = s.person_id
WHERE s.household_id = $1 AND s.ends_at IS NULL ORDER BY s.rank, s.id
"""


async def known(unit: Unit, request_id: int) -> Known:
    """Everything a demande says today, in five statements. Raises NotFound."""
    request = await unit.row(_REQUEST, request_id, unit.today)
    if request is None:
        raise NotFound()
    household_id = request["household_id"]
    people = await unit.fetch(_PEOPLE, household_id, unit.today)
    answers = await unit.fetch(_ANSWERS, household_id, list(QUESTIONS))
    recommended = await unit.fetch(_RECOMMENDATIONS, request_id)
    resources = await unit.fetch(_RESOURCES, household_id)
    members = [_member(row) for row in people]
    return Known(
        request=dict(request),
        people=tuple(dict(row) for row in people),
        answers={
            r["question"]: Answered(r["state"], _plain(r["value"])) for r in answers if r["state"]
        },
        recommendations=tuple(dict(row) for row in recommended),
        composition=composition_code(members, unit.today),
        on=unit.today,
        resources=tuple(dict(row) for row in resources),
    )


def _member(row: Mapping[str, Any]) -> Member:
    sex = Sex(row["sex"]) if row["sex"] else None
    return Member(row["id"], Role(row["role"]), row["birth"], sex, row["shared_custody"])


def _plain(value: str | None) -> Any:
    return None if value is None else msgspec.json.decode(value)


_KEEP = """
INSERT INTO request_facts (request_id, household_id, composition, persons, adults, youngest_birth,
  eldest_birth, resources_cents, kinds, areas_wanted, areas_refused, accessible_needed, animals,
  support, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (territory_id, request_id) DO UPDATE SET
  household_id = excluded.household_id, composition = excluded.composition,
  persons = excluded.persons, adults = excluded.adults,
  youngest_birth = excluded.youngest_birth, eldest_birth = excluded.eldest_birth,
  resources_cents = excluded.resources_cents, kinds = excluded.kinds,
  areas_wanted = excluded.areas_wanted, areas_refused = excluded.areas_refused,
  accessible_needed = excluded.accessible_needed, animals = excluded.animals,
  support = excluded.support, updated_at = excluded.updated_at
"""


async def rebuild_facts(unit: Unit, request_id: int, file: Known | None = None) -> None:
    """Bring the row that matching reads to what is known now, in the same transaction.

    A refusal to answer and "unknown" stay NULL there: nobody is matched or left out on them.
    """
    file = file or await known(unit, request_id)
    births = [p["birth"] for p in file.people if p["birth"]]
    adults = [p for p in file.people if not _minor(p, file.on)]
    await unit.fetch(
        _KEEP,
        request_id,
        file.request["household_id"],
        file.composition,
        len(file.people) or None,
        len(adults),
        max(births, default=None),
        min(births, default=None),
        _amount(file.answers.get("resources_cents")),
        [r["kind"] for r in file.recommendations] or None,
        _given(file.answers.get("areas_wanted")),
        _given(file.answers.get("areas_refused")),
        _yes_or_no(file.answers.get("accessible_needed")),
        _yes_or_no(file.answers.get("animals")),
        _support(file),
        unit.now,
    )
    await tell_facts(unit, request_id)


_OPEN = """
SELECT id FROM housing_request
WHERE household_id = $1 AND state NOT IN ('closed', 'cancelled', 'refused')
"""


async def rebuild_facts_of(unit: Unit, household_id: int) -> None:
    """The same for the open demandes of a household, after its people or answers changed."""
    for row in await unit.fetch(_OPEN, household_id):
        await rebuild_facts(unit, row["id"])


def _minor(person: Mapping[str, Any], on: date) -> bool:
    return is_minor(_member(person), on)


def _amount(answer: Answered | None) -> int | None:
    if answer is None or answer.state > 2:
        return None
    return 0 if answer.state == 2 else answer.value


def _given(answer: Answered | None) -> list[int] | None:
    return list(answer.value) if answer and answer.state == 1 and answer.value else None


def _yes_or_no(answer: Answered | None) -> bool | None:
    return {1: True, 2: False}.get(answer.state) if answer else None


def _support(file: Known) -> int | None:
    asked = file.answers.get("support")
    if asked and asked.state == 1 and asked.value is not None:
        return int(asked.value)
    levels = [r["support"] for r in file.recommendations if r["support"] is not None]
    return max(levels, default=None)
