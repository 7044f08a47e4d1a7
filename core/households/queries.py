"""Reads of households and people: find, list, count. What one file shows is in `file_reads`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.accounts.mandates import hold_mandate
from core.households.alone import SINCE, alone
from core.households.file_reads import File, file_of, members_on
from core.households.names import search_key
from core.households.scope import visible
from core.households.spellings import WORD, near
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.working_days import working_days_before

__all__ = [
    "File", "HouseholdFilter", "count_without_key_worker", "file_of", "find_people",
    "household_id_of", "list_households", "members_on", "people_ids",
]  # fmt: skip

KEY_WORKER_DAYS = 5
"""No household stays longer than this many working days without a named key worker."""


async def household_id_of(unit: Unit, ref: str) -> int:
    """The household of that reference, if the Unit's actor may see it; else NotFound."""
    found = await unit.value(
        _ID_OF, ref.upper(), unit.scope("households.read").over_files, unit.today
    )
    if found is None:
        raise NotFound()
    await unit.let_in("households.read", found)
    return int(found)


_ID_OF = f"SELECT h.id FROM household h WHERE h.ref = $1 AND {visible('h.id', '$2', '$3')}"  # noqa: S608


async def own_household(unit: Unit) -> int | None:
    """The household in which a resident lives today: the Unit's actor, or the one whom the actor
    helps while that is allowed (MandateOver otherwise); None when in none."""
    await hold_mandate(unit)
    found = await unit.value(_OWN, unit.actor.person_id, unit.today)
    return None if found is None else int(found)


_OWN = """
SELECT household_id FROM membership
WHERE person_id = $1 AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2)
ORDER BY role = 'child', starts_on DESC, id DESC LIMIT 1
"""

# -- search -----------------------------------------------------------------------------------


PHONE_KEY = r"right(regexp_replace(phone, '\D', '', 'g'), 8)"
"""How a number is compared, as its index has it (`tables.py`)."""


async def people_ids(unit: Unit, text: str, most: int = 500) -> list[int]:
    """People whose name, number or reference answers `text`, whoever may see them.

    Each word must be found: exactly, with one slip (words of three letters or more), or as the
    beginning of a word. Accents, case and order do not count. A telephone is found however it is
    written.
    """
    words = search_key(text).split()[:5]
    if not words:
        return []
    number = text.strip()
    hits = " INTERSECT ".join(
        WORD.format(near=n, word=n + 1) for n in range(3, 3 + 2 * len(words), 2)
    )
    phone = phone_key(number)
    called = 3 + 2 * len(words)
    by_phone = f"""
      UNION SELECT id FROM person WHERE {PHONE_KEY} = ${called} AND phone <> ''
      UNION SELECT m.person_id FROM household h JOIN membership m ON m.household_id = h.id
            WHERE {PHONE_KEY.replace("phone", "h.phone")} = ${called} AND h.phone <> ''"""  # noqa: S608
    sql = f"""
    SELECT DISTINCT person_id FROM (
      {hits}{by_phone if phone else ""}
      UNION SELECT id FROM person WHERE external_no = $1 OR ref = upper($1)
      UNION SELECT m.person_id FROM household h JOIN membership m ON m.household_id = h.id
            WHERE h.external_no = $1 OR h.ref = upper($1)
      UNION SELECT m.person_id FROM housing_request r
            JOIN membership m ON m.household_id = r.household_id
            WHERE r.external_no = $1 OR r.ref = upper($1)
    ) AS hit ORDER BY person_id DESC LIMIT $2
    """  # noqa: S608
    bound = [bind for word in words for bind in (near(word), word)]
    bound += [phone] if phone else []
    return [r["person_id"] for r in await unit.fetch(sql, number, most, *bound)]


def phone_key(text: str) -> str:
    """The end of a telephone number however it is written; '' for what is none.

    Its last eight figures: what comes before is a country's code or the 0 that stands for it.
    """
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    spoken = not any(c.isalpha() for c in text)
    return digits[-8:] if spoken and len(digits) >= 8 else ""


_PEOPLE = f"""
SELECT p.id, p.ref, p.family_name, p.given_name, p.birth, p.search_key, h.id AS household_id,
       h.ref AS household_ref, m.role, h.archived_on, r.ref AS request_ref, r.state
FROM person p
JOIN membership m ON m.territory_id = p.territory_id AND m.person_id = p.id
  AND m.id = (SELECT l.id FROM membership l WHERE l.person_id = p.id
              ORDER BY (l.ends_on IS NULL OR l.ends_on > $2) DESC, l.starts_on DESC, l.id DESC
              LIMIT 1)
JOIN household h ON h.territory_id = m.territory_id AND h.id = m.household_id
LEFT JOIN LATERAL (
  SELECT q.ref, q.state FROM housing_request q WHERE q.household_id = h.id
  ORDER BY q.id DESC LIMIT 1
) r ON true
WHERE p.id = ANY($1) AND {visible("h.id", "$3", "$2")}
"""  # noqa: S608

_BY_NEARNESS = f"""
WITH found AS MATERIALIZED (
  SELECT f.*, coalesce((SELECT max((
      SELECT min(CASE WHEN v.variant = w.word THEN 0 WHEN starts_with(v.variant, w.word) THEN 1
                      ELSE 2 END)
      FROM person_variant v WHERE v.person_id = f.id)) FROM unnest($4::text[]) AS w(word)), 0)
    AS slips
  FROM ({_PEOPLE}) f)
SELECT * FROM found
WHERE $5::text IS NULL
  OR (slips, search_key, id) > (SELECT l.slips, l.search_key, l.id FROM found l WHERE l.ref = $5)
ORDER BY slips, search_key, id LIMIT $6
"""  # noqa: S608


async def find_people(
    unit: Unit, text: str, *, after: str | None = None, limit: int = 20
) -> list[Any]:
    """People the actor may see: those who bear the very words first, then those whose names begin
    with them, then those one letter away; by name among equals. One row more than `limit` when
    there is another page.

    `after` is the reference of the last person shown: a name has no place in an address.
    """
    ids = await people_ids(unit, text)
    # Somebody found by a number bears none of the words: all of those are equals.
    words = [word for word in search_key(text).split()[:5] if not word.isdigit()]
    scope = unit.scope("households.read").over_files
    return await unit.fetch(_BY_NEARNESS, ids, unit.today, scope, words, after or None, limit + 1)


# -- the list ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class HouseholdFilter:
    """What a list is narrowed to. `worker`: an account's id, 0 for those that
    nobody of the team answers for.

    `state`: a request's state, or "none" for households without a request. `closed`: closed
    households only.
    """

    text: str = ""
    sector_id: int | None = None
    state: str = ""
    worker: int | None = None
    closed: bool = False


_PLACE = """
SELECT p.search_key, p.id, h.id FROM household h
JOIN membership m ON m.territory_id = h.territory_id AND m.household_id = h.id AND m.role = 'main'
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE h.ref = $1
ORDER BY (m.ends_on IS NULL OR m.ends_on > $2) DESC, m.starts_on DESC, m.id DESC LIMIT 1
"""
_LIST = f"""
SELECT h.id, h.ref, h.created_at, h.archived_on, p.family_name, p.given_name, p.birth,
       p.search_key, p.id AS person_id, s.name AS sector, r.state, r.ref AS request_ref,
       r.seniority_on, k.name AS worker,
       (SELECT count(*) FROM membership c WHERE c.household_id = h.id
          AND (c.ends_on IS NULL OR c.ends_on > $1)) AS persons,
       CASE WHEN {alone("$1")} THEN {SINCE} END AS alone_since
FROM person p
JOIN membership m ON m.territory_id = p.territory_id AND m.person_id = p.id AND m.role = 'main'
  AND m.id = (SELECT l.id FROM membership l WHERE l.household_id = m.household_id
              AND l.role = 'main'
              ORDER BY (l.ends_on IS NULL OR l.ends_on > $1) DESC, l.starts_on DESC, l.id DESC
              LIMIT 1)
JOIN household h ON h.territory_id = m.territory_id AND h.id = m.household_id
LEFT JOIN sector s ON s.territory_id = h.territory_id AND s.id = h.sector_id
LEFT JOIN LATERAL (
  SELECT q.ref, q.state, q.seniority_on FROM housing_request q
  WHERE q.household_id = h.id ORDER BY q.id DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (
  SELECT a.name FROM key_worker w JOIN account a ON a.id = w.account_id
  WHERE w.household_id = h.id AND w.starts_on <= $1 AND (w.ends_on IS NULL OR w.ends_on > $1)
  ORDER BY w.role = 'siao' DESC LIMIT 1
) k ON true
WHERE {visible("h.id", "$2", "$1")}
  AND (h.archived_on IS NOT NULL) = $3
  AND ($4::bigint IS NULL OR h.sector_id = $4)
  AND ($5 = '' OR ($5 = 'none' AND r.state IS NULL) OR r.state = $5)
  AND ($6::bigint IS NULL OR ($6 = 0 AND {alone("$1")}) OR EXISTS (
    SELECT 1 FROM key_worker w WHERE w.household_id = h.id AND w.account_id = $6
      AND (w.ends_on IS NULL OR w.ends_on > $1)))
  AND ($7::bigint[] IS NULL OR EXISTS (
    SELECT 1 FROM membership o WHERE o.household_id = h.id AND o.person_id = ANY($7)))
  AND ($8::text IS NULL OR (p.search_key, p.id, h.id) > ($8, $9::bigint, $10::bigint))
ORDER BY p.search_key, p.id, h.id LIMIT $11
"""  # noqa: S608


async def list_households(
    unit: Unit,
    narrowed: HouseholdFilter,
    *,
    after: str | None = None,
    limit: int = 50,
) -> list[Any]:
    """Households by the name of their main person: one row more when there is another page.

    `after` is the reference of the last household shown. Three statements at most.
    """
    ids = await people_ids(unit, narrowed.text) if narrowed.text.strip() else None
    row = await unit.row(_PLACE, after, unit.today) if after else None
    key, person, last = tuple(row) if row else (None, None, None)
    return await unit.fetch(
        _LIST,
        unit.today,
        unit.scope("households.read").over_files,
        narrowed.closed,
        narrowed.sector_id,
        narrowed.state,
        narrowed.worker,
        ids,
        key,
        person,
        last,
        limit + 1,
    )


_ALONE = f"""
SELECT count(*) AS households, count(*) FILTER (WHERE since < $3) AS overdue FROM (
  SELECT {SINCE} AS since FROM household h
  WHERE {alone("$1")} AND ({visible("h.id", "$2", "$1")})
) AS alone
"""  # noqa: S608


async def count_without_key_worker(unit: Unit, country: str = "FR") -> tuple[int, int]:
    """(households that nobody of the team answers for, those for more than five working days).

    As far as the actor may name somebody: for the others, nothing is theirs to do.
    """
    row = await unit.row(
        _ALONE,
        unit.today,
        unit.scope("households.hand_over").over_files,
        overdue_before(unit.today, country),
    )
    assert row is not None
    return row["households"], row["overdue"]


def overdue_before(today: date, country: str = "FR") -> date:
    """Alone since before this day is alone for more than five working days."""
    return working_days_before(today, KEY_WORKER_DAYS, country)
