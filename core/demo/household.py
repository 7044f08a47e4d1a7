"""What a household of the demonstration lives, from its first visit to the waiting list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from core.accounts.service import resident_account
from core.demo.colleagues import who_may_bring
from core.demo.plans import ITEMS, REFUSALS, Plan
from core.demo.scene import Scene
from core.demo.waiting import wait
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
from core.requests.service import (
    complete_request,
    decide,
    open_request,
    step,
    transmit,
)


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
    async for at in wait(scene, file, rng):
        yield at


def after_a_while(scene: Scene, rng: Random) -> datetime:
    """Some two months later: what nobody moved is taken up again."""
    return scene.agenda.after(rng, 50, 80)


async def _open(scene: Scene, plan: Plan, rng: Random) -> File:
    family = plan.family
    prescriber = scene.prescribers[rng.choice(who_may_bring(scene.brought_by, family))]
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
