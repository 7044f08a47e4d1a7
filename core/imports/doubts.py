"""What an import left in doubt about a household: shown when its demande is transmitted.

Two sources: the points that wait for a decision (`import_flag`), and what was read with a doubt of
who somebody is (a birth date, a name), as the run's report tells it. A card whose identity was
corrected since is no doubt any more, nor what somebody has already said they checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.imports.problems import CODES
from core.kernel.unit import Unit
from core.kernel.words import Sentence

IDENTITY = (
    "name_split_guessed", "name_incomplete", "two_digit_year", "birth_approximate",
    "birth_unreadable",
)  # fmt: skip
"""Findings about who somebody is: a demande sent with one of them may be another person's."""

FIELDS = ["family_name", "given_name", "birth"]
"""What is corrected when such a finding is settled."""


@dataclass(frozen=True)
class Doubt:
    """One point. `key` names it in the demande's history once somebody has said they checked it.

    `column` is the file's own word for where it was read. `person_ref` leads to the card.
    """

    key: str
    said: Sentence
    name: str
    person_ref: str | None
    column: str = ""


_DOUBTS = """
WITH seen AS (
  SELECT jsonb_array_elements_text(e.payload -> 'doubts') AS key FROM event e
  WHERE e.household_id = $2 AND e.subject_kind = 'request' AND e.subject_id = $1
    AND e.payload ? 'doubts'),
found AS (
  SELECT 'f' || f.id AS key, f.code, f.details, '' AS col, '' AS message, f.person_id, f.id AS rank
  FROM import_flag f WHERE f.household_id = $2 AND f.settled_at IS NULL
  UNION ALL
  SELECT 'l' || r.id || '.' || (p ->> 'line') || '.' || (p ->> 'code'), p ->> 'code', '{}',
         coalesce(p ->> 'column', ''), p ->> 'message', (m ->> 1)::bigint, (p ->> 'line')::int
  FROM import_change c JOIN import_run r ON r.id = c.run_id,
       jsonb_array_elements(c.after -> 'people') m, jsonb_array_elements(r.report -> 'problems') p
  WHERE c.object_kind = 'demande' AND c.object_id = $1 AND c.act = 'created'
    AND (p ->> 'line')::int = (m ->> 0)::int AND p ->> 'code' = ANY($3)
    AND NOT EXISTS (SELECT 1 FROM past_version v WHERE v.kind = 'person'
                    AND v.row_id = (m ->> 1)::bigint AND v.held ?| $4::text[]))
SELECT found.*, w.ref AS person_ref, w.given_name || ' ' || w.family_name AS name
FROM found LEFT JOIN person w ON w.id = found.person_id
WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.key = found.key)
ORDER BY found.key LIKE 'l%', found.rank, found.key
"""


async def doubts_of(unit: Unit, request_id: int, household_id: int) -> list[Doubt]:
    """What nobody has checked yet of the file that brought this demande: one statement."""
    rows = await unit.fetch(_DOUBTS, request_id, household_id, list(IDENTITY), FIELDS)
    return [Doubt(r["key"], _said(r), r["name"] or "", r["person_ref"], r["col"]) for r in rows]


def _said(row: Mapping[str, Any]) -> Sentence:
    if row["message"]:
        return Sentence(row["message"])
    details = msgspec.json.decode(row["details"] or "{}")
    params = {name: str(details.get(name, "?")) for name in ("line", "score", "group", "number")}
    return Sentence(CODES[row["code"]][1], params)


TWICE = ("maybe_same_person", "maybe_known", "number_conflict")
"""Points that say that one person may have two files."""

_DOUBLED = """
SELECT f.household_id FROM import_flag f
WHERE f.settled_at IS NULL AND f.code = ANY($2) AND f.household_id = ANY($1::bigint[])
UNION SELECT m.household_id FROM import_flag f
JOIN membership m ON m.territory_id = f.territory_id AND m.person_id = f.other_person_id
WHERE f.settled_at IS NULL AND f.code = ANY($2) AND m.household_id = ANY($1::bigint[])
"""


async def maybe_doubled(unit: Unit, household_ids: Sequence[int]) -> frozenset[int]:
    """Those of these households that may be there twice, on either side of an open doubt."""
    rows = await unit.fetch(_DOUBLED, list(household_ids), list(TWICE))
    return frozenset(row["household_id"] for row in rows)
