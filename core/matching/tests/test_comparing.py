"""Two rules compared on a list: the ranks are those of the rules, the groups add up."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.kernel.unit import Unit
from core.matching.comparing import compare_rules
from core.matching.ranking import FactTest, Place, PriorityClass, Rule, Standing, ordering
from core.requests.tags import tag
from core.requests.tests.making import listed
from core.testing import NOW, counting

TODAY = NOW.date()
OLD = Rule(("class", "seniority"))
NEW = Rule(
    ("class", "size", "waited"),
    (
        PriorityClass(1, "Sortie", ("essai.leaver",)),
        PriorityClass(3, "Deux", (), (FactTest("persons_from", 2),)),
    ),
)


async def people(unit: Unit, number: int, seed: int) -> list[Standing]:
    draw, found = random.Random(seed), []
    for n in range(number):
        couple, tagged = draw.random() < 0.4, draw.random() < 0.3
        request_id = await listed(unit, family=f"Nom{n}", couple=couple)
        if tagged:
            await tag(unit, request_id, "essai.leaver")
        since = TODAY - timedelta(days=draw.choice([3, 3, 40]))
        await unit.fetch(
            "UPDATE waiting_entry SET seniority_on = $2 WHERE request_id = $1", request_id, since
        )
        ref = await unit.value("SELECT ref FROM housing_request WHERE id = $1", request_id)
        tags = frozenset({"essai.leaver"} if tagged else ())
        found.append(Standing(ref, "chrs", since, TODAY, 1 + couple, tags=tags))
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_moves_by_what_the_rules_say(ctx: Ctx, seed: int) -> None:
    async with ctx.unit() as unit:
        waiting = await people(unit, 14, seed)
        secret, place = bytes([seed]) * 32, Place(2, None)
        found = await compare_rules(unit, "chrs", OLD, NEW, seed=secret, place=place)
        ranks = [
            {
                who.ref: n
                for n, who in enumerate(
                    sorted(waiting, key=lambda w: ordering(rule, w, place, TODAY, secret)), 1
                )
            }
            for rule in (OLD, NEW)
        ]
        expected = {r: (ranks[0][r], ranks[1][r]) for r in ranks[0] if ranks[0][r] != ranks[1][r]}
        assert {m.ref: (m.before, m.after) for m in found.movers} == expected
        assert found.moved == len(expected) and found.total == 14
        for dimension in ("composition", "sector", "prescriber"):
            parts = [g for g in found.groups if g.dimension == dimension]
            assert sum(g.households for g in parts) == 14
            assert sum(g.up for g in parts) == found.everybody.up
            assert sum(g.head_after for g in parts) == found.head == 10


async def test_the_same_rule_moves_nobody_and_an_empty_list_compares(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        nobody = await compare_rules(unit, "chrs", OLD, NEW, seed=b"x")
        assert (nobody.total, nobody.moved, nobody.movers) == (0, 0, ())
        await people(unit, 6, 3)
        same = await compare_rules(unit, "chrs", NEW, NEW, seed=b"x")
        assert (same.total, same.moved, same.movers) == (6, 0, ())
        assert same.tied > 0


async def test_a_comparison_is_two_statements_however_long_the_list(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        spent = []
        for number in (1, 15):
            await people(unit, number, number)
            with counting() as statements:
                await compare_rules(unit, "chrs", OLD, NEW, seed=b"x")
            spent.append(len(statements))
        assert spent == [2, 2]
