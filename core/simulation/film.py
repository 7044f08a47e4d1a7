"""Reads everything a replay needs of the past: a dozen statements, whatever the list's length."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.kernel.unit import Unit
from core.matching.classing import rule_of
from core.matching.ranking import FIRST_RULE, Rule
from core.simulation.replay import Filled, Film, Past, Timeline

QUESTIONS = ("accessible_needed", "animals", "areas_wanted", "areas_refused", "support")

_PLACES = """
SELECT v.id AS vacancy_id, f.proposed_at AS at, f.request_id, u.min_persons, u.max_persons,
  u.accessible, p.animals, coalesce(u.area_id, p.area_id) AS area_id, v.draw_seed AS seed
FROM vacancy v
JOIN referral f ON f.territory_id = v.territory_id AND f.vacancy_id = v.id AND f.state = 'admitted'
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
WHERE v.kind = $1 AND v.state = 'filled' AND f.proposed_at >= $2 AND f.proposed_at < $3
ORDER BY f.proposed_at, v.id
"""

_ENTRIES = """
SELECT e.id, e.request_id, e.entered_at, e.seniority_on, e.kind, q.ref, q.household_id,
  coalesce(g.composition::text, '') AS composition, coalesce(g.persons, 1) AS persons,
  coalesce(s.name, '') AS sector, coalesce(o.kind, '') AS prescriber
FROM waiting_entry e
JOIN housing_request q ON q.territory_id = e.territory_id AND q.id = e.request_id
JOIN household x ON x.territory_id = q.territory_id AND x.id = q.household_id
LEFT JOIN request_facts g ON g.territory_id = e.territory_id AND g.request_id = e.request_id
LEFT JOIN sector s ON s.territory_id = x.territory_id AND s.id = x.sector_id
LEFT JOIN organisation o ON o.id = q.organisation_id
WHERE e.kind = $1 AND e.entered_at < $2 ORDER BY e.id
"""

_STATES = """
SELECT t.entry_id AS of, t.at, t.state FROM waiting_state t
JOIN waiting_entry e ON e.territory_id = t.territory_id AND e.id = t.entry_id
WHERE e.kind = $1 ORDER BY t.id
"""

_OF_REQUESTS = "{t}.request_id IN (SELECT request_id FROM waiting_entry WHERE kind = $1)"
_OF_HOUSEHOLDS = """{t}.household_id IN (SELECT q.household_id FROM waiting_entry e
  JOIN housing_request q ON q.territory_id = e.territory_id AND q.id = e.request_id
  WHERE e.kind = $1)"""

_ACTS = f"""
SELECT a.request_id AS of, a.at, a.before, a.after FROM seniority_act a
WHERE {_OF_REQUESTS.format(t="a")} ORDER BY a.id
"""  # noqa: S608

_MEMBERS = f"""
SELECT m.household_id AS of, m.starts_on, m.ends_on, p.birth FROM membership m
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE {_OF_HOUSEHOLDS.format(t="m")} ORDER BY m.id
"""  # noqa: S608

_ANSWERS = f"""
SELECT a.household_id AS of, a.question, a.at, a.state, a.value FROM answer a
WHERE a.person_id IS NULL AND a.question = ANY($2) AND {_OF_HOUSEHOLDS.format(t="a")}
ORDER BY a.id
"""  # noqa: S608

_RECOMMENDED = f"""
SELECT c.request_id AS of, c.starts_at, c.ends_at, c.kind, c.support FROM recommendation c
WHERE {_OF_REQUESTS.format(t="c")} ORDER BY c.rank, c.id
"""  # noqa: S608

_TAGS = f"""
SELECT t.request_id AS of, t.at, t.starts_on, t.ends_on, t.key FROM request_tag t
WHERE {_OF_REQUESTS.format(t="t")} ORDER BY t.id
"""  # noqa: S608

_RULES = """
SELECT version, keys, starts_on, applied_at FROM ranking_rule
WHERE kind = $1 AND (applied_at IS NOT NULL OR version = 1) ORDER BY starts_on, version
"""

BOUND = 120_000
"""Milliseconds a read of the past may take: it is nobody's page."""


def bounds(unit: Unit, starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    """The instants a period goes from and up to, in the territory's zone."""
    zone = ZoneInfo(unit.zone)
    first, last = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (starts_on, ends_on))
    return first, last


async def count_places(unit: Unit, kind: str, starts_on: date, ends_on: date) -> int:
    """How many places of a kind were filled by a referral in a period."""
    first, last = bounds(unit, starts_on, ends_on)
    return len(await unit.fetch(_PLACES, kind, first, last))


async def read_film(
    unit: Unit, kind: str, starts_on: date, ends_on: date, tried: Rule
) -> tuple[Film, tuple[int, ...]]:
    """A list's past over a period, and the versions of its rule that were in force in it."""
    first, last = bounds(unit, starts_on, ends_on)
    places = [Filled(**row) for row in await unit.fetch(_PLACES, kind, first, last)]
    states = _gather(await unit.fetch(_STATES, kind))
    acts = _gather(await unit.fetch(_ACTS, kind))
    members = _gather(await unit.fetch(_MEMBERS, kind))
    answers = _gather(await unit.fetch(_ANSWERS, kind, list(QUESTIONS)))
    recommended = _gather(await unit.fetch(_RECOMMENDED, kind))
    tags = _gather(await unit.fetch(_TAGS, kind))
    pasts = [
        _past(row, states, acts, members, answers, recommended, tags)
        for row in await unit.fetch(_ENTRIES, kind, last)
    ]
    in_force, versions = _rules(await unit.fetch(_RULES, kind), first, last, unit.zone)
    return Film(unit.zone, pasts, places, in_force, tried), versions


def _gather(rows: Sequence[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["of"]].append(row)
    return found


def _past(row: Any, *of: Mapping[int, list[Any]]) -> Past:
    states, acts, members, answers, recommended, tags = of
    request_id, household_id = row["request_id"], row["household_id"]
    moved = acts.get(request_id, [])
    first = next((a["before"] for a in moved if a["before"]), row["seniority_on"])
    asked: dict[str, list[tuple[datetime, Any]]] = defaultdict(list)
    for a in answers.get(household_id, []):
        value = msgspec.json.decode(a["value"]) if a["value"] is not None else None
        asked[a["question"]].append((a["at"], (a["state"], value)))
    return Past(
        request_id=request_id,
        ref=row["ref"],
        kind=row["kind"],
        entered_at=row["entered_at"],
        states=Timeline.of([(s["at"], s["state"]) for s in states.get(row["id"], [])]),
        first=first,
        seniority=Timeline.of([(a["at"], a["after"]) for a in moved]),
        members=tuple(
            (m["starts_on"], m["ends_on"], m["birth"]) for m in members.get(household_id, [])
        ),
        answers={question: Timeline.of(rows) for question, rows in asked.items()},
        recommended=tuple(
            (c["starts_at"], c["ends_at"], c["kind"], c["support"])
            for c in recommended.get(request_id, [])
        ),
        tags=tuple(
            (t["at"], t["starts_on"], t["ends_on"], t["key"]) for t in tags.get(request_id, [])
        ),
        groups={name: row[name] for name in ("composition", "sector", "prescriber")},
        persons=row["persons"],
    )


def _rules(
    rows: Sequence[Any], first: datetime, last: datetime, zone: str
) -> tuple[Callable[[datetime], Rule], tuple[int, ...]]:
    """The rule in force at any instant; before the oldest, the oldest: none is known before."""
    begun = [
        r["applied_at"]
        if r["applied_at"] and r["version"] > 1
        else datetime.combine(r["starts_on"], time(), ZoneInfo(zone)).astimezone(UTC)
        for r in rows
    ]
    rules = [rule_of(r["keys"]) for r in rows]

    def number(at: datetime) -> int:
        return max(0, bisect_right(begun, at) - 1)

    def in_force(at: datetime) -> Rule:
        return rules[number(at)] if rules else FIRST_RULE

    used = range(number(first), number(last) + 1) if rows else range(0)
    return in_force, tuple(rows[n]["version"] for n in used)
