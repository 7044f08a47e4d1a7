"""The reads of households in programmes: the list and its export, one membership, one household."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from core.households.queries import household_id_of
from core.households.scope import visible
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

PAGE = 50
"""Rows of one page of the list."""


@dataclass(frozen=True)
class Narrowed:
    """What the list is narrowed to. state: of rules.STATES or "". late: programmes with a
    milestone whose date has passed. A number 0 finds nothing: it was asked by a wrong address."""

    programme_id: int | None = None
    state: str = ""
    referent_id: int | None = None
    sector_id: int | None = None
    late: bool = False


_HOUSED = """EXISTS (SELECT 1 FROM placement s WHERE s.territory_id = m.territory_id
  AND s.household_id = m.household_id AND s.state IN ('present', 'exited')
  AND s.starts_on >= m.starts_on AND s.starts_on <= coalesce(m.ends_on, $2)
  AND EXISTS (SELECT 1 FROM housing_kind k WHERE k.code = s.kind
    AND k.device IN ('logement', 'logement_accompagne')))"""

_NAME = """LEFT JOIN LATERAL (
  SELECT q.family_name, q.given_name FROM membership c
  JOIN person q ON q.territory_id = c.territory_id AND q.id = c.person_id
  WHERE c.territory_id = h.territory_id AND c.household_id = h.id AND c.role = 'main'
  ORDER BY (c.ends_on IS NULL OR c.ends_on > $2) DESC, c.starts_on DESC, c.id DESC LIMIT 1
) n ON true"""
"""The main person of a household today, or the last one."""

_MEMBERS = f"""
SELECT m.id, m.ref, m.starts_on, m.ends_on, m.end_reason, p.name AS programme,
  p.ref AS programme_ref, h.ref AS household_ref, s.name AS sector, a.name AS referent,
  n.family_name, n.given_name,
  (SELECT count(*) FROM membership c WHERE c.household_id = m.household_id
     AND (c.ends_on IS NULL OR c.ends_on > $2)) AS persons,
  {_HOUSED} AS housed
FROM plugin_programmes.member m
JOIN plugin_programmes.programme p ON p.territory_id = m.territory_id AND p.id = m.programme_id
JOIN household h ON h.territory_id = m.territory_id AND h.id = m.household_id
LEFT JOIN sector s ON s.territory_id = h.territory_id AND s.id = h.sector_id
LEFT JOIN account a ON a.id = m.referent_id
{_NAME}
WHERE {visible("m.household_id", "$1", "$2")}
  AND ($3::bigint IS NULL OR m.programme_id = $3)
  AND ($4 = '' OR ($4 = 'present' AND (m.ends_on IS NULL OR m.ends_on > $2))
    OR ($4 = 'left' AND m.ends_on <= $2)
    OR ($4 = 'unfollowed' AND m.referent_id IS NULL AND m.ends_on IS NULL)
    OR ($4 = 'housed' AND {_HOUSED}))
  AND ($5::bigint IS NULL OR m.referent_id = $5)
  AND ($6::bigint IS NULL OR h.sector_id = $6)
  AND (NOT $7::bool OR EXISTS (SELECT 1 FROM plugin_programmes.milestone j
    WHERE j.programme_id = m.programme_id AND j.ended_on IS NULL AND j.due_on < $2))
  AND ($8::bigint IS NULL OR m.id < $8)
ORDER BY m.id DESC
"""  # noqa: S608


def _bound(unit: Unit, narrowed: Narrowed, before: int | None) -> tuple[Any, ...]:
    return (
        unit.scope("households.read").over_files, unit.today, narrowed.programme_id,
        narrowed.state, narrowed.referent_id, narrowed.sector_id, narrowed.late, before,
    )  # fmt: skip


async def members(unit: Unit, narrowed: Narrowed, after: str = "") -> list[Any]:
    """Memberships of households that the actor may see, the last entered first; one more than a
    page. `after`: the reference of the last one shown."""
    before = None
    if after:
        before = await unit.value("SELECT id FROM plugin_programmes.member WHERE ref = $1", after)
    return await unit.fetch(f"{_MEMBERS} LIMIT {PAGE + 1}", *_bound(unit, narrowed, before))


async def every_member(unit: Unit, narrowed: Narrowed) -> AsyncIterator[Any]:
    """The same rows, all of them, one by one: for an export of any length."""
    async for row in unit.stream(_MEMBERS, *_bound(unit, narrowed, None)):
        yield row


_ONE = f"""
SELECT m.*, p.name AS programme, p.ref AS programme_ref, h.ref AS household_ref,
       a.name AS referent, e.name AS ended_by_name, n.family_name, n.given_name
FROM plugin_programmes.member m
JOIN plugin_programmes.programme p ON p.territory_id = m.territory_id AND p.id = m.programme_id
JOIN household h ON h.territory_id = m.territory_id AND h.id = m.household_id
LEFT JOIN account a ON a.id = m.referent_id LEFT JOIN account e ON e.id = m.ended_by
{_NAME}
WHERE m.ref = $1
"""  # noqa: S608


async def member_of(unit: Unit, ref: str) -> Any:
    """One membership, if the actor may see its household (core's one door says so); NotFound."""
    found = await unit.row(_ONE, ref.upper(), unit.today)
    if found is None:
        raise NotFound()
    await household_id_of(unit, found["household_ref"])
    return found


async def notes_of(unit: Unit, member_id: int) -> list[Any]:
    """The notes of a membership, the newest first."""
    return await unit.fetch(
        """SELECT n.about, n.text, n.at, a.name AS author FROM plugin_programmes.note n
           LEFT JOIN account a ON a.id = n.by
           WHERE n.member_id = $1 ORDER BY n.id DESC LIMIT 200""",
        member_id,
    )


async def stays_of(unit: Unit, household_id: int) -> list[Any]:
    """Every time a household was in a programme, the newest first; who may is the caller's."""
    return await unit.fetch(
        """SELECT m.ref, m.starts_on, m.ends_on, m.end_reason, p.name AS programme,
                  p.ref AS programme_ref, a.name AS referent
           FROM plugin_programmes.member m
           JOIN plugin_programmes.programme p ON p.id = m.programme_id
           LEFT JOIN account a ON a.id = m.referent_id
           WHERE m.household_id = $1 ORDER BY m.starts_on DESC, m.id DESC""",
        household_id,
    )


async def shown_to(unit: Unit, household_id: int) -> list[Any]:
    """What a household reads of its programmes: its own words for them, never the staff's name."""
    return await unit.fetch(
        """SELECT p.public_name, p.brings, p.call_name, p.call_phone, m.starts_on, m.ends_on,
                  a.name AS referent, coalesce(a.phone, '') AS referent_phone
           FROM plugin_programmes.member m
           JOIN plugin_programmes.programme p ON p.id = m.programme_id
           LEFT JOIN account a ON a.id = m.referent_id
           WHERE m.household_id = $1 AND m.end_reason <> 'mistake'
           ORDER BY m.ends_on IS NOT NULL, m.starts_on DESC, m.id DESC""",
        household_id,
    )
