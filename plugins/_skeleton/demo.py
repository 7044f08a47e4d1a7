"""The plugin's part of the demonstration: the same seed draws the same steps."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from core.extension.timeline import TimeLine
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins._skeleton.service import add_step, end_step

WORDS = (
    N_("Rassembler les justificatifs"),
    N_("Visiter une résidence"),
    N_("Rencontrer la structure"),
)


async def draw(unit: Unit, rng: Random, line: TimeLine) -> bool:
    """A step for some households of the territory, each noted on its day; some are done since."""
    rows = await unit.fetch(
        "SELECT id, created_at::date AS since FROM household ORDER BY id LIMIT 60"
    )
    drawn = rng.sample(rows, min(12, len(rows)))
    for number, row in enumerate(drawn):
        first = max(row["since"], line.start, line.end - timedelta(days=90))
        noted = first + timedelta(days=rng.randint(0, (line.end - first).days))
        due_on = noted + timedelta(days=rng.randint(7, 40))
        async with line.on(noted):
            step = await add_step(unit, row["id"], label=rng.choice(WORDS), due_on=due_on)
        if number % 3 and due_on <= line.end:
            async with line.on(due_on):
                await end_step(unit, row["id"], step, "done")
    return bool(drawn)
