"""What one person may ask of the law: a copy of what is held of them here, and its erasure."""

from __future__ import annotations

from typing import Any

from core.kernel.unit import Unit

# A household's words are one adult's own only when no other adult shared its time there.
_ALONE = """
SELECT m.household_id FROM membership m
WHERE m.person_id = $1 AND m.role <> 'child' AND NOT EXISTS (
  SELECT 1 FROM membership o WHERE o.household_id = m.household_id
    AND o.person_id <> $1 AND o.role <> 'child')
"""

_STAYS = """
SELECT p.name, p.public_name, m.starts_on, m.ends_on, m.end_reason, m.id, m.household_id
FROM plugin_programmes.member m
JOIN plugin_programmes.programme p ON p.id = m.programme_id
WHERE EXISTS (SELECT 1 FROM membership c
  WHERE c.household_id = m.household_id AND c.person_id = $1
    AND (m.ends_on IS NULL OR c.starts_on <= m.ends_on)
    AND (c.ends_on IS NULL OR c.ends_on > m.starts_on))
ORDER BY m.starts_on, m.id
"""


async def export_of(unit: Unit, person_id: int) -> dict[str, Any]:
    """The programmes this person was in, and the notes written when they were the only adult."""
    stays = await unit.fetch(_STAYS, person_id)
    alone = {r["household_id"] for r in await unit.fetch(_ALONE, person_id)}
    notes: dict[int, list[dict[str, Any]]] = {}
    for r in await unit.fetch(
        """SELECT member_id, text, at FROM plugin_programmes.note
           WHERE household_id = ANY($1) ORDER BY id""",
        sorted(alone),
    ):
        notes.setdefault(r["member_id"], []).append({"at": r["at"].isoformat(), "text": r["text"]})
    return (
        {
            "programmes": [
                {
                    "name": r["name"],
                    "shown_as": r["public_name"],
                    "from": r["starts_on"].isoformat(),
                    "until": r["ends_on"].isoformat() if r["ends_on"] else None,
                    "left_for": r["end_reason"] or None,
                    "notes": notes.get(r["id"], []),
                }
                for r in stays
            ]
        }
        if stays
        else {}
    )


async def erase_of(unit: Unit, person_id: int) -> None:
    """Delete the notes of households in which this person is the only adult.

    Entries and exits stay: they hold dates and codes alone, which the figures count, and the
    household they point to is nobody's once core has erased the person.
    """
    await unit.fetch(
        f"""DELETE FROM plugin_programmes.note
            WHERE household_id IN ({_ALONE})""",  # noqa: S608
        person_id,
    )
