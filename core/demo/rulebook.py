"""The ranking rules of the demonstration: one replaced, one in force, one being written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from random import Random
from typing import Any

from core.demo.scene import Scene
from core.matching.rulebook import change_draft, open_draft, sign_draft, tags_here
from core.matching.rulecheck import read_rule
from core.matching.rulehistory import draft_of
from core.matching.ruletexts import plain_sentences
from core.simulation.service import ask_simulation, carry_on

CHILD = {
    "class": 1,
    "label": "les familles avec un enfant de moins de trois ans",
    "facts": [{"fact": "youngest_under", "value": 3}],
}
ACCESS = {
    "class": 2,
    "label": "les personnes qui ont besoin d’un lieu accessible",
    "facts": [{"fact": "accessible_needed"}],
}
SECOND = [{"key": "class", "classes": [CHILD, ACCESS]}, {"key": "seniority"}]
THIRD = [
    {"key": "class", "classes": [CHILD, ACCESS]},
    {"key": "area"},
    {"key": "recommendation"},
    {"key": "waited"},
]
WHY_SECOND = "Comité de suivi : les nourrissons et le handicap ne peuvent pas attendre dehors."
WHY_THIRD = "Groupe de travail avec les habitants : la commune demandée d’abord, pour rester près."

SIMULATED = "strasbourg"
"""The territory whose team has replayed its two years under the rule it is writing."""


REPLAYED = "chrs"
"""The list of that replay: the one most places are filled from."""

_LONGEST = """
SELECT kind FROM waiting_entry WHERE state = 'active' GROUP BY kind
ORDER BY count(*) DESC, kind LIMIT 1
"""


async def _lists(scene: Scene) -> list[str]:
    """The lists whose rules the team works on: the one it replays, and the longest."""
    async with scene.act(None) as unit:
        longest = await unit.value(_LONGEST)
    return sorted({REPLAYED, longest or REPLAYED})


async def _write(scene: Scene, kind: str, keys: Any, why: str, rng: Random) -> tuple[int, int]:
    """A draft as the coordinator writes it; its id and version."""
    async with scene.act(scene.coordinator) as unit:
        draft_id = await open_draft(unit, kind, seed=rng.randbytes(32))
        text = "\n".join(str(said) for said in plain_sentences(read_rule(keys)))
        await change_draft(
            unit, draft_id, keys, text=text, why=why,
            version=(await draft_of(unit, kind)).version, tags=tags_here(scene.ctx),
        )  # fmt: skip
        return draft_id, (await draft_of(unit, kind)).version


async def rules_story(scene: Scene, rng: Random, drafted: datetime) -> AsyncIterator[datetime]:
    """A second rule is signed for the week after; the third is begun near the end."""
    kinds = await _lists(scene)
    written = {kind: await _write(scene, kind, SECOND, WHY_SECOND, rng) for kind in kinds}
    yield scene.agenda.after(rng, 6, 9)
    for draft_id, version in written.values():
        async with scene.act(scene.coordinator) as unit:
            await sign_draft(unit, draft_id, version, unit.today, tags_here(scene.ctx))
    yield drafted
    for kind in kinds:
        await _write(scene, kind, THIRD, WHY_THIRD, rng)


async def replay_two_years(scene: Scene, today: date) -> None:
    """The team of one territory replays everything under the rule it writes."""
    if scene.land.slug != SIMULATED:
        return
    kind = REPLAYED
    async with scene.act(scene.coordinator) as unit:
        if not await unit.value(
            "SELECT 1 FROM referral r JOIN vacancy v ON v.id = r.vacancy_id "
            "WHERE r.state = 'admitted' AND v.state = 'filled' AND v.kind = $1 LIMIT 1",
            kind,
        ):
            return  # a very small demonstration has filled no place of that kind
        await ask_simulation(
            unit, kind, rule_id=None, starts_on=scene.start, ends_on=today,
            title="Deux ans avec la règle en préparation", tags=tags_here(scene.ctx),
        )  # fmt: skip
    while await carry_on(scene.ctx):
        pass
