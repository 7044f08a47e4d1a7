"""The shortlist on the real database: order, reasons, counts, near misses, filters, trouble."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.matching.criteria import conditions_here
from core.matching.rules import tie_break
from core.matching.shortlist import Filters, shortlist, tallies
from core.matching.tests.making import criterion, told, vacancy
from core.requests.tests.making import listed, sent
from core.territories.service import change_setting
from core.territories.settings import TUNABLES
from core.testing import NOW, counting
from tests.plugins.switched import installed, with_registry

TODAY = NOW.date()


async def test_it_keeps_the_order_and_says_why_not(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        couple = await listed(unit, family="Couple", couple=True)
        equals = [await listed(unit, family=f"Egal{n}") for n in range(4)]
        waits_not = await sent(unit, family="Pas encore")
        place = await vacancy(unit)
        found = await shortlist(ctx, unit, place)
        refs = {r["id"]: r["ref"] for r in await unit.fetch("SELECT id, ref FROM housing_request")}
        drawn = sorted(equals, key=lambda i: tie_break(b"s" * 16, refs[i]))
        assert [c.request_id for c in found.candidates] == drawn
        assert all(c.fits for c in found.candidates)
        everybody = await shortlist(ctx, unit, place, filters=Filters(everybody=True))
        assert {c.request_id for c in everybody.candidates} == {couple, *equals}
        assert waits_not not in {c.request_id for c in everybody.candidates}
        (missed,) = [c for c in everybody.candidates if not c.fits]
        assert missed.obstacles[0][0] == "size"
        assert str(missed.obstacles[0][1]) == (
            "Personnes dans le ménage : 2. La place en prévoit 1 au moins et 1 au plus."
        )
        assert [c.rank for c in everybody.candidates] == [1, 2, 3, 4, 5]
        assert [c.rank for c in found.candidates] == [
            c.rank for c in everybody.candidates if c.fits
        ]
        assert (found.total, found.fitting, found.more) == (5, 4, False)
        assert found.excluded == {"core.size": 1}
        assert [c.request_id for c in found.near] == [couple]
        size = next(t for t in found.tallies if t.key == "core.size")
        assert (size.excluded, size.alone) == (1, 1)
        assert [v.key for v in found.near[0].verdicts if v.help_staff] == []


async def test_pages_of_it_follow_one_another(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        for n in range(5):
            await listed(unit, family=f"Egal{n}")
        place = await vacancy(unit)
        whole = [c.request_id for c in (await shortlist(ctx, unit, place)).candidates]
        first = await shortlist(ctx, unit, place, limit=2)
        then = await shortlist(ctx, unit, place, limit=2, after=2)
        last = await shortlist(ctx, unit, place, limit=2, after=4)
        assert [p.more for p in (first, then, last)] == [True, True, False]
        assert [c.request_id for p in (first, then, last) for c in p.candidates] == whole
        assert [c.rank for p in (first, then, last) for c in p.candidates] == [1, 2, 3, 4, 5]


async def test_unknown_excludes_nobody_and_a_need_does(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        place = await vacancy(unit, accessible=2)
        (found,) = (await shortlist(ctx, unit, place)).candidates
        assert "core.accessibility" in {v.key for v in found.verdicts if v.answer is None}
        assert (await shortlist(ctx, unit, place, filters=Filters(certain=True))).candidates == ()
        await told(unit, request_id, accessible_needed=True, animals=True)
        assert (await shortlist(ctx, unit, place)).candidates == ()
        missed = await shortlist(ctx, unit, place, filters=Filters(everybody=True))
        assert {code for code, _ in missed.candidates[0].obstacles} == {"accessibility", "animal"}
        assert missed.near == ()
        await unit.fetch("UPDATE housing_unit SET accessible = 4")
        await unit.fetch("UPDATE programme SET animals = NULL")
        (doubtful,) = (await shortlist(ctx, unit, place)).candidates
        assert doubtful.fits
        unknown = {v.key for v in doubtful.verdicts if v.answer is None}
        assert {"core.accessibility", "core.animals"} <= unknown


async def test_filters_narrow_what_is_shown_and_no_count(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        woman = await listed(unit)
        await listed(unit, family="Couple", couple=True)
        place = await vacancy(unit, high=2)
        both = await shortlist(ctx, unit, place)
        alone = await shortlist(ctx, unit, place, filters=Filters(composition=20))
        assert [c.request_id for c in alone.candidates] == [woman]
        assert (alone.total, alone.fitting, alone.tallies) == (2, 2, both.tallies)
        nowhere = await shortlist(ctx, unit, place, filters=Filters(sector_id=1))
        assert nowhere.candidates == () and nowhere.fitting == 2


async def test_it_costs_the_same_statements_for_one_and_thirty(ctx: Ctx) -> None:
    spent = []
    async with ctx.unit() as unit:
        place = await vacancy(unit)
        for number in (1, 29):
            for n in range(number):
                await listed(unit, family=f"Nom{number}{n}")
            with counting() as seen:
                found = await shortlist(ctx, unit, place)
            spent.append(len(seen))
        assert len(found.candidates) == 30
    # The place with its rule, what is set, and the one statement of the shortlist.
    assert spent == [3, 3]


async def test_the_rule_in_force_orders_and_one_that_nobody_knows_is_said(ctx: Ctx) -> None:
    rule = (
        "INSERT INTO ranking_rule (kind, version, keys, text, starts_on, applied_at) "
        "VALUES ('chrs', $1, $2, 'Texte', $3, $4)"
    )
    async with ctx.unit() as unit:
        early = await listed(unit, family="Seule")
        couple = await listed(unit, family="Couple", couple=True)
        await unit.fetch(
            "UPDATE waiting_entry SET seniority_on = $2, order_on = NULL WHERE request_id = $1",
            early, TODAY - timedelta(days=90),
        )  # fmt: skip
        place = await vacancy(unit, high=2)

        async def order() -> list[int]:
            return [c.request_id for c in (await shortlist(ctx, unit, place)).candidates]

        assert await order() == [early, couple]
        await unit.fetch(rule, 1, '["size", "seniority"]', TODAY - timedelta(days=9), None)
        assert await order() == [couple, early]
        await unit.fetch(rule, 2, '["class", "seniority"]', TODAY, None)
        assert await order() == [couple, early]
        await unit.fetch(rule, 3, '["mérite", "seniority"]', TODAY, NOW)
        with pytest.raises(Refused, match="mérite"):
            await order()
        with pytest.raises(NotFound):
            await shortlist(ctx, unit, 0)


async def test_a_territory_may_leave_a_soft_criterion_out_and_no_hard_one(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        every = {one.criterion.key for one in (await conditions_here(ctx, unit)).all}
        assert "core.area_wanted" in every
        await change_setting(unit, "criterion_area_wanted", False, starts_on=TODAY)
        now = {one.criterion.key for one in (await conditions_here(ctx, unit)).all}
        assert every - now == {"core.area_wanted"}
    hard = [c for c in ctx.registry.criteria.values() if c.hard]
    assert not [c for c in hard if f"criterion_{c.key.rpartition('.')[2]}" in TUNABLES]


async def test_a_criterion_that_fails_is_to_be_checked_and_the_others_stand(ctx: Ctx) -> None:
    failing = criterion("100 / (r.persons - 1) > 3")
    here = with_registry(ctx, installed(register_criteria=lambda: (failing,)), "alpha")
    async with here.unit() as unit:
        couple = await listed(unit, family="Couple", couple=True)
        alone = await listed(unit)
        place = await vacancy(unit)
        found = await shortlist(here, unit, place)
        assert found.broken == (("alpha", "alpha.c"),)
        assert [c.request_id for c in found.candidates] == [alone]
        verdict = next(v for v in found.candidates[0].verdicts if v.key == "alpha.c")
        assert (verdict.answer, verdict.broken) == (None, True)
        assert "calculée" in str(verdict.staff)
        assert [c.request_id for c in found.near] == [couple]
        # Nothing is broken where no row makes it fail.
        await told(unit, alone, persons=3)
        assert (await shortlist(here, unit, place)).broken == ()


def test_tallies_add_up_what_masks_say() -> None:
    class One:
        def __init__(self, key: str, hard: bool) -> None:
            self.criterion = criterion("true", hard=hard)
            object.__setattr__(self.criterion, "key", key)

    class Known:
        all = (One("a", True), One("b", True), One("c", False))
        hard = 1 | 4

    groups = [(0, 7), (1, 2), (1 | 4, 3), (8 | 16, 5)]
    a, b, c = tallies(Known(), groups)  # type: ignore[arg-type]
    assert (a.excluded, a.alone, a.to_check, a.against) == (5, 2, 0, 0)
    assert (b.excluded, b.alone, b.to_check, b.against) == (3, 0, 5, 0)
    assert (c.excluded, c.alone, c.to_check, c.against) == (0, 0, 0, 5)


@pytest.mark.parametrize(
    ("key", "facts", "offer", "answer"),
    [
        ("kind", {"kinds": ["alt", "chrs"]}, {}, True),
        ("kind", {"kinds": ["alt"]}, {}, False),
        ("kind", {"kinds": None}, {}, None),
        ("size", {"persons": 3}, {}, False),
        ("size", {"persons": None}, {}, None),
        ("size_soon", {"persons": 2, "persons_soon": 3, "soon_on": TODAY}, {}, False),
        ("size_soon", {"persons": 1, "persons_soon": None}, {}, True),
        ("size_soon", {"persons": 2, "persons_soon": None}, {}, None),
        ("size_soon", {"persons": 2, "persons_soon": 3, "soon_on": TODAY - timedelta(90)}, {}, None),
        ("rooms", {"rooms_from": [date(1900, 1, 1), date(1900, 1, 1)]}, {"typology": "t1"}, False),
        ("rooms", {"rooms_from": [date(1900, 1, 1), date(2040, 1, 1)]}, {"typology": "t1"}, True),
        ("rooms", {"rooms_from": None}, {"typology": "t1"}, None),
        ("rooms", {"rooms_from": None}, {}, True),
        ("dormitory", {"composition": 30}, {"typology": "dormitory"}, False),
        ("dormitory", {"composition": 10}, {"typology": "dormitory"}, True),
        ("audience", {"composition": 10}, {"compositions": [20, 40]}, False),
        ("audience", {"composition": 20}, {"compositions": [20, 40]}, True),
        ("audience", {"composition": None}, {"compositions": [20]}, None),
        ("audience", {"composition": 10}, {"audience": ["Jeunes"]}, None),
        ("age", {"main_birth": date(2000, 3, 12)}, {"age_max": 25}, False),
        ("age", {"main_birth": date(2000, 3, 13)}, {"age_max": 25}, True),
        ("age", {"main_birth": date(2008, 3, 13)}, {"age_min": 18}, False),
        ("age", {"main_birth": date(2008, 3, 12)}, {"age_min": 18}, True),
        ("age", {"main_birth": None}, {"age_min": 18}, None),
        ("age", {"main_birth": None}, {}, True),
        ("resources", {"resources_cents": 100_000}, {"cost_cents": 30_001, "effort": 30}, False),
        ("resources", {"resources_cents": 100_000}, {"cost_cents": 30_000, "effort": 30}, True),
        ("resources", {"resources_cents": None}, {"cost_cents": 30_000, "effort": 30}, None),
        ("resources", {"resources_cents": 0}, {"cost_cents": 30_000}, True),
        ("area_refused", {"areas_refused": [7]}, {"area": 7}, False),
        ("area_refused", {"areas_refused": []}, {"area": 7}, True),
        ("area_refused", {"areas_refused": None}, {"area": 7}, None),
        ("area_refused", {"areas_refused": [7]}, {}, None),
        ("area_wanted", {"areas_wanted": [8]}, {"area": 7}, False),
        ("area_wanted", {"areas_wanted": []}, {}, True),
        ("accessibility", {"accessible_needed": None}, {"accessible": 1}, True),
        ("accessibility", {"accessible_needed": True}, {"accessible": 4}, None),
        ("accessibility", {"accessible_needed": False}, {"accessible": 2}, True),
        ("animals", {"animals": True}, {"animals": 2}, False),
        ("lease", {"eldest_birth": date(2010, 1, 1)}, {"lease": "bail_direct"}, False),
        ("lease", {"eldest_birth": date(2010, 1, 1)}, {}, True),
        ("support", {"support": 3}, {"support": 2}, False),
        ("support", {"support": 0}, {}, True),
        ("support", {"support": 3}, {}, None),
        ("social_housing_no", {"social_housing_no": False}, {"number": True}, False),
        ("lawful_stay", {"lawful_stay": False}, {"lawful": True}, False),
        ("lawful_stay", {"lawful_stay": None}, {"lawful": True}, None),
        ("lawful_stay", {"lawful_stay": False}, {}, True),
    ],
)  # fmt: skip
async def test_each_criterion_says_yes_no_or_to_be_checked(
    ctx: Ctx, key: str, facts: dict[str, Any], offer: dict[str, Any], answer: bool | None
) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        vacancy_id = await vacancy(unit, high=2)
        await told(unit, request_id, **facts)
        await _place(unit, offer)
        found = await shortlist(ctx, unit, vacancy_id, filters=Filters(everybody=True))
        said = {v.key: v for v in found.candidates[0].verdicts}[f"core.{key}"]
        assert said.answer is answer
        assert (said.staff is None) == (said.plain is None) == (answer is True)


async def _place(unit: Unit, about: dict[str, Any]) -> None:
    columns = {
        "typology": "housing_unit", "cost_cents": "housing_unit", "accessible": "housing_unit",
        "compositions": "programme", "audience": "programme", "age_min": "programme",
        "age_max": "programme", "animals": "programme", "support": "programme",
    }  # fmt: skip
    of_kind = {
        "effort": "effort_percent_max", "lease": "lease_kind", "number": "number_required",
        "lawful": "lawful_stay_required",
    }  # fmt: skip
    for name, value in about.items():
        if name == "area":
            area = await unit.value(
                "INSERT INTO area (id, name) VALUES ($1, 'Ici') RETURNING id", value
            )
            await unit.fetch("UPDATE programme SET area_id = $1", area)
        elif name in of_kind:
            device = ", device = 'logement'" if name == "lawful" else ""
            await unit.fetch(f"UPDATE housing_kind SET {of_kind[name]} = $1{device}", value)
        else:
            await unit.fetch(f"UPDATE {columns[name]} SET {name} = $1", value)


async def test_shelter_may_not_ask_for_a_right_to_stay(ctx: Ctx) -> None:
    with pytest.raises(Exception, match="titre de séjour"):
        async with ctx.unit() as unit:
            await vacancy(unit)
            await unit.fetch("UPDATE housing_kind SET lawful_stay_required = true")
