"""What one person may ask of the law: a copy of what is held of them here, and its erasure."""

from __future__ import annotations

from typing import Any

from core.households.memberships import sole_households
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins.programmes.codes import END_REASONS

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
    alone = await sole_households(unit, [person_id], counting_erased=True)
    notes: dict[int, list[dict[str, Any]]] = {}
    for r in await unit.fetch(
        """SELECT member_id, text, at FROM plugin_programmes.note
           WHERE household_id = ANY($1) ORDER BY id""",
        alone,
    ):
        notes.setdefault(r["member_id"], []).append(
            {N_("Noté le"): r["at"].isoformat(), N_("Texte"): r["text"]}
        )
    return (
        {
            N_("Programmes"): [
                {
                    N_("Nom"): r["name"],
                    N_("Nommé pour vous"): r["public_name"],
                    N_("Depuis le"): r["starts_on"].isoformat(),
                    N_("Jusqu’au"): r["ends_on"].isoformat() if r["ends_on"] else None,
                    N_("Sorti pour"): END_REASONS.get(r["end_reason"], ""),
                    N_("Notes"): notes.get(r["id"], []),
                }
                for r in stays
            ]
        }
        if stays
        else {}
    )


async def erase_of(unit: Unit, person_id: int) -> None:
    """Delete the notes of households of which no other adult is left.

    Entries and exits stay: they hold dates and codes alone, which the figures count, and the
    household they point to is nobody's once core has erased the person.
    """
    await unit.fetch(
        """DELETE FROM plugin_programmes.note WHERE household_id = ANY($1)""",
        await sole_households(unit, [person_id]),
    )
