"""Two programmes of the demonstration, made with the services alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from core.extension.timeline import TimeLine
from core.housing.service import register_organisation
from core.kernel.unit import Unit
from plugins.programmes.members import enter, leave, note
from plugins.programmes.service import (
    add_milestone,
    add_partner,
    end_milestone,
    open_programme,
    set_goal,
)

SINCE = 300
"""Days since the programmes began."""


@dataclass(frozen=True)
class Told:
    """A programme of the demonstration: its card, how many households, what it aims at."""

    card: Mapping[str, Any]
    households: int
    goals: tuple[tuple[str, int, int], ...]
    """(measure, number, days from today)."""
    milestones: tuple[tuple[str, int, str], ...]
    """(label, days from today, outcome)."""
    partners: tuple[tuple[str, str], ...]
    """(name, role)."""


TOLD: Mapping[str, Told] = {
    "strasbourg": Told(
        {
            "name": "AMI Grands précaires",
            "kind": "ami",
            "about": "Personnes à la rue depuis longtemps, avec des besoins de soin : logement "
            "accompagné en petits collectifs, équipe présente tous les jours.",
            "public_name": "Un accompagnement renforcé",
            "brings": "Une équipe vous rencontre là où vous êtes, aussi souvent que vous le "
            "souhaitez, avant et après l’entrée dans un logement.",
            "call_name": "L’équipe d’accompagnement",
            "call_phone": "03 88 00 00 41",
        },
        40,
        (
            ("entered_households", 50, 60),
            ("housed_households", 25, 60),
            ("housed_persons", 30, 240),
        ),
        (
            ("Convention signée avec l’État", -280, "done"),
            ("Deuxième équipe recrutée", -20, ""),
            ("Ouverture des 12 premiers logements", 9, ""),
            ("Bilan intermédiaire", 120, ""),
        ),
        (("DDETS du Bas-Rhin", "funder"), ("Eurométropole de Strasbourg", "lead")),
    ),
    "deux-rives": Told(
        {
            "name": "Projet Logement d’abord de la métropole",
            "kind": "local",
            "about": "Ménages hébergés depuis plus d’un an, accès direct à un bail.",
            "public_name": "Un accompagnement vers votre logement",
            "brings": "Une personne vous aide à trouver un logement à votre nom, puis à vous y "
            "installer.",
            "call_name": "Le service Logement d’abord",
            "call_phone": "03 88 00 00 57",
        },
        15,
        (("housed_households", 20, 150),),
        (("Accord avec deux bailleurs", 30, ""), ("Comité de pilotage", -5, "done")),
        (("Métropole des Deux-Rives", "funder"),),
    ),
}

WORDS = (
    "Premier rendez-vous au point d’accueil ; d’accord pour être accompagné.",
    "Rencontre chaque semaine ; souhaite rester dans son quartier.",
    "Visite d’un logement prévue le mois prochain.",
)


async def fill(unit: Unit, slug: str, rng: Random, line: TimeLine) -> bool:
    """The programme of that territory, where the demonstration tells one, lived from its first day
    on; whether it tells one."""
    told = TOLD.get(slug)
    if told is None:
        return False
    start = line.end - timedelta(days=SINCE)
    workers = [
        r["account_id"]
        for r in await unit.fetch(
            """SELECT DISTINCT account_id FROM role_grant
               WHERE role = 'social_worker' AND ends_on IS NULL ORDER BY account_id"""
        )
    ]
    async with line.on(start):
        ref = await open_programme(unit, {**told.card, "starts_on": start, "ends_on": None})
        programme_id = await unit.value(
            "SELECT id FROM plugin_programmes.programme WHERE ref = $1", ref
        )
        await _partners(unit, programme_id, told)
        for measure, number, days in told.goals:
            due_on = line.end + timedelta(days=days)
            await set_goal(unit, programme_id, measure=measure, target=number, due_on=due_on)
        await _milestones(unit, programme_id, told, workers, line)
    await _reached(unit, programme_id, told, line)
    await _members(unit, programme_id, told, workers, rng, line)
    return True


async def _partners(unit: Unit, programme_id: int, told: Told) -> None:
    for name, role in told.partners:
        organisation_id = await register_organisation(unit, name=name, kind="Administration")
        await add_partner(unit, programme_id, organisation_id, role)
    other = await unit.value(
        """SELECT organisation_id FROM territory_organisation
           WHERE ends_on IS NULL ORDER BY organisation_id LIMIT 1"""
    )
    if other is not None:
        await add_partner(unit, programme_id, other, "partner")


async def _milestones(
    unit: Unit, programme_id: int, told: Told, workers: list[int], line: TimeLine
) -> None:
    for number, (label, days, _) in enumerate(told.milestones):
        holder = workers[number % len(workers)] if workers else None
        await add_milestone(
            unit, programme_id, label=label, due_on=line.end + timedelta(days=days),
            holder_id=holder,
        )  # fmt: skip


async def _reached(unit: Unit, programme_id: int, told: Told, line: TimeLine) -> None:
    """Milestones that are over, each ended on its day."""
    for label, days, outcome in told.milestones:
        if not outcome:
            continue
        milestone_id = await unit.value(
            """SELECT id FROM plugin_programmes.milestone
               WHERE programme_id = $1 AND label = $2""",
            programme_id,
            label,
        )
        async with line.on(line.end + timedelta(days=days)):
            await end_milestone(unit, programme_id, milestone_id, outcome)


async def _members(
    unit: Unit, programme_id: int, told: Told, workers: list[int], rng: Random, line: TimeLine
) -> None:
    """Households enter, are followed and leave, each act on its day."""
    rows = await unit.fetch(
        """SELECT h.id, greatest(h.created_at::date, $1) AS since FROM household h
           WHERE h.archived_on IS NULL AND h.created_at::date <= $2 ORDER BY h.id""",
        line.end - timedelta(days=SINCE),
        line.end,
    )
    for number, row in enumerate(rng.sample(rows, min(told.households, len(rows)))):
        days = (line.end - row["since"]).days
        on = row["since"] + timedelta(days=rng.randint(0, max(0, days // 5)))
        followed = on + timedelta(days=(line.end - on).days // 3)
        left = on + timedelta(days=(line.end - on).days // 2)
        referent = rng.choice(workers) if workers and number % 9 else None
        async with line.on(on):
            await enter(
                unit, programme_id, row["id"], on=on, referent_id=referent, words=rng.choice(WORDS)
            )
        member_id = await unit.value(
            """SELECT max(id) FROM plugin_programmes.member
               WHERE programme_id = $1 AND household_id = $2""",
            programme_id,
            row["id"],
        )
        if number % 3 == 0:
            async with line.on(followed):
                await note(unit, member_id, rng.choice(WORDS))
        if number % 7 == 3:
            reason = rng.choice(("completed", "own_choice", "other_support"))
            async with line.on(left):
                await leave(unit, member_id, on=left, reason=reason)
