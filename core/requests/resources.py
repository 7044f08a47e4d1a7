"""A household's resources, line by line: what, how much a month, whose, since and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.households.service import set_answer
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.tables import Resource
from core.territories.codes import code_list


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """One resource. `amount_cents`: a month; `kind`: of the list `resources`, None when only the
    amount is known; `person_id`: whose, None for the household as a whole."""

    amount_cents: int
    kind: int | None = None
    person_id: int | None = None
    since: date | None = None
    until: date | None = None


async def resources_of(unit: Unit, household_id: int) -> list[Any]:
    """The lines that stand, in their order."""
    return await unit.fetch(
        "SELECT amount_cents, kind, person_id, since, until FROM resource "
        "WHERE household_id = $1 AND ends_at IS NULL ORDER BY rank, id",
        household_id,
    )


async def replace_resources(unit: Unit, household_id: int, lines: Sequence[ResourceLine]) -> None:
    """End the lines that stood and write what is wanted; their sum becomes the answer.

    Without a line the answer is left to whoever says it: no resource, refused, unknown. Raises
    Invalid on an unknown kind, somebody of another household, or dates the wrong way round.
    """
    unit.require("requests.write")
    kinds = code_list("resources").labels()
    if any(line.kind is not None and line.kind not in kinds for line in lines):
        raise Invalid({"res_kind_1": N_("Choisissez une réponse de la liste.")})
    if any(line.since and line.until and line.until < line.since for line in lines):
        raise Invalid({"res_until_1": N_("La fin ne peut pas précéder le début.")})
    people = {line.person_id for line in lines} - {None}
    known = await unit.value(
        "SELECT count(DISTINCT person_id) FROM membership "
        "WHERE household_id = $1 AND person_id = ANY($2)",
        household_id,
        list(people),
    )
    if known != len(people):
        raise Invalid({"res_person_1": N_("Choisissez une personne.")})
    stands = [ResourceLine(**dict(r)) for r in await resources_of(unit, household_id)]
    if stands != list(lines):
        await unit.fetch(
            "UPDATE resource SET ends_at = $2 WHERE household_id = $1 AND ends_at IS NULL",
            household_id,
            unit.now,
        )
        for rank, line in enumerate(lines, start=1):
            await Resource(
                household_id=household_id,
                person_id=line.person_id,
                rank=rank,
                kind=line.kind,
                amount_cents=line.amount_cents,
                since=line.since,
                until=line.until,
                by=unit.actor.account_id,
                starts_at=unit.now,
            ).save()
    if lines:
        total = sum(line.amount_cents for line in lines)
        await set_answer(unit, household_id, "resources_cents", 1, value=total)
