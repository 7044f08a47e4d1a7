"""What time asks for: late steps are noted on the demande, and no longer once they are done."""

from __future__ import annotations

from datetime import time

from core.extension.context import Ctx
from core.extension.contributions import Job, Ran
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.requests.tags import tag, untag
from core.territories.settings import settings_of
from plugins._skeleton.matching import LATE
from plugins._skeleton.queries import to_tag, to_untag
from plugins._skeleton.settings import Settings

BATCH = 200
"""Demandes of one transaction."""


async def note_late(ctx: Ctx, unit: Unit) -> Ran:
    """Put the mention where a step is late, and end it where none is."""
    told = (await settings_of(unit, "skeleton", Settings)).told
    late = await to_tag(unit, LATE, BATCH) if told else []
    done = await to_untag(unit, LATE, BATCH, everything=not told)
    for request_id in late:
        await tag(unit, request_id, LATE)
    for request_id in done:
        await untag(unit, request_id, LATE)
    said = Sentence(
        N_("%(late)s en retard, %(done)s à jour."), {"late": len(late), "done": len(done)}
    )
    return Ran(said, more=max(len(late), len(done)) >= BATCH)


async def end_mentions(unit: Unit) -> None:
    """Where the plugin is off nobody looks at the steps any more: nothing is said of them."""
    while rows := await to_untag(unit, LATE, BATCH, everything=True):
        for request_id in rows:
            await untag(unit, request_id, LATE)


JOBS = (Job(LATE, N_("Étapes en retard"), note_late, at=time(2)),)
