"""The plugin's part of the demonstration: the same seed draws the same steps."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins._skeleton.service import add_step

WORDS = (
    N_("Rassembler les justificatifs"),
    N_("Visiter une résidence"),
    N_("Rencontrer la structure"),
)


async def draw(unit: Unit, rng: Random) -> bool:
    """A step for some households of the territory."""
    rows = await unit.fetch("SELECT id FROM household ORDER BY id LIMIT 60")
    drawn = rng.sample(rows, min(12, len(rows)))
    for row in drawn:
        due_on = unit.today + timedelta(days=rng.randint(-10, 30))
        await add_step(unit, row["id"], label=rng.choice(WORDS), due_on=due_on)
    return bool(drawn)
