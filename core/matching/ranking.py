"""How a list is ordered: a rule as data, the SQL that orders by it, and the same order in Python.

A rule is an ordered list of keys. `order_by` gives the SQL of the one statement, `ordering` the
same order for one household in Python; a property test holds them together. What nobody knows of
a household never puts it behind: an unknown stands with the best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.kernel.words import N_, Sentence
from core.matching.rules import tie_break

__all__ = [
    "DATE_KEYS", "DEFAULT_CLASS", "KEYS", "LAST_CLASS", "ORDER_DATE", "FactTest", "Place",
    "PriorityClass", "Rule", "Standing", "class_of", "class_sql", "date_sql", "order_by",
    "ordering",
]  # fmt: skip

Bind = Callable[[str, Any], str]
"""Gives a value its place in a statement: `bind("date", day)` -> `$4::date`."""

DEFAULT_CLASS = 5
LAST_CLASS = 9
"""Classes run from 1, the first served, to this."""

KEYS: Mapping[str, str] = {
    "class": N_("Classe de priorité"),
    "size": N_("Taille la plus proche de celle du logement"),
    "area": N_("Commune souhaitée d’abord"),
    "recommendation": N_("Type préconisé en premier"),
    "seniority": N_("Ancienneté de la demande"),
    "waited": N_("Temps passé sur cette liste"),
}
"""Every key there is, with its name on the screen."""

DATE_KEYS = ("seniority", "waited")
"""One of these ends every rule: among equals, who has waited longest."""

ORDER_DATE = "coalesce(e.order_on, e.seniority_on)"
"""The stored day a list is ordered by: `order_on` is NULL where the rule goes by seniority."""

FACT_TESTS: Mapping[str, str] = {
    "accessible_needed": N_("a besoin d’un lieu accessible"),
    "support_from": N_("accompagnement nécessaire de niveau %(value)s ou plus"),
    "persons_from": N_("%(value)s personnes ou plus"),
    "youngest_under": N_("plus jeune membre de moins de %(value)s ans"),
    "eldest_under": N_("tous ses membres ont moins de %(value)s ans"),
}
"""What a class may ask of the facts. Nothing here can speak of a stay in shelter, of papers or of
being "ready" for a home: no key may ask for those (see `core.matching.rulecheck`)."""

_FACT_SQL: Mapping[str, str] = {
    "accessible_needed": "r.accessible_needed",
    "support_from": "r.support >= {value}",
    "persons_from": "r.persons >= {value}",
    "youngest_under": "r.youngest_birth > ({on} - make_interval(years => {value}))::date",
    "eldest_under": "r.eldest_birth > ({on} - make_interval(years => {value}))::date",
}


_TAGGED = """(r.tags && {keys} AND EXISTS (SELECT 1 FROM request_tag t
  WHERE t.territory_id = e.territory_id AND t.request_id = e.request_id AND t.key = ANY({keys})
    AND t.starts_on <= {on} AND (t.ends_on IS NULL OR t.ends_on > {on})))"""


@dataclass(frozen=True, slots=True)
class FactTest:
    """One thing asked of the facts: `name` of FACT_TESTS; `value` is a level, a number or years."""

    name: str
    value: int = 0

    @property
    def said(self) -> Sentence:
        return Sentence(FACT_TESTS[self.name], {"value": self.value})


@dataclass(frozen=True, slots=True)
class PriorityClass:
    """Who is in a class: whoever has one of its tags today, or passes one of its tests."""

    number: int
    label: str
    tags: tuple[str, ...] = ()
    facts: tuple[FactTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A list's order: keys, the first decides first, the last is a date. Classes are sorted."""

    keys: tuple[str, ...]
    classes: tuple[PriorityClass, ...] = ()
    default_class: int = DEFAULT_CLASS

    @property
    def dated(self) -> str:
        """`seniority` or `waited`."""
        return self.keys[-1]

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag its classes name."""
        return tuple(dict.fromkeys(t for one in self.classes for t in one.tags))


FIRST_RULE = Rule(("class", "seniority"))
"""What a list without any rule is ordered by."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a rule reads of a free place. Without one, `size` and `area` decide nothing."""

    max_persons: int | None = None
    area_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule reads of one household on a list, on one day; None is what nobody knows."""

    ref: str
    kind: str
    seniority_on: date
    entered_on: date
    persons: int | None = None
    support: int | None = None
    accessible_needed: bool | None = None
    youngest_birth: date | None = None
    eldest_birth: date | None = None
    kinds: Sequence[str] | None = None
    areas_wanted: Sequence[int] | None = None
    tags: frozenset[str] = field(default_factory=frozenset)
    """Those that run on that day."""


def order_by(
    rule: Rule, bind: Bind, *, class_of: str = "e.priority", date_of: str = ORDER_DATE
) -> list[str]:
    """The ORDER BY of a rule, over `e` (waiting_entry), `r` (request_facts, may be all NULL) and
    `v` (kind, max_persons, area_id…: NULLs where there is no place); the draw comes after it.

    What is stored on the entry for the rule in force serves; another rule is given the SQL of its
    own class and date (`class_sql`, `date_sql`).
    """
    said = {
        "class": class_of,
        "size": "coalesce(abs(r.persons - v.max_persons), 0)",
        "area": "CASE WHEN v.area_id IS NULL OR r.areas_wanted IS NULL "
        "OR v.area_id = ANY(r.areas_wanted) THEN 0 ELSE 1 END",
        "recommendation": "CASE WHEN r.kinds IS NULL THEN 1 "
        "ELSE coalesce(array_position(r.kinds, e.kind), 99) END",
        "seniority": date_of,
        "waited": date_of,
    }
    return [said[key] for key in rule.keys]


def class_sql(rule: Rule, bind: Bind, on: date) -> str:
    """The class of a household under a rule on a day, over `e` and `r`. Binds what it reads only.

    A tag is looked for among those of the facts row, then its dates on a hit only.
    """
    if "class" not in rule.keys or not rule.classes:
        return f"{rule.default_class}::smallint"
    whens, day = [], ""
    for one in rule.classes:
        if not day and (one.tags or any("{on}" in _FACT_SQL[t.name] for t in one.facts)):
            day = bind("date", on)
        tests = [f"({_fact_sql(test, bind, day)})" for test in one.facts]
        if one.tags:
            keys = bind("text[]", list(one.tags))
            tests.append(_TAGGED.format(keys=keys, on=day))
        whens.append(f"WHEN {' OR '.join(tests)} THEN {one.number}")
    return f"(CASE {' '.join(whens)} ELSE {rule.default_class} END)::smallint"


def _fact_sql(test: FactTest, bind: Bind, on: str) -> str:
    sql = _FACT_SQL[test.name]
    return sql.format(value=bind("int", test.value), on=on) if "{value}" in sql else sql


def date_sql(rule: Rule, bind: Bind, zone: str) -> str:
    """The day a rule orders by, over `e`; `zone` is the territory's."""
    if rule.dated == "seniority":
        return "e.seniority_on"
    return f"(e.entered_at AT TIME ZONE {bind('text', zone)})::date"


def class_of(rule: Rule, who: Standing, on: date) -> int:
    """The class of a household on a day: the first whose tags or tests it meets."""
    if "class" in rule.keys:
        for one in rule.classes:
            if who.tags & set(one.tags) or any(_passes(test, who, on) for test in one.facts):
                return one.number
    return rule.default_class


def _passes(test: FactTest, who: Standing, on: date) -> bool:
    value = {
        "accessible_needed": who.accessible_needed,
        "support_from": who.support,
        "persons_from": who.persons,
        "youngest_under": who.youngest_birth,
        "eldest_under": who.eldest_birth,
    }[test.name]
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value > years_before(on, test.value)
    return value >= test.value


def years_before(on: date, years: int) -> date:
    """The same day so many years ago; the last of February where there is no 29th."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)


def ordering(
    rule: Rule, who: Standing, place: Place, on: date, seed: bytes
) -> tuple[tuple[int | date, ...], bytes]:
    """What a household is sorted by, the smallest first: the value of each key, then the draw.

    A total order given the seed, for refs differ.
    """
    values: list[int | date] = []
    for key in rule.keys:
        if key == "class":
            values.append(class_of(rule, who, on))
        elif key == "size":
            known = who.persons is not None and place.max_persons is not None
            values.append(abs(who.persons - place.max_persons) if known else 0)  # type: ignore[operator]
        elif key == "area":
            free = place.area_id is None or who.areas_wanted is None
            values.append(0 if free or place.area_id in who.areas_wanted else 1)  # type: ignore[operator]
        elif key == "recommendation":
            values.append(_recommended(who))
        else:
            values.append(who.seniority_on if key == "seniority" else who.entered_on)
    return tuple(values), tie_break(seed, who.ref)


def _recommended(who: Standing) -> int:
    if who.kinds is None:
        return 1
    return list(who.kinds).index(who.kind) + 1 if who.kind in who.kinds else 99
