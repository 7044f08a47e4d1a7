"""The words under which people are found, and the slips that lead to each word.

A person keeps the words of their names (`person_variant`); each word keeps, once for a whole
territory, its spellings with one letter less (`spelling`). Names repeat: the slips of a word cost
one writing, however many people bear it, where slips kept per person were sixteen rows for each.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.households.names import name_variants, search_key
from core.kernel.unit import Unit

SLIPS = """
INSERT INTO spelling (variant, word)
SELECT DISTINCT v.variant COLLATE "C" AS variant, n.word
FROM (SELECT DISTINCT w.word COLLATE "C" AS word FROM unnest($1::text[]) AS w(word)
      WHERE NOT EXISTS (SELECT 1 FROM spelling s WHERE s.variant COLLATE "C" = w.word
                        AND s.word COLLATE "C" = w.word OFFSET 0)) AS n
CROSS JOIN LATERAL (
  SELECT n.word UNION ALL
  SELECT overlay(n.word PLACING '' FROM i FOR 1) FROM generate_series(1, length(n.word)) AS i
) AS v(variant)
WHERE v.variant <> ''
ORDER BY variant, n.word
"""
"""Every spelling with one letter less (`names.name_variants`) of the words not yet known. Two
that write the same new word at once both do: waiting for each other would cost more than a
second row. OFFSET 0: one probe of the index for each word, where the planner, sure of few rows,
hashed all the spellings of a territory for each chunk of an import."""

WORD = """(
  SELECT person_id FROM person_variant WHERE variant COLLATE "C" = ANY(
    array(SELECT word FROM spelling WHERE variant COLLATE "C" = ANY(${near}::text[]))
    || ${near}::text[])
  UNION SELECT person_id FROM person_variant
  WHERE variant COLLATE "C" >= ${word} AND variant COLLATE "C" < ${word} || '\U0010ffff')"""
"""People with a word within one slip, or one that begins like it. The character sorts after every
letter: the end of the words that begin alike."""


def near(word: str) -> list[str]:
    """What to look a word up by: itself and its slips, from three letters on."""
    return sorted(name_variants(word)) if len(word) > 2 else [word]


async def index_person(unit: Unit, person_id: int, names: Sequence[str]) -> None:
    """Rewrite the words under which a person is found."""
    words = sorted({word for name in names for word in search_key(name).split()})
    await unit.fetch(
        "WITH gone AS (DELETE FROM person_variant WHERE person_id = $1 AND variant <> ALL($2)) "
        "INSERT INTO person_variant (person_id, variant) "
        "SELECT $1, v FROM unnest($2::text[]) AS v ON CONFLICT DO NOTHING",
        person_id,
        words,
    )
    await unit.fetch(SLIPS, words)


async def forget_people(unit: Unit, person_ids: Sequence[int]) -> None:
    """Nobody finds these people by a word any more; words that nobody else bears go too."""
    gone = await unit.fetch(
        "DELETE FROM person_variant WHERE person_id = ANY($1::bigint[]) RETURNING variant",
        person_ids,
    )
    words = sorted({r["variant"] for r in gone})
    orphans = await unit.fetch(
        "SELECT w.word FROM unnest($1::text[]) AS w(word) WHERE NOT EXISTS ("
        'SELECT 1 FROM person_variant v WHERE v.variant COLLATE "C" = w.word)',
        words,
    )
    lost = sorted({r["word"] for r in orphans})
    await unit.fetch(
        'DELETE FROM spelling WHERE variant COLLATE "C" = ANY($1::text[]) AND word = ANY($2)',
        sorted({variant for word in lost for variant in name_variants(word)}),
        lost,
    )
