"""What a household of the demonstration lives, from its first visit to the waiting list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from core.accounts.service import resident_account
from core.demo.plans import ITEMS, MESSAGES, REFUSALS, Plan
from core.demo.scene import Scene
from core.households.changes import LifeEvent
from core.households.people import Sex
from core.households.service import (
    answer_question,
    ask_question,
    create_household,
    hand_to_shelter,
    set_situation,
    settle_shelter,
    write_note,
)
from core.kernel.unit import Actor, Unit
from core.matching.service import announce_lapse, entry_step, record_try, tell_key_worker
from core.notifications.service import answer as answer_message
from core.notifications.service import write as write_message
from core.requests.service import (
    complete_request,
    decide,
    live_event,
    open_request,
    refresh,
    step,
    transmit,
)

ENDED = frozenset({"closed", "cancelled", "refused"})


@dataclass
class File:
    """A household as its story knows it."""

    plan: Plan
    household_id: int
    request_id: int
    opener: Actor
    worker: Actor
    person_ids: list[int] = field(default_factory=list)
    resident: Actor | None = None
    """Its main person, when that person comes in by themselves."""


async def household_story(
    scene: Scene, plan: Plan, rng: Random, files: dict[int, File]
) -> AsyncIterator[datetime]:
    """From the first visit on; proposals come from the places' own stories."""
    file = await _open(scene, plan, rng)
    files[file.request_id] = file
    yield scene.agenda.after(rng, 0.2, 6)
    async with scene.act(file.opener) as unit:
        await _complete(scene, unit, file, rng)
    if plan.abandons:
        yield after_a_while(scene, rng)
        async with scene.act(file.opener) as unit:
            await step(unit, file.request_id, "cancel", reason="Le ménage n’est pas revenu.")
        return
    yield scene.agenda.after(rng, 0.1, 4)
    async with scene.act(file.opener) as unit:
        await transmit(unit, file.request_id, informed_on=unit.today)
    if plan.signs_in:
        async with scene.act(None) as unit:
            account_id = await resident_account(unit, file.person_ids[0])
        file.resident = Actor(
            kind="resident",
            account_id=account_id,
            person_id=file.person_ids[0],
            grants=frozenset({("resident", None)}),
        )
    yield scene.agenda.after(rng, 1, 12)
    async for at in _review(scene, file, rng):
        yield at
    async for at in _wait(scene, file, rng):
        yield at


def after_a_while(scene: Scene, rng: Random) -> datetime:
    """Some two months later: what nobody moved is taken up again."""
    return scene.agenda.after(rng, 50, 80)


async def _open(scene: Scene, plan: Plan, rng: Random) -> File:
    family = plan.family
    prescriber = scene.prescribers[rng.randrange(len(scene.prescribers))]
    opener = scene.workers[rng.randrange(len(scene.workers))] if plan.by_team else prescriber
    async with scene.act(opener) as unit:
        household_id = await create_household(
            unit,
            family.people,
            sector_id=scene.sectors[rng.randrange(len(scene.sectors))],
            phone=family.phone,
            address=family.address,
            language=family.language,
        )
        people = await unit.fetch(
            "SELECT person_id FROM membership WHERE household_id = $1 ORDER BY id", household_id
        )
        ids = [r["person_id"] for r in people]
        for person_id, person in zip(ids, family.people, strict=True):
            since = max(family.since, person.birth or family.since)
            await set_situation(unit, person_id, family.situation, starts_on=since)
        request_id = await open_request(
            unit,
            household_id,
            reason_code=family.reason,
            organisation_id=min(prescriber.organisations("prescriber")),
            summary=plan.summary,
        )
        held = await unit.value(
            "SELECT account_id FROM key_worker WHERE household_id = $1 AND role = 'siao'",
            household_id,
        )
    worker = next((w for w in scene.workers if w.account_id == held), scene.workers[0])
    return File(plan, household_id, request_id, opener, worker, ids)


async def _complete(scene: Scene, unit: Unit, file: File, rng: Random) -> None:
    family = file.plan.family
    wanted = rng.sample(scene.areas, min(3, len(scene.areas)))
    reasons = ("Le ménage le demande.", "Besoin d’un cadre.", "Autonomie acquise.", "")
    version = await unit.value("SELECT version FROM housing_request WHERE id = $1", file.request_id)
    await complete_request(
        unit,
        file.request_id,
        version,
        answers={
            "resources_cents": family.resources,
            "animals": (family.animals, None),
            "accessible_needed": (family.accessible, None),
            "areas_wanted": (1, wanted),
        },
        recommendations=[(k, family.support, rng.choice(reasons)) for k in family.kinds],
    )
    if file.plan.note:
        await write_note(unit, file.household_id, file.plan.note)


async def _review(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    """Taken up, asked about, decided."""
    plan, after = file.plan, scene.agenda.after
    async with scene.act(file.worker) as unit:
        await step(unit, file.request_id, "take_up")
        question = None
        if plan.has_question:
            question = await ask_question(
                unit,
                file.household_id,
                "resources_cents",
                "Les ressources indiquées comprennent-elles les prestations familiales ?",
                to_account_id=file.opener.account_id,
            )
    if plan.family.situation == 20 and rng.random() < 0.3:
        async for at in _shelter(scene, file, rng):
            yield at
    if plan.asked_items or plan.outcome == "missing":
        yield after(rng, 1, 6)
        async with scene.act(file.worker) as unit:
            await decide(
                unit,
                file.request_id,
                "ask_missing",
                missing=rng.sample(ITEMS, 2),
                due_on=unit.today + timedelta(days=21),
            )
        if plan.outcome == "missing":
            yield after_a_while(scene, rng)
        else:
            yield after(rng, 4, 20)
        async with scene.act(file.opener) as unit:
            await transmit(unit, file.request_id, informed_on=None)
        yield after(rng, 1, 8)
        async with scene.act(file.worker) as unit:
            await step(unit, file.request_id, "take_up")
    if question is not None:
        yield after(rng, 1, 9)
        async with scene.act(file.opener) as unit:
            await answer_question(unit, question, "Oui, vérifié avec la famille et l’attestation.")
    yield after(rng, 3, 24)
    async for at in _decide(scene, file, rng):
        yield at


async def _shelter(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    """Somebody who sleeps outside cannot wait for a decision: the 115 is told."""
    async with scene.act(file.worker) as unit:
        need = "Dort dehors : une mise à l’abri est demandée en attendant."
        handover = await hand_to_shelter(unit, file.household_id, need)
    yield scene.agenda.after(rng, 0.2, 3)
    async with scene.act(file.worker) as unit:
        outcome = rng.choice(("sheltered", "sheltered", "no_place", "declined"))
        await settle_shelter(unit, handover, outcome)


async def _decide(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
    plan, after, request_id = file.plan, scene.agenda.after, file.request_id
    decider = scene.coordinator if rng.random() < 0.4 else file.worker
    if plan.outcome == "refuse":
        reason, plain = rng.choice(REFUSALS)
        async with scene.act(decider) as unit:
            await decide(unit, request_id, "refuse", reason=reason, plain_text=plain)
        return
    if plan.outcome == "special":
        async with scene.act(decider) as unit:
            await decide(
                unit,
                request_id,
                "send_to_special_cases",
                reason="Besoins de soin et de logement à traiter ensemble.",
            )
        yield after(rng, 28, 70)
    if plan.outcome == "adjourn":
        async with scene.act(decider) as unit:
            await decide(
                unit,
                request_id,
                "adjourn",
                reason="Évaluation à compléter avec le référent.",
                missing=rng.sample(ITEMS, 2),
                due_on=unit.today + timedelta(days=30),
            )
        yield after(rng, 12, 26)
        async with scene.act(file.worker) as unit:
            facts = {"items_received_or_due": True}
            await step(unit, request_id, "return_from_adjournment", facts=facts)
        yield after(rng, 3, 15)
    async with scene.act(decider) as unit:
        await decide(unit, request_id, "validate_and_list", reason="Préconisations adaptées.")


async def _wait(scene: Scene, file: File, rng: Random) -> AsyncIterator[datetime]:
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
