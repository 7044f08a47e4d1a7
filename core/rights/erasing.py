"""Core's share of an erasure, as `fates` lists it, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.households.ending import close_household, revoke
from core.households.memberships import sole_households
from core.households.spellings import forget_people
from core.kernel.promises import ERASABLE
from core.kernel.unit import Unit
from core.rights.fates import FATES, Emptied, Stays, Taken, Words

# Rows that were joined to the person's are the person too.
_SAME = """
WITH RECURSIVE same AS (
  SELECT id FROM person WHERE id = $1
  UNION SELECT p.id FROM person p JOIN same ON p.merged_into = same.id)
SELECT id FROM same ORDER BY id
"""

_CHILDREN = """
SELECT DISTINCT c.person_id AS id FROM membership c
JOIN person q ON q.territory_id = c.territory_id AND q.id = c.person_id
WHERE c.household_id = ANY($2) AND c.person_id <> ALL($1) AND q.erased_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM membership x WHERE x.person_id = c.person_id
    AND x.household_id <> ALL($2) AND x.ends_on IS DISTINCT FROM x.starts_on)
ORDER BY 1
"""


@dataclass(frozen=True)
class Circle:
    """Who goes with a person: `persons` (the children who have no other home first, the person
    last), and the households of which nobody else is left."""

    persons: tuple[int, ...]
    children: tuple[int, ...]
    sole: tuple[int, ...]


async def circle_of(unit: Unit, person_id: int) -> Circle:
    """Whom an erasure of this person concerns."""
    same = [r["id"] for r in await unit.fetch(_SAME, person_id)]
    sole = await sole_households(unit, same)
    children = [r["id"] for r in await unit.fetch(_CHILDREN, same, sole)]
    others = [one for one in same if one != person_id]
    return Circle((*children, *others, person_id), tuple(children), tuple(sole))


async def erase_circle(unit: Unit, circle: Circle) -> Counter[str]:
    """Empty and take away what `fates` says of these people; how many rows, by table.

    What a row held before goes with it: a past that kept the words would be no erasure.
    """
    people, sole = list(circle.persons), list(circle.sole)
    counts: Counter[str] = Counter()
    for person_id in people:
        await revoke(unit, person_id)
    await forget_people(unit, people)
    for table, fate in FATES.items():
        if isinstance(fate, Stays):
            continue
        ids = await _rows(unit, table, fate.where, people, sole)
        if not ids:
            continue
        if isinstance(fate, Words):
            counts[table] += await unit.value(f"SELECT {ERASABLE[table].function}($1)", ids)
            continue
        if isinstance(fate, Taken):
            await unit.fetch(f"DELETE FROM {table} WHERE id = ANY($1)", ids)  # noqa: S608
        else:
            await _empty(unit, table, fate, ids)
        counts[table] += len(ids)
        await unit.fetch(
            "DELETE FROM past_version WHERE kind = $1 AND row_id = ANY($2)", table, ids
        )
    # What plugins' rows and rows that are gone held before.
    await unit.fetch("DELETE FROM past_version WHERE household_id = ANY($1)", sole)
    await _close(unit, sole)
    return counts


async def _rows(
    unit: Unit, table: str, where: str, people: list[int], sole: list[int]
) -> list[int]:
    # Both are named, so that a condition may speak of one alone.
    rows = await unit.fetch(
        f"SELECT id FROM {table} WHERE ({where}) "  # noqa: S608
        "AND ($1::bigint[] IS NOT NULL AND $2::bigint[] IS NOT NULL) ORDER BY id",
        people,
        sole,
    )
    return [r["id"] for r in rows]


async def _empty(unit: Unit, table: str, fate: Emptied, ids: list[int]) -> None:
    dated = any("$3" in blank for blank in fate.blanks.values())
    blanks = ", ".join(f"{column} = {blank}" for column, blank in fate.blanks.items())
    await unit.fetch(
        f"UPDATE {table} SET {blanks.replace('$3', '$2')} WHERE id = ANY($1)",  # noqa: S608
        ids,
        *((unit.today,) if dated else ()),
    )


async def _close(unit: Unit, sole: list[int]) -> None:
    for row in await unit.fetch(
        "SELECT id FROM household WHERE id = ANY($1) AND archived_on IS NULL ORDER BY id", sole
    ):
        await close_household(unit, row["id"], unit.today)
    # Closing wrote what the households held: nothing of it is kept.
    await unit.fetch("DELETE FROM past_version WHERE household_id = ANY($1)", sole)
