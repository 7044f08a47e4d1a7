"""Free places and lists for tests, made through the services; criteria that only a test has."""

from __future__ import annotations

from typing import Any

from core.extension.contributions import Criterion
from core.housing.service import (
    add_unit,
    declare_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
)
from core.kernel.unit import Unit


async def vacancy(
    unit: Unit,
    *,
    kind: str = "chrs",
    seed: bytes = b"s" * 16,
    low: int = 1,
    high: int = 1,
    accessible: int | None = 2,
    animals: int | None = 2,
    name: str = "Foyer",
    **place: Any,
) -> int:
    """A free place for `low` to `high` people."""
    await seed_kinds(unit)
    org = await unit.value("SELECT id FROM organisation WHERE name = 'Abri'")
    if org is None:
        org = await register_organisation(unit, name="Abri", kind="ASSO")
    programme = await open_programme(unit, org, name=name, kind=kind, animals=animals)
    place_id = await add_unit(
        unit, programme, label="1", min_persons=low, max_persons=high, accessible=accessible,
        opened_on=unit.today, **place,
    )  # fmt: skip
    return await declare_vacancy(unit, place_id, free_on=unit.today, draw_seed=seed)


async def told(unit: Unit, request_id: int, **facts: Any) -> None:
    """Say facts of a demande to matching directly, as a rebuild would keep them."""
    columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(facts, start=2))
    await unit.fetch(
        f"UPDATE request_facts SET {columns} WHERE request_id = $1", request_id, *facts.values()
    )


def criterion(sql: str, **more: Any) -> Criterion:
    """A plugin's criterion with texts of its own."""
    texts = {
        "no": "Non.", "unknown": "À voir.", "plain_no": "Cela ne va pas.",
        "plain_unknown": "Nous regardons.",
    }  # fmt: skip
    return Criterion("alpha.c", "Essai", sql, **{**texts, **more})
