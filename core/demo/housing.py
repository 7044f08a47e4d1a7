"""What happens to the places of the demonstration: freed, proposed, answered, lived in, left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from core.demo.household import File
from core.demo.scene import Scene
from core.housing.service import declare_vacancy, vacancy_step
from core.kernel.unit import Actor
from core.matching.shortlist import Candidate, shortlist
from core.placements.service import answer, exit_stay, move_in, propose, record_try

STAY_DAYS = {
    "chu": (20, 120), "stabilisation": (40, 200), "rhvs": (40, 240), "chrs": (90, 540),
    "alt": (90, 400), "lhss": (30, 90), "fjt": (150, 700), "rhj": (150, 700),
}  # fmt: skip
LONG_STAY = (300, 3000)

EXITS = {
    "hebergement": (301, 301, 302, 303, 102, 202, 305, 203, 802, 1002, 801),
    "logement": (102, 102, 101, 201, 1002, 1201),
}
"""SI-SIAO exit codes: most leave for a home, some for relatives, some of their own will."""

HOUSEHOLD_NO = ("location", "shared_living", "school_or_work", "found_solution", "health")
STRUCTURE_NO = (
    ("unsuitable_size", "La chambre ne convient pas à la composition du ménage."),
    ("outside_authorisation", "Le public accueilli ne correspond pas à notre habilitation."),
    ("no_longer_available", "Un dégât des eaux rend la place indisponible."),
)
SAID = "Dit au téléphone au référent, le ménage a pris le temps de réfléchir."

_ASKED = """
SELECT kind, count(*) AS n FROM waiting_entry WHERE state = 'active' GROUP BY kind ORDER BY kind
"""


@dataclass
class Freed:
    """A place that was freed: who runs it and what it takes. `only`: for a told household."""

    unit_id: int
    kind: str
    structure: Actor
    only: int | None = None


Begin = Callable[[str, AsyncIterator[datetime], datetime], None]


async def supply_story(scene: Scene, rng: Random, files: dict[int, File], every: float,
                       begin: Begin) -> AsyncIterator[datetime]:  # fmt: skip
    """Places that become free, one after the other, for as long as the demonstration lives."""
    while True:
        yield scene.agenda.after(rng, every * 0.5, every * 1.5)
        async with scene.act(None) as unit:
            asked = {r["kind"]: r["n"] for r in await unit.fetch(_ASKED)}
        kinds = [k for k in sorted(scene.units) if scene.units[k]]
        if not kinds:
            return
        # Structures free what they have; three times in four, a place of a kind that is asked.
        weigh = asked if asked and rng.random() < 0.75 else {k: len(scene.units[k]) for k in kinds}
        weights = [weigh.get(k, 0) for k in kinds]
        kind = rng.choices(kinds, weights if any(weights) else None)[0]
        place = scene.units[kind].pop(rng.randrange(len(scene.units[kind])))
        freed = Freed(place[0], kind, scene.structures[place[1]])
        begin(
            f"place {place[0]}", place_story(scene, freed, rng, files, begin), scene.ctx.clock.now()
        )


async def place_story(scene: Scene, freed: Freed, rng: Random, files: dict[int, File],
                      begin: Begin) -> AsyncIterator[datetime]:  # fmt: skip
    """A free place, proposed until somebody lives there; then their stay, then free again."""
    after = scene.agenda.after
    async with scene.act(freed.structure) as unit:
        vacancy_id = await declare_vacancy(
            unit, freed.unit_id, free_on=unit.today, draw_seed=rng.randbytes(32)
        )
    for _ in range(5):
        yield after(rng, 0.01, 0.05) if freed.only else after(rng, 0.5, 4)
        referral = await _propose(scene, freed, vacancy_id, rng, files)
        if referral is None:
            yield after(rng, 12, 40)
            continue
        referral_id, request_id = referral
        file = files.get(request_id)
        if file is None:
            return
        freed.only = None
        async for at in _referral(scene, freed, referral_id, file, rng, begin, files):
            yield at
        async with scene.act(None) as unit:
            state = await unit.value("SELECT state FROM vacancy WHERE id = $1", vacancy_id)
        if state != "declared":
            return
    if rng.random() < 0.3:
        async with scene.act(freed.structure) as unit:
            await vacancy_step(
                unit, vacancy_id, "give_back", reason="Travaux de rénovation engagés."
            )


async def _propose(
    scene: Scene, freed: Freed, vacancy_id: int, rng: Random, files: dict[int, File]
) -> tuple[int, int] | None:
    """To the first whom the place fits; those above whom it does not are told why."""
    proposer = scene.coordinator if rng.random() < 0.3 else rng.choice(scene.workers)
    async with scene.act(proposer) as unit:
        state = await unit.value("SELECT state FROM vacancy WHERE id = $1", vacancy_id)
        if state != "declared":
            return None
        ctx = scene.ctx.acting(proposer)
        found = await shortlist(ctx, unit, vacancy_id, limit=200)
        for one in found.candidates:
            file = files.get(one.request_id)
            # A told household waits for the place of its own story.
            told = file is not None and file.plan.told
            if one.request_id == freed.only or (freed.only is None and not told):
                made = await propose(unit, vacancy_id, one.request_id, why=_why)
                return made, one.request_id
    return None


def _why(above: Candidate) -> tuple[str, str]:
    """What the engine itself would say; else the household had asked to wait."""
    return above.passing_code or "household_wish", ""


async def _referral(
    scene: Scene, freed: Freed, referral_id: int, file: File, rng: Random, begin: Begin,
    files: dict[int, File],
) -> AsyncIterator[datetime]:  # fmt: skip
    """What each side answers, up to the keys."""
    after = scene.agenda.after
    if file.plan.told:
        return  # What a told household answers is for whoever tries the demonstration.
    yield after(rng, 0.5, 5)
    will = rng.random()
    if will > 0.93:
        async for at in _silence(scene, referral_id, file, rng):
            yield at
        return
    if will > 0.82:
        reason = rng.choice(HOUSEHOLD_NO)
        async with scene.act(file.worker) as unit:
            await answer(unit, referral_id, "decline", reason_code=reason, words=SAID, oral=True)
        return
    if file.resident is not None:
        async with scene.act(file.resident) as unit:
            await answer(unit, referral_id, "accept")
    else:
        async with scene.act(file.worker) as unit:
            await answer(unit, referral_id, "accept", words=SAID, oral=True)
    yield after(rng, 0.1, 2)
    async with scene.act(file.worker) as unit:
        await answer(unit, referral_id, "send")
    yield after(rng, 1, 8)
    verdict = rng.random()
    if verdict > 0.88:
        code, words = rng.choice(STRUCTURE_NO)
        async with scene.act(freed.structure) as unit:
            await answer(unit, referral_id, "refuse", reason_code=code, words=words)
        return
    if verdict < 0.4:
        async with scene.act(freed.structure) as unit:
            await answer(unit, referral_id, "preadmit")
        yield after(rng, 2, 8)
    async with scene.act(freed.structure) as unit:
        await answer(unit, referral_id, "admit")
    yield after(rng, 1, 12)
    if rng.random() > 0.96:
        async with scene.act(file.worker) as unit:
            await answer(unit, referral_id, "mark_no_show")
        return
    async with scene.act(freed.structure) as unit:
        placement_id = await move_in(unit, referral_id, on=unit.today)
    stay = _stay(scene, freed, placement_id, rng, files, begin)
    begin(f"stay {placement_id}", stay, scene.ctx.clock.now())


async def _silence(
    scene: Scene, referral_id: int, file: File, rng: Random
) -> AsyncIterator[datetime]:
    """No answer: three traced tries; the daily look then notes it, and later ends it."""
    for channel in ("phone", "sms", "key_worker"):
        async with scene.act(file.worker) as unit:
            await record_try(unit, referral_id, channel, "Pas de réponse.")
        yield scene.agenda.after(rng, 1, 3)
    yield scene.agenda.after(rng, 22, 26)


async def _stay(
    scene: Scene, freed: Freed, placement_id: int, rng: Random, files: dict[int, File],
    begin: Begin,
) -> AsyncIterator[datetime]:  # fmt: skip
    """A stay; when it ends, the place is free again."""
    least, most = STAY_DAYS.get(freed.kind, LONG_STAY)
    yield scene.ctx.clock.now() + timedelta(days=rng.randint(least, most), minutes=10)
    device = "hebergement" if freed.kind in STAY_DAYS else "logement"
    async with scene.act(freed.structure) as unit:
        await exit_stay(unit, placement_id, on=unit.today, exit_code=rng.choice(EXITS[device]))
    yield scene.agenda.after(rng, 1, 10)
    again = place_story(scene, freed, rng, files, begin)
    begin(f"place {freed.unit_id}", again, scene.ctx.clock.now())
