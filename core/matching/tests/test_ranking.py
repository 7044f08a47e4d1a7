"""A rule's keys are read or refused with a reason; its order in SQL is its order in Python."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.extension.context import Ctx
from core.matching.ranking import (
    FactTest,
    Place,
    PriorityClass,
    Rule,
    Standing,
    class_sql,
    date_sql,
    order_by,
    ordering,
)
from core.matching.rulecheck import BadRule, read_rule, write_rule
from core.matching.ruletexts import plain_sentences

ON = date(2026, 3, 12)
TAGS = ("spip.release", "ase.leaver", "daho.recognised")


def one_class(**about: Any) -> list[Any]:
    made = {"class": 1, "label": "Sortie", "tags": ["spip.release"], **about}
    return [{"key": "class", "classes": [made]}, "seniority"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("seniority", "n’est pas une liste"),
        ([], "se termine par une date"),
        ([{"key": "class"}], "se termine par une date"),
        (["seniority", "waited"], "n’a qu’une date"),
        (["seniority", "size"], "vient en dernier"),
        (["size", "size", "seniority"], "figure deux fois"),
        (["luck", "seniority"], "« luck » n’est pas un critère"),
        ([{"name": "size"}, "seniority"], "« None » n’est pas un critère"),
        (["shelter_stay", "seniority"], "passage préalable"),
        (["housing_readiness", "seniority"], "passage préalable"),
        (one_class(tags=["x.ready_for_home"]), "passage préalable"),
        (one_class(label="Prêts à habiter"), "passage préalable"),
        (one_class(label="Autonomes"), "passage préalable"),
        (one_class(**{"class": 0}), "numéro de 1 à 9"),
        (one_class(**{"class": True}), "numéro de 1 à 9"),
        (one_class(**{"class": 5}), "celle de tous les autres"),
        (one_class(label=" "), "qui est dans la classe 1"),
        (one_class(tags=[]), "ne désigne personne"),
        (one_class(tags=["no.such"]), "« no.such » n’existe pas"),
        (one_class(facts=[{"fact": "income"}]), "« income » n’est pas de ceux"),
        (one_class(facts=[{"fact": "support_from", "value": 9}]), "nombre de 1 à 4"),
        (one_class(facts=[{"fact": "support_from", "value": "2"}]), "nombre de 1 à 4"),
    ],
)
def test_a_bad_rule_is_refused_with_its_reason(keys: Any, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        read_rule(keys, TAGS)
    assert any(said in r.msgid % r.params for r in refused.value.reasons), str(refused.value)


def test_a_rule_is_read_back_as_it_was_written_and_the_first_ones_still_read() -> None:
    rule = a_rule(random.Random(3))
    assert read_rule(write_rule(rule), TAGS) == rule
    assert read_rule(["priority", "seniority", "draw"]) == Rule(("class", "seniority"))


def test_a_household_reads_every_key_in_short_sentences() -> None:
    for seed in range(30):
        rule = a_rule(random.Random(seed))
        said = [s.msgid for s in plain_sentences(rule)]
        shown = [k for k in rule.keys if k != "class" or rule.classes]
        assert len(said) >= len(shown) + 1
        assert all(len(s.split()) <= 14 for s in said)


def a_rule(draw: random.Random) -> Rule:
    """Any rule: some of the keys in some order, then a date."""
    keys = draw.sample(["class", "size", "area", "recommendation"], draw.randint(0, 4))
    tests = [
        FactTest("accessible_needed"),
        FactTest("support_from", draw.randint(1, 4)),
        FactTest("persons_from", draw.randint(2, 6)),
        FactTest("youngest_under", draw.randint(1, 18)),
        FactTest("eldest_under", draw.randint(18, 30)),
    ]
    numbers = sorted(draw.sample([1, 2, 3, 4, 6], draw.randint(0, 3))) if "class" in keys else []
    classes = tuple(
        PriorityClass(
            n,
            f"Situation {n}",
            tuple(draw.sample(TAGS, draw.randint(1, 2))),
            tuple(draw.sample(tests, draw.randint(0, 2))),
        )
        for n in numbers
    )
    return Rule((*keys, draw.choice(["seniority", "waited"])), classes)


def a_household(draw: random.Random, number: int) -> tuple[Standing, dict[str, tuple[Any, Any]]]:
    """Anybody, with what nobody knows of them; and their tags with dates, some over, some later."""
    dated: dict[str, tuple[Any, Any]] = {}
    for key in draw.sample(TAGS, draw.randint(0, 3)):
        begins = ON + timedelta(days=draw.choice([-30, -1, 0, 1]))
        dated[key] = (begins, draw.choice([None, begins, begins + timedelta(days=1)]))
    runs = {k for k, (a, b) in dated.items() if a <= ON and (b is None or b > ON)}
    maybe = draw.choice
    who = Standing(
        ref=f"R{number:09d}",
        kind="chrs",
        seniority_on=ON - timedelta(days=draw.choice([0, 5, 5, 90])),
        entered_on=ON - timedelta(days=draw.choice([0, 4, 4, 80])),
        persons=maybe([None, 1, 2, 4]),
        support=maybe([None, 0, 2, 4]),
        accessible_needed=maybe([None, True, False]),
        youngest_birth=maybe([None, date(2008, 2, 29), date(2024, 3, 12), date(2023, 3, 13)]),
        eldest_birth=maybe([None, date(2001, 3, 12), date(1980, 1, 1), date(2004, 2, 29)]),
        kinds=maybe([None, ["chrs"], ["iml", "chrs"], ["iml"]]),
        areas_wanted=maybe([None, [7], [8, 9]]),
        tags=frozenset(runs),
    )
    return who, dated


@pytest.mark.parametrize("seed", range(40))
async def test_the_order_of_the_sql_is_the_order_of_the_rule(ctx: Ctx, seed: int) -> None:
    draw = random.Random(seed)
    rule, place = a_rule(draw), Place(draw.choice([None, 1, 3]), draw.choice([None, 7, 8]))
    people = [a_household(draw, n) for n in range(25)]
    secret = draw.randbytes(32)
    expected = sorted(people, key=lambda p: ordering(rule, p[0], place, ON, secret))
    bound: list[Any] = []

    def bind(cast: str, value: Any) -> str:
        bound.append(value)
        return f"${len(bound)}::{cast}"

    order = order_by(
        rule, bind, class_of=class_sql(rule, bind, ON), date_of=date_sql(rule, bind, "Europe/Paris")
    )
    e, r, t = _as_rows([p[0] for p in people], [p[1] for p in people], bind)
    v = f"(SELECT {bind('smallint', place.max_persons)} AS max_persons, " + (
        f"{bind('bigint', place.area_id)} AS area_id)"
    )
    tagged = f"WITH request_tag AS ({t}) "
    draw_sql = f"sha256({bind('bytea', secret)} || convert_to(e.ref, 'UTF8'))"
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            f"{tagged} SELECT e.ref FROM ({e}) e JOIN ({r}) r ON r.request_id = e.request_id "
            f"CROSS JOIN {v} v ORDER BY {', '.join([*order, draw_sql])}",
            *bound,
        )
    assert [row["ref"] for row in rows] == [p[0].ref for p in expected]


def _as_rows(people: list[Standing], tags: list[Any], bind: Any) -> tuple[str, str, str]:
    """The three tables that the SQL of a rule reads, as literal rows."""
    e, r, t = [], [], []
    for n, who in enumerate(people):
        entered = datetime.combine(who.entered_on, datetime.min.time(), UTC)
        e.append(
            f"SELECT 1 AS territory_id, {n} AS request_id, {bind('text', who.ref)} AS ref, "
            f"'chrs'::text AS kind, {bind('date', who.seniority_on)} AS seniority_on, "
            f"{bind('timestamptz', entered)} AS entered_at"
        )
        held = sorted(tags[n])
        r.append(
            f"SELECT {n} AS request_id, {bind('smallint', who.persons)} AS persons, "
            f"{bind('smallint', who.support)} AS support, "
            f"{bind('boolean', who.accessible_needed)} AS accessible_needed, "
            f"{bind('date', who.youngest_birth)} AS youngest_birth, "
            f"{bind('date', who.eldest_birth)} AS eldest_birth, "
            f"{bind('text[]', who.kinds)} AS kinds, "
            f"{bind('bigint[]', who.areas_wanted)} AS areas_wanted, "
            f"{bind('text[]', held or None)} AS tags"
        )
        t += [
            f"SELECT 1 AS territory_id, {n} AS request_id, {bind('text', key)} AS key, "
            f"{bind('date', begins)} AS starts_on, {bind('date', ends)} AS ends_on"
            for key, (begins, ends) in tags[n].items()
        ]
    none = "SELECT 1 AS territory_id, -1 AS request_id, '' AS key, NULL::date AS starts_on, "
    t.append(none + "NULL::date AS ends_on")
    return " UNION ALL ".join(e), " UNION ALL ".join(r), " UNION ALL ".join(t)


def test_the_order_is_total_given_the_draw() -> None:
    draw = random.Random(1)
    rule = a_rule(draw)
    people = [a_household(draw, n)[0] for n in range(60)]
    keys = [ordering(rule, who, Place(2, 7), ON, b"seed") for who in people]
    assert len(set(keys)) == len(keys)
