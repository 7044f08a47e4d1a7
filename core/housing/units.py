"""Verbs of units: a place added, divided, mended, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg

from core.housing.rules import UnitShape, unit_problems
from core.housing.vacancies import awaits_household
from core.kernel.edits import change_row
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_


async def add_unit(
    unit: Unit,
    programme_id: int,
    *,
    label: str,
    typology: str = "",
    min_persons: int = 1,
    max_persons: int = 1,
    accessible: int | None = None,
    floor: int | None = None,
    cost_cents: int | None = None,
    surface_m2: int | None = None,
    area_id: int | None = None,
    modulable: bool = False,
    parent_id: int | None = None,
    opened_on: date | None = None,
) -> int:
    """A place of a programme; with `parent_id`, a part of a modulable one.

    `accessible` is one of the four answers; cost in cents a month, what the household pays.
    """
    unit.require("housing.write")
    if not label.strip():
        raise Invalid({"label": N_("Indiquez le nom ou le numéro de la place.")})
    shape = UnitShape(typology, min_persons, max_persons, modulable)
    if typology:
        _refuse(unit_problems(shape), "max_persons")
    else:
        _refuse_counts(min_persons, max_persons)
    if parent_id is not None:
        await _check_part(unit, programme_id, parent_id, shape)
    found = await unit.value(
        "INSERT INTO housing_unit (ref, programme_id, parent_id, label, typology, min_persons, "
        "max_persons, accessible, floor, area_id, surface_m2, cost_cents, modulable, opened_on) "
        "SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, coalesce($10, area_id), $11, $12, $13, "
        "coalesce($14, opened_on) FROM programme WHERE id = $2 RETURNING id",
        new_ref(), programme_id, parent_id, label.strip(), typology, min_persons, max_persons,
        accessible, floor, area_id, surface_m2, cost_cents, modulable, opened_on,
    )  # fmt: skip
    if found is None:
        raise NotFound()
    unit.record("unit.added", subject=("unit", found), programme=programme_id)
    return int(found)


def _refuse_counts(fewest: int, most: int) -> None:
    if fewest < 1 or most < fewest:
        raise Invalid({"max_persons": N_("Le maximum de personnes est inférieur au minimum.")})


def _refuse(problems: Sequence[Any], field: str) -> None:
    if problems:
        raise Invalid({field: str(problems[0])})


async def _check_part(unit: Unit, programme_id: int, parent_id: int, part: UnitShape) -> None:
    """A part fits in its dwelling, which nobody occupies as a whole."""
    parent = await unit.row(
        "SELECT * FROM housing_unit WHERE id = $1 AND programme_id = $2 FOR UPDATE",
        parent_id,
        programme_id,
    )
    if parent is None or parent["closed_on"] is not None:
        raise NotFound()
    parts = await unit.fetch(
        "SELECT * FROM housing_unit WHERE parent_id = $1 AND closed_on IS NULL", parent_id
    )
    whole = _shape(parent)
    _refuse(unit_problems(whole, [*(_shape(p) for p in parts), part]), "max_persons")
    taken = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND state IN ('planned', 'present') UNION ALL "
        "SELECT 1 FROM vacancy WHERE unit_id = $1 AND state IN ('declared', 'held', 'frozen')",
        parent_id,
    )
    if taken:
        raise Refused(N_("Ce logement est occupé ou déclaré libre en entier."))


def _shape(row: asyncpg.Record) -> UnitShape:
    return UnitShape(
        row["typology"] or "modular",
        row["min_persons"],
        row["max_persons"],
        row["modulable"],
        {1: True, 2: False}.get(row["accessible"]),
    )


UNIT_CHANGEABLE = (
    "label", "typology", "min_persons", "max_persons", "accessible", "floor", "area_id",
    "surface_m2", "cost_cents", "modulable",
)  # fmt: skip


async def change_unit(unit: Unit, unit_id: int, version: int, **fields: Any) -> None:
    """What is known of a place, mended; `version` is the one that was read.

    Raises Conflict with what stands now when somebody else changed the same since.
    """
    unit.require("housing.write")
    if {"min_persons", "max_persons"} <= fields.keys():
        _refuse_counts(fields["min_persons"], fields["max_persons"])
    changed = await change_row(unit, "housing_unit", unit_id, version, fields, UNIT_CHANGEABLE)
    if not changed:
        return
    row = await unit.row("SELECT * FROM housing_unit WHERE id = $1", unit_id)
    assert row is not None
    if row["typology"]:
        _refuse(unit_problems(_shape(row)), "max_persons")
    unit.record("unit.changed", subject=("unit", unit_id), fields=sorted(changed))


async def close_unit(unit: Unit, unit_id: int, *, on: date) -> None:
    """A place exists no more from a day on: nobody may live in it then."""
    unit.require("housing.write")
    busy = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND state IN ('planned', 'present') "
        "AND (ends_on IS NULL OR ends_on > $2) UNION ALL "
        "SELECT 1 FROM vacancy WHERE unit_id = $1 AND state IN ('declared', 'held', 'frozen')",
        unit_id,
        on,
    )
    if busy or await awaits_household(unit, unit_id):
        raise Refused(N_("Cette place est occupée ou déclarée libre : elle ne peut pas fermer."))
    found = await unit.value(
        "UPDATE housing_unit SET closed_on = $2 WHERE id = $1 AND closed_on IS NULL RETURNING id",
        unit_id,
        on,
    )
    if found is None:
        raise Conflict(N_("Cette place est déjà fermée."))
    unit.record("unit.closed", subject=("unit", unit_id), on=on.isoformat())
