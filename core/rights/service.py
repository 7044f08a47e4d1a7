"""The verbs: hand out a copy, look at what an erasure would do, erase. Each is kept as an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from core.extension.context import Ctx
from core.extension.duties import erase_of, export_of
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.rights.erasing import Circle, circle_of, erase_circle
from core.rights.queries import standing_of
from core.rights.rules import BASES, obstacles
from core.territories.settings import read_settings

WHY = N_("Dites en quelques mots pourquoi.")


@dataclass(frozen=True)
class Rehearsed:
    """What an erasure would do today. `counts`: rows by table; `plugins`: titles of the extensions
    that hold something of these people; `against`: why it may not be done."""

    circle: Circle
    counts: dict[str, int]
    plugins: tuple[str, ...]
    against: Sequence[Sentence]


class _Rehearsal(Exception):
    """Undoes a rehearsal."""


async def note_copy(unit: Unit, household_id: int, person_id: int, reason: str) -> int:
    """Note that a copy is handed to a person, who is told; the act's id. Invalid without reason."""
    unit.require("rights.copy")
    act = await _keep(unit, "copy", "asked", household_id, person_id, reason)
    unit.record(
        "rights.copied", household_id=household_id, person_id=person_id, subject=("rights_act", act)
    )
    return act


async def rehearse(ctx: Ctx, unit: Unit, person_id: int, basis: str) -> Rehearsed:
    """Do the whole erasure and take it back: what is shown is what would happen.

    Raises Refused, naming the plugin whose share could not be erased.
    """
    unit.require("rights.erase")
    circle = await circle_of(unit, person_id)
    against = await _against(unit, circle, person_id, basis)
    held: set[str] = set()
    for one in circle.persons:
        held |= set((await export_of(ctx, unit, one)).held)
    counts: dict[str, int] = {}
    try:
        async with unit.savepoint():
            counts = await _erase(ctx, unit, circle)
            raise _Rehearsal
    except _Rehearsal:
        pass
    titles = tuple(ctx.registry.manifest(name).title for name in sorted(held))
    return Rehearsed(circle, counts, titles, against)


async def erase(
    ctx: Ctx, unit: Unit, household_id: int, person_id: int, *, basis: str, reason: str
) -> int:
    """Erase a person: core's rows and every plugin's, on or off, all in this transaction or none.

    The children of a household of which nobody else is left go with them. What is left says that
    it was done, when, by whom and why. Raises Refused with what runs or what the law keeps.
    """
    unit.require("rights.erase")
    if basis not in BASES:
        raise Invalid({"basis": N_("Choisissez une réponse de la liste.")})
    circle = await circle_of(unit, person_id)
    await unit.fetch(
        "SELECT 1 FROM person WHERE id = ANY($1) ORDER BY id FOR UPDATE", list(circle.persons)
    )
    for no in await _against(unit, circle, person_id, basis):
        raise Refused(no.msgid, **no.params)
    counts = await _erase(ctx, unit, circle)
    act = await _keep(unit, "erasure", basis, household_id, person_id, reason, counts)
    unit.record(
        "rights.erased", household_id=household_id, person_id=person_id, subject=("rights_act", act)
    )
    return act


async def _erase(ctx: Ctx, unit: Unit, circle: Circle) -> dict[str, int]:
    """Plugins first: they find the person through what core still holds."""
    with unit.consequence():
        for one in circle.persons:
            await erase_of(ctx, unit, one)
        return dict(await erase_circle(unit, circle))


async def _against(unit: Unit, circle: Circle, person_id: int, basis: str) -> Sequence[Sentence]:
    settings = await read_settings(unit)
    return obstacles(
        basis,
        await standing_of(unit, circle, person_id),
        retention_months=settings.retention_months,
        contest_months=settings.contest_months,
    )


async def _keep(
    unit: Unit,
    kind: str,
    basis: str,
    household_id: int,
    person_id: int,
    reason: str,
    counts: dict[str, int] | None = None,
) -> int:
    if not reason.strip():
        raise Invalid({"reason": WHY})
    return int(
        await unit.value(
            "INSERT INTO rights_act (kind, basis, person_id, household_id, reason, counts, by, at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            kind,
            basis,
            person_id,
            household_id,
            reason.strip()[:500],
            msgspec.json.encode(counts or {}).decode(),
            unit.actor.account_id,
            unit.now,
        )
    )
