"""Names that files use and that are nobody's here: what each means, said once, then remembered.

A file says « Hœnheim » or « CHRS Les Glycines » in its own words. A commune gives a household its
sector, hence its portfolio; a prescriber sees the files it sent. Whoever settles a name settles it
for what is here already and for every file to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.households.names import search_key
from core.kernel.unit import Unit

PERMISSION = "imports.run"
KINDS = ("commune", "prescriber")


@dataclass(slots=True)
class Name:
    """A name to settle, with how many files say it, and each way it is written."""

    kind: str
    key: str
    said: str
    files: int
    ways: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody says of a name: a sector, an organisation, or neither (nobody's here)."""

    kind: str
    said: str
    sector_id: int | None = None
    organisation_id: int | None = None


_LEFT = """
SELECT CASE a.question WHEN 'commune' THEN 'commune' ELSE 'prescriber' END AS kind,
  a.value #>> '{}' AS said, count(DISTINCT a.household_id) AS files
FROM answer a JOIN household h ON h.territory_id = a.territory_id AND h.id = a.household_id
WHERE a.question IN ('commune', 'prescriber_named') AND a.source = 'import' AND a.state = 1
  AND h.archived_on IS NULL AND h.merged_into IS NULL
  AND CASE a.question WHEN 'commune' THEN h.sector_id IS NULL ELSE EXISTS (
    SELECT 1 FROM housing_request q WHERE q.household_id = h.id AND q.organisation_id IS NULL) END
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def settled(unit: Unit) -> list[Any]:
    """What was said of names so far, by kind and name."""
    return await unit.fetch(
        "SELECT n.id, n.kind, n.key, n.said, n.sector_id, n.organisation_id, s.name AS sector, "
        "o.name AS organisation, a.name AS author, n.at FROM import_name n "
        "LEFT JOIN sector s ON s.territory_id = n.territory_id AND s.id = n.sector_id "
        "LEFT JOIN organisation o ON o.id = n.organisation_id "
        "LEFT JOIN account a ON a.id = n.by ORDER BY n.kind, n.said, n.id"
    )


async def unsettled(unit: Unit, more: Mapping[str, Mapping[str, int]] | None = None) -> list[Name]:
    """Names that nobody settled, the most frequent first: those of the files here, and `more`,
    of a file that is only checked (kind -> name -> how many demandes say it)."""
    known = {(r["kind"], r["key"]) for r in await settled(unit)}
    found: dict[tuple[str, str], Name] = {}
    rows = [(r["kind"], r["said"], r["files"]) for r in await unit.fetch(_LEFT)]
    for kind in KINDS:
        rows += [(kind, said, files) for said, files in (more or {}).get(kind, {}).items()]
    # Of several ways to write it, the most frequent is shown; of two, the one not all in capitals.
    for kind, said, files in sorted(rows, key=lambda r: (r[0], -r[2], r[1].isupper(), r[1])):
        key = search_key(said)
        if not key or (kind, key) in known:
            continue
        name = found.setdefault((kind, key), Name(kind, key, said, 0, []))
        name.files += files
        name.ways.append(said)
    return sorted(found.values(), key=lambda n: (KINDS.index(n.kind), -n.files, n.key))


_KEEP = """
INSERT INTO import_name (kind, key, said, sector_id, organisation_id, by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (territory_id, kind, key) DO UPDATE
SET sector_id = excluded.sector_id, organisation_id = excluded.organisation_id,
  by = excluded.by, at = excluded.at
"""

_SECTORS = """
UPDATE household h SET sector_id = x.sector_id
FROM answer a JOIN unnest($1::text[], $2::bigint[]) AS x(said, sector_id)
  ON a.value #>> '{}' = x.said
WHERE a.territory_id = h.territory_id AND a.household_id = h.id AND a.question = 'commune'
  AND a.source = 'import' AND a.state = 1 AND h.sector_id IS NULL AND h.archived_on IS NULL
RETURNING h.id
"""

_PRESCRIBERS = """
UPDATE housing_request q SET organisation_id = x.organisation_id
FROM household h JOIN answer a ON a.territory_id = h.territory_id AND a.household_id = h.id
  JOIN unnest($1::text[], $2::bigint[]) AS x(said, organisation_id) ON a.value #>> '{}' = x.said
WHERE q.household_id = h.id AND a.question = 'prescriber_named' AND a.source = 'import'
  AND a.state = 1 AND q.organisation_id IS NULL AND h.archived_on IS NULL
RETURNING h.id
"""


async def settle_names(unit: Unit, choices: Iterable[Choice]) -> int:
    """Remember what names mean, and say it of every file here that uses them and has nothing said
    yet. How many households were completed."""
    unit.require(PERMISSION)
    chosen = list(choices)
    ways = {(n.kind, n.key): n.ways for n in await unsettled(unit)}
    for one in chosen:
        await unit.fetch(
            _KEEP, one.kind, search_key(one.said), one.said, one.sector_id, one.organisation_id,
            unit.actor.account_id, unit.now,
        )  # fmt: skip
    done: set[int] = set()
    for sql, targets in (
        (_SECTORS, _targets(ways, ((c, c.sector_id) for c in chosen))),
        (_PRESCRIBERS, _targets(ways, ((c, c.organisation_id) for c in chosen))),
    ):
        if targets:
            rows = await unit.fetch(sql, [t[0] for t in targets], [t[1] for t in targets])
            done |= {r["id"] for r in rows}
    for household_id in sorted(done):
        unit.record("import.name_settled", household_id=household_id)
    return len(done)


def _targets(
    ways: Mapping[tuple[str, str], Sequence[str]], chosen: Iterable[tuple[Choice, int | None]]
) -> list[tuple[str, int]]:
    """Each way a name is written here, with what it means."""
    return [
        (said, target)
        for choice, target in chosen
        if target is not None
        for said in ways.get((choice.kind, search_key(choice.said)), ())
    ]
