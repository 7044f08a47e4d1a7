"""What is known of a demande: what is still missing to transmit it, and the row matching reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import msgspec

from core.extension.criteria import FACTS
from core.households.people import Member, Role, Sex, composition_code
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.requests.composed import Told, composed, expected, lawful
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


KEPT: Mapping[str, str] = {"household_id": "bigint", **FACTS}
"""The columns of `request_facts` that this file keeps, with their types; tags have their own."""

_KEEP = f"""
INSERT INTO request_facts (request_id, updated_at, {", ".join(KEPT)})
VALUES ($1, $2, {", ".join(f"${n}" for n in range(3, 3 + len(KEPT)))})
ON CONFLICT (territory_id, request_id) DO UPDATE SET
  updated_at = excluded.updated_at, {", ".join(f"{n} = excluded.{n}" for n in KEPT)}
"""  # noqa: S608 -- the names are ours

_DERIVED = """
SELECT DISTINCT ON (person_id, question) person_id, question, state, value FROM answer
WHERE household_id = $1 AND ((person_id IS NULL AND question = 'social_housing_no')
  OR person_id = ANY($2::bigint[]) AND question IN ('lawful_stay', 'permit', 'pregnancy'))
ORDER BY person_id, question, id DESC
"""
"""Answers of which matching gets a derived fact only: what was answered stays where it is."""


async def rebuild_facts(unit: Unit, request_id: int, file: Known | None = None) -> None:
    """Bring the row that matching reads to what is known now, in the same transaction.

    A refusal to answer and "unknown" stay NULL there: nobody is matched or left out on them.
    """
    file = file or await known(unit, request_id)
    household_id = file.request["household_id"]
    people = [p["id"] for p in file.people]
    told = {
        (r["person_id"], r["question"]): (r["state"], _plain(r["value"]))
        for r in await unit.fetch(_DERIVED, household_id, people)
    }
    members = [_member(row) for row in file.people]
    row = facts_row(members, file.answers, told, file.on) | {
        "household_id": household_id,
        "kinds": [r["kind"] for r in file.recommendations] or None,
        "support": _support(file),
    }
    await unit.fetch(_KEEP, request_id, unit.now, *(row[name] for name in KEPT))
    await tell_facts(unit, request_id)


def facts_row(
    members: Sequence[Member],
    answers: Mapping[str, Answered],
    told: Told,
    on: date,
) -> dict[str, Any]:
    """What is derived of a household's people and answers; an import builds its rows with it too.

    `answers` are the household's; `told` those of each person, and its social housing number.
    """
    soon, soon_on = expected(members, told, on)
    number = told.get((None, "social_housing_no"))
    return {
        **asdict(composed(members, on)),
        "persons_soon": soon,
        "soon_on": soon_on,
        "lawful_stay": lawful(members, told, on),
        "social_housing_no": {1: True, 2: False}.get(number[0]) if number else None,
        "resources_cents": _amount(answers.get("resources_cents")),
        "areas_wanted": _given(answers.get("areas_wanted")),
        "areas_refused": _given(answers.get("areas_refused")),
        "accessible_needed": _yes_or_no(answers.get("accessible_needed")),
        "animals": _yes_or_no(answers.get("animals")),
    }


_OPEN = """
SELECT id FROM housing_request
WHERE household_id = $1 AND state NOT IN ('closed', 'cancelled', 'refused')
"""


async def rebuild_facts_of(unit: Unit, household_id: int) -> None:
    """The same for the open demandes of a household, after its people or answers changed."""
    for row in await unit.fetch(_OPEN, household_id):
        await rebuild_facts(unit, row["id"])


def _amount(answer: Answered | None) -> int | None:
    if answer is None or answer.state > 2:
        return None
    return 0 if answer.state == 2 else answer.value


def _given(answer: Answered | None) -> list[int] | None:
    """The areas that were named; an empty list says that there are none, None that nobody asked."""
    if answer is None or answer.state > 2:
        return None
    return list(answer.value or ()) if answer.state == 1 else []


def _yes_or_no(answer: Answered | None) -> bool | None:
    return {1: True, 2: False}.get(answer.state) if answer else None


def _support(file: Known) -> int | None:
    asked = file.answers.get("support")
    if asked and asked.state == 1 and asked.value is not None:
        return int(asked.value)
    levels = [r["support"] for r in file.recommendations if r["support"] is not None]
    return max(levels, default=None)
