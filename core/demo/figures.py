"""The figures of the demonstration: rounds at each quarter, comments, and one to be read now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from core.demo.scene import Scene
from core.figures.publications import own_publications
from core.figures.service import comment, follow_calendar, open_round
from core.kernel.errors import Invalid
from core.kernel.unit import Unit

BEFORE = timedelta(days=6)
"""How long before the last day a round is opened by hand: its drafts are there to be tried."""

COMMENTS = (
    "Un dégât des eaux a fermé plusieurs chambres cet hiver : des refus viennent de là.",
    "Nos chambres sont individuelles. Les refus concernent surtout des couples et des familles.",
    "Nous avons revu notre procédure d’admission depuis le printemps : réponse sous cinq jours.",
)


async def figures_story(scene: Scene, end: datetime) -> AsyncIterator[datetime]:
    """Every few days what dates do; structures comment; a last round by the coordinator's hand."""
    opened = False
    while True:
        async with scene.act(None) as unit:
            drafted, _ = await follow_calendar(unit)
        if drafted:
            await _comments(scene)
        if not opened and scene.ctx.clock.now() >= end - BEFORE:
            opened = True
            async with scene.act(scene.coordinator) as unit:
                await _by_hand(unit)
        yield scene.ctx.clock.now() + timedelta(days=3)


async def _by_hand(unit: Unit) -> None:
    try:
        await open_round(unit, unit.today)
    except Invalid:
        return  # A quarter has just ended: its own round is there to be read.


async def _comments(scene: Scene) -> None:
    """Two structures in three say nothing."""
    for number, actor in enumerate(scene.structures.values()):
        if number % 3 != 1:
            continue
        async with scene.act(actor) as unit:
            for row in await own_publications(unit, limit=1):
                if row["published_at"] is None:
                    text = COMMENTS[number // 3 % len(COMMENTS)]
                    await comment(unit, row["ref"], row["version"], text)
