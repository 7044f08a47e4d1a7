"""The real services in any order, with drawn mistakes: what must always hold still holds.

Households, places and acts are drawn from a fixed seed; an act that rules refuse must change
nothing. After each act the whole database is looked at.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.housing.service import declare_vacancy, vacancy_step
from core.kernel.clock import StillClock
from core.kernel.errors import DomainError
from core.kernel.unit import Unit
from core.placements.passing import same_for_all
from core.placements.service import (
    answer,
    exit_stay,
    expire_overdue,
    judge_refusal,
    move_in,
    place_directly,
    propose,
    record_try,
    undo_exit,
)
from core.placements.tests.making import place, structure
from core.requests.service import decide, open_request, recommend, refresh, step, transmit
from core.requests.tests.making import listed
from core.testing import make_professional

HOUSEHOLD = ("location", "health", "prefers_not_to_say", "other")
STRUCTURE = ("unsuitable_size", "no_longer_available", "behaviour")
REASONS = {"decline": HOUSEHOLD, "refuse": STRUCTURE, "withdraw": ("place_lost", "other")}
VERBS = (
    "accept", "accept", "accept", "send", "send", "preadmit", "admit", "admit", "admit", "decline",
    "undo_answer", "refuse", "mark_unreachable", "mark_no_show", "withdraw", "expire",
    "mark_unanswered",
)  # fmt: skip

BROKEN = {
    "an open referral holds its place": """
      SELECT r.id FROM referral r JOIN vacancy v ON v.id = r.vacancy_id
      WHERE r.state IN ('proposed', 'accepted', 'unanswered', 'sent_to_structure', 'preadmission')
        AND v.state <> 'held'""",
    "an admitted referral without a stay filled its place": """
      SELECT r.id FROM referral r JOIN vacancy v ON v.id = r.vacancy_id
      WHERE r.state = 'admitted' AND v.state <> 'filled'""",
    "a held place has its one referral": """
      SELECT v.id FROM vacancy v WHERE v.state = 'held' AND (SELECT count(*) FROM referral r
        WHERE r.vacancy_id = v.id AND r.state IN ('proposed', 'accepted', 'unanswered',
        'sent_to_structure', 'preadmission')) <> 1""",
    "a referred demande has its one open referral": """
      SELECT q.id FROM housing_request q WHERE (q.state = 'referred') <> EXISTS (
        SELECT 1 FROM referral r WHERE r.request_id = q.id AND r.state IN ('proposed', 'accepted',
        'unanswered', 'sent_to_structure', 'preadmission'))""",
    "one household per place and day": """
      SELECT a.id FROM placement a JOIN placement b ON a.unit_id = b.unit_id AND a.id < b.id
      WHERE a.state <> 'cancelled' AND b.state <> 'cancelled'
        AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)""",
    "one current stay per household": """
      SELECT household_id FROM placement WHERE state = 'present' AND NOT double
      GROUP BY 1 HAVING count(*) > 1""",
    "no place is offered while somebody lives there": """
      SELECT v.id FROM vacancy v JOIN placement s ON s.unit_id = v.unit_id AND s.state = 'present'
      WHERE v.state IN ('declared', 'held')""",
    "a demande's state is its last step": """
      SELECT q.id FROM housing_request q WHERE q.state <> (SELECT s.state FROM request_state s
        WHERE s.request_id = q.id ORDER BY s.id DESC LIMIT 1)""",
    "a vacancy's state is its last step": """
      SELECT v.id FROM vacancy v WHERE v.state <> (SELECT s.state FROM vacancy_state s
        WHERE s.vacancy_id = v.id ORDER BY s.id DESC LIMIT 1)""",
    "a referral's state is its last step": """
      SELECT r.id FROM referral r WHERE r.state <> (SELECT s.state FROM referral_state s
        WHERE s.referral_id = r.id ORDER BY s.id DESC LIMIT 1)""",
    "a stay's state is its last step": """
      SELECT p.id FROM placement p WHERE p.state <> (SELECT s.state FROM placement_state s
        WHERE s.placement_id = p.id ORDER BY s.id DESC LIMIT 1)""",
    "seniority moves by an act only": """
      SELECT q.id FROM housing_request q WHERE q.seniority_on IS DISTINCT FROM coalesce(
        (SELECT a.after FROM seniority_act a WHERE a.request_id = q.id ORDER BY a.id DESC LIMIT 1),
        q.first_sent_on)""",
    "an active entry belongs to a demande that waits or is referred": """
      SELECT e.id FROM waiting_entry e JOIN housing_request q ON q.id = e.request_id
      WHERE e.state = 'active' AND q.state NOT IN ('waiting', 'referred')""",
}


async def look(unit: Unit, after: str) -> None:
    for name, sql in BROKEN.items():
        found = await unit.fetch(sql)
        assert not found, f"{name}: broken after {after}"


@pytest.mark.parametrize("seed", [1, 7, 23])
async def test_acts_in_any_order_never_break_what_must_hold(
    ctx: Ctx, clock: StillClock, seed: int
) -> None:
    chance = random.Random(seed)
    second = ctx.acting(await make_professional(ctx, "coordinator", name="Deuxième avis"))
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        units = [await place(unit, programme_id, free=False) for _ in range(4)]
        for n in range(5):
            await listed(unit, family=f"Nom {n}")

    async def pick(unit: Unit, sql: str) -> int:
        rows = await unit.fetch(sql)
        if not rows:
            raise LookupError
        return int(chance.choice(rows)[0])

    async def act(unit: Unit, name: str) -> None:
        day = unit.today
        if name == "declare":
            await declare_vacancy(unit, chance.choice(units), free_on=day)
        elif name == "propose":
            vacancy = await pick(
                unit, "SELECT id FROM vacancy ORDER BY state = 'declared' DESC, id DESC LIMIT 3"
            )
            request = await pick(unit, "SELECT id FROM housing_request ORDER BY id DESC LIMIT 8")
            await propose(unit, vacancy, request, why=same_for_all("household_wish"))
        elif name == "answer":
            verb = chance.choice(VERBS)
            referral = await pick(unit, "SELECT id FROM referral ORDER BY id DESC LIMIT 4")
            reason = chance.choice(REASONS.get(verb, (None,)))
            oral = verb in ("accept", "decline", "undo_answer")
            await answer(unit, referral, verb, reason_code=reason, words="Dit", oral=oral)
        elif name == "along":  # the usual way, so that most runs reach places and stays
            referral = await pick(
                unit, "SELECT id FROM referral WHERE state IN ('proposed', 'accepted', "
                "'sent_to_structure', 'preadmission')"
            )  # fmt: skip
            state = await unit.value("SELECT state FROM referral WHERE id = $1", referral)
            verb = {"proposed": "accept", "accepted": "send"}.get(str(state), "admit")
            await answer(unit, referral, verb, words="Dit", oral=verb == "accept")
        elif name == "try":
            referral = await pick(unit, "SELECT id FROM referral ORDER BY id DESC LIMIT 3")
            await record_try(unit, referral, chance.choice(("phone", "sms")))
        elif name == "judge":
            referral = await pick(
                unit, "SELECT id FROM referral WHERE state IN ('declined', 'refused_by_household')"
            )
            await judge_refusal(unit, referral, admissible=chance.random() < 0.2, words="Avis")
        elif name == "move_in":
            referral = await pick(unit, "SELECT id FROM referral WHERE state = 'admitted'")
            await move_in(unit, referral, on=day, leave=chance.choice((None, 401)))
        elif name == "exit":
            stay = await pick(unit, "SELECT id FROM placement WHERE state = 'present'")
            await exit_stay(unit, stay, on=day, exit_code=102)
        elif name == "undo_exit":
            stay = await pick(unit, "SELECT id FROM placement WHERE state = 'exited'")
            await undo_exit(unit, stay, reason="Erreur")
        elif name == "direct":
            household = await pick(unit, "SELECT id FROM household")
            await place_directly(
                unit, chance.choice(units), household, on=day, told_on=day, why="Gel"
            )
        elif name == "request":
            request = await pick(unit, "SELECT id FROM housing_request")
            await step(unit, request, chance.choice(("suspend", "resume", "cancel")), reason="x")
        elif name == "refresh":
            request = await pick(unit, "SELECT id FROM housing_request")
            await refresh(unit, request)
        elif name == "again":
            request = await pick(unit, "SELECT id FROM housing_request WHERE state = 'to_refresh'")
            await transmit(unit, request, informed_on=day)
            await decide(unit, request, "validate_and_list")
        elif name == "new":
            household = await pick(unit, "SELECT id FROM household")
            request = await open_request(unit, household, reason_code=203)
            await recommend(unit, request, [("chrs", 2, "")])
            await transmit(unit, request, informed_on=day)
            await decide(unit, request, "validate_and_list")
        elif name == "vacancy":
            vacancy = await pick(unit, "SELECT id FROM vacancy ORDER BY id DESC LIMIT 4")
            verb = chance.choice(("freeze", "unfreeze", "give_back", "declare_again"))
            await vacancy_step(unit, vacancy, verb, reason="x")
        else:
            await expire_overdue(unit)

    names = (
        ["declare", "propose"] * 4 + ["answer"] * 9 + ["along"] * 8 + ["move_in"] * 4
        + ["try", "judge", "exit", "exit", "undo_exit", "direct", "request", "refresh", "again"]
        + ["new", "new", "vacancy", "daily"]
    )  # fmt: skip
    done: set[str] = set()
    for _ in range(260):
        name = chance.choice(names)
        if chance.random() < 0.1:
            clock.advance(timedelta(days=chance.randint(1, 9)))
        try:
            async with chance.choice((ctx, second)).unit() as unit:
                await act(unit, name)
        except (DomainError, LookupError):
            pass
        else:
            done.add(name)
        async with ctx.unit() as unit:
            await look(unit, name)
    assert {"propose", "answer", "move_in", "exit", "declare"} <= done
