"""Structures, their kind over time, their units and free places, on the real database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.extension.context import Ctx
from core.housing.service import (
    add_unit,
    change_kind,
    declare_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
    vacancy_step,
)
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.testing import make_professional

TODAY = date(2026, 3, 12)


async def programme(unit: Unit, name: str = "La Rive", kind: str = "chrs") -> tuple[int, int]:
    await seed_kinds(unit)
    organisation_id = await register_organisation(unit, name=f"Association {name}", kind="ASSO")
    return organisation_id, await open_programme(
        unit, organisation_id, name=name, kind=kind, opened_on=date(2020, 1, 1)
    )


async def test_kinds_and_reasons_are_given_once(ctx: Ctx) -> None:
    from core.placements.service import seed_reasons

    async with ctx.unit() as unit:
        assert await seed_kinds(unit) > 10
        assert await seed_kinds(unit) == 0
        assert await seed_reasons(unit) > 20
        assert await seed_reasons(unit) == 0


async def test_an_organisation_is_the_same_in_two_territories_and_once_in_each(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await register_organisation(unit, name="Croix du Nord", kind="ASSO", phone="03 00")
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await register_organisation(unit, name="CROIX du nord", kind="ASSO")
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM organisation") == 1


async def test_a_programme_changes_kind_and_keeps_its_history(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await programme(unit)
        await change_kind(
            unit, programme_id, "pension_de_famille", on=TODAY, why="Transformation de l’offre"
        )
        rows = await unit.fetch(
            "SELECT kind, starts_on, ends_on FROM programme_kind ORDER BY starts_on"
        )
    assert [tuple(r) for r in rows] == [
        ("chrs", date(2020, 1, 1), TODAY),
        ("pension_de_famille", TODAY, None),
    ]
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await change_kind(unit, programme_id, "pension_de_famille", on=TODAY, why="Encore")


async def test_two_kinds_at_once_are_refused_by_the_database(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await programme(unit)
    with pytest.raises(Conflict, match="un seul type"):
        async with ctx.unit() as unit:
            await unit.fetch(
                "INSERT INTO programme_kind (programme_id, kind, starts_on) VALUES ($1, 'alt', $2)",
                programme_id,
                TODAY,
            )


async def test_a_modulable_dwelling_is_divided_and_its_parts_are_declared(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await programme(unit)
        whole = await add_unit(
            unit, programme_id, label="T4", typology="modular", max_persons=3, modulable=True
        )
        part = await add_unit(
            unit, programme_id, label="T4 a", typology="room_2", max_persons=2, parent_id=whole
        )
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await add_unit(
                unit, programme_id, label="T4 b", typology="room_2", max_persons=2, parent_id=whole
            )
    with pytest.raises(Refused, match="divisé"):
        async with ctx.unit() as unit:
            await declare_vacancy(unit, whole, free_on=TODAY)
    async with ctx.unit() as unit:
        assert await declare_vacancy(unit, part, free_on=TODAY) > 0


async def test_one_open_vacancy_per_unit(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await programme(unit)
        unit_id = await add_unit(unit, programme_id, label="12", typology="studio")
        await declare_vacancy(unit, unit_id, free_on=TODAY)
    with pytest.raises(Conflict, match="déjà ouverte"):
        async with ctx.unit() as unit:
            await declare_vacancy(unit, unit_id, free_on=TODAY)


async def test_steps_of_a_vacancy_are_traced_with_their_author(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await programme(unit)
        unit_id = await add_unit(unit, programme_id, label="12", typology="studio")
        vacancy_id = await declare_vacancy(unit, unit_id, free_on=TODAY)
    with pytest.raises(Refused, match="motif"):
        async with ctx.unit() as unit:
            await vacancy_step(unit, vacancy_id, "freeze")
    async with ctx.unit() as unit:
        await vacancy_step(
            unit, vacancy_id, "freeze", reason="Travaux", frozen_until=TODAY + timedelta(days=9)
        )
        await vacancy_step(unit, vacancy_id, "unfreeze")
        rows = await unit.fetch("SELECT verb, state, by FROM vacancy_state ORDER BY id")
    assert [(r["verb"], r["state"]) for r in rows] == [
        ("declare", "declared"),
        ("freeze", "frozen"),
        ("unfreeze", "declared"),
    ]
    assert {r["by"] for r in rows} == {ctx.who.account_id}


async def test_a_structure_declares_its_own_places_only(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        mine, programme_id = await programme(unit)
        theirs, other_id = await programme(unit, "Autre rive")
        my_unit = await add_unit(unit, programme_id, label="12", typology="studio")
        their_unit = await add_unit(unit, other_id, label="7", typology="studio")
    actor = await make_professional(ctx, "structure", organisation_id=mine)
    async with ctx.acting(actor).unit() as unit:
        vacancy_id = await declare_vacancy(unit, my_unit, free_on=TODAY)
    with pytest.raises(NotFound):
        async with ctx.acting(actor).unit() as unit:
            await declare_vacancy(unit, their_unit, free_on=TODAY)
    stranger = await make_professional(ctx, "structure", organisation_id=theirs)
    with pytest.raises(NotFound):
        async with ctx.acting(stranger).unit() as unit:
            await vacancy_step(unit, vacancy_id, "give_back", reason="Essai")
