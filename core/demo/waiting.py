"""What a household of the demonstration lives while it waits: on the list, in life, in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from core.demo.plans import MESSAGES
from core.demo.scene import Scene
from core.households.changes import LifeEvent
from core.households.people import Sex
from core.kernel.unit import Unit
from core.matching.service import announce_lapse, entry_step, record_try, tell_key_worker
from core.notifications.service import answer as answer_message
from core.notifications.service import write as write_message
from core.requests.service import live_event, refresh, step

if TYPE_CHECKING:
    from core.demo.household import File

ENDED = frozenset({"closed", "cancelled", "refused"})


async def wait(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    """On the list: what a household lives while it waits."""
    plan, after, waited = file.plan, scene.agenda.after, 0
    written = lived = False
    while True:
        yield after(rng, 18, 32)
        waited += 25
        async with scene.act(None) as unit:
            state = await unit.value(
                "SELECT state FROM housing_request WHERE id = $1", file.request_id
            )
        if state in ENDED:
            return
        if state == "to_refresh":
            if plan.unreachable:
                async for at in _lapse(scene, file, rng):
                    yield at
                return
            async with scene.act(file.worker) as unit:
                await refresh(unit, file.request_id)
        elif plan.cancels_after is not None and waited > plan.cancels_after and state == "waiting":
            async with scene.act(file.opener) as unit:
                await step(
                    unit, file.request_id, "cancel", reason="Une autre solution est trouvée."
                )
            return
        if plan.writes is not None and not written:
            written = True
            async for at in _exchange(scene, file, rng):
                yield at
        if plan.life and not lived and waited > 60 and state == "waiting":
            lived = True
            await _live(scene, file, rng)


async def _exchange(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    kind, words, mood, said = MESSAGES[file.plan.writes or 0]
    async with scene.act(file.resident or file.worker) as unit:
        exchange = await write_message(
            unit, file.household_id, file.person_ids[0], kind, words,
            about=("request", file.request_id), mood=mood,
        )  # fmt: skip
    # What waits for an answer is recent: a team that never answers is no demonstration.
    yield scene.agenda.after(rng, 0.5, 6) if said else scene.agenda.after(rng, 9, 14)
    async with scene.act(file.worker) as unit:
        await answer_message(unit, exchange, said or "Merci de votre message. Parlons-en ensemble.")


async def _live(scene: Scene, file: File, rng: Random) -> None:
    """A life event: the file follows the household, never the other way round."""
    kind, people = file.plan.life, file.plan.family.people
    children = [i for i, p in zip(file.person_ids, people, strict=True) if p.role == "child"]
    async with scene.act(file.worker) as unit:
        if kind == "birth":
            names = (people[0].family_name, rng.choice(("Nour", "Gabriel", "Alma", "Issa")))
            sex = rng.choice((Sex(1), Sex(2)))
            event = LifeEvent("birth", unit.today, birth=unit.today, sex=sex)
            await live_event(unit, file.household_id, event, names=names)
        elif kind == "separation":
            event = LifeEvent("separation", unit.today, file.person_ids[1])
            await live_event(unit, file.household_id, event)
        elif kind == "shared_custody":
            event = LifeEvent("shared_custody", unit.today, children[0])
            await live_event(unit, file.household_id, event)


async def _lapse(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    """Nobody answers: three tries by two channels, announced, told, and only then out of the
    list; one in two comes back."""
    for channel in ("phone", "sms", "letter"):
        async with scene.act(file.worker) as unit:
            for entry_id in await _entries(unit, file.request_id, "to_refresh"):
                await record_try(unit, entry_id, channel, "no_answer")
        yield scene.agenda.after(rng, 4, 8)
    async with scene.act(file.worker) as unit:
        for entry_id in await _entries(unit, file.request_id, "to_refresh"):
            await announce_lapse(unit, entry_id)
            await tell_key_worker(unit, entry_id)
    yield scene.agenda.after(rng, 31, 40)
    async with scene.act(file.worker) as unit:
        for entry_id in await _entries(unit, file.request_id, "to_refresh"):
            await entry_step(unit, entry_id, "lapse")
    if rng.random() < 0.5:
        yield scene.agenda.after(rng, 10, 60)
        async with scene.act(file.worker) as unit:
            for entry_id in await _entries(unit, file.request_id, "lapsed"):
                await entry_step(unit, entry_id, "restore", reason="Le ménage a rappelé.")
            await refresh(unit, file.request_id)


async def _entries(unit: Unit, request_id: int, state: str) -> list[int]:
    rows = await unit.fetch(
        "SELECT id FROM waiting_entry WHERE request_id = $1 AND state = $2 ORDER BY id",
        request_id,
        state,
    )
    return [r["id"] for r in rows]
