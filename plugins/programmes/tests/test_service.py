"""What the verbs do: entries, exits, tags, figures, goals, what is never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import asyncpg
import pytest

from core.extension.context import Ctx
from core.extension.timeline import TimeLine
from core.housing.service import seed_kinds
from core.kernel.errors import Conflict, Denied, DomainError, Invalid, Refused
from core.kernel.unit import Unit
from core.placements.tests.making import place, structure
from core.requests.service import open_request
from core.testing import make_professional
from core.worker import visit as hand_over
from plugins.programmes import demo, matching
from plugins.programmes.duties import erase_of, export_of
from plugins.programmes.members import change_referent, enter, leave, note
from plugins.programmes.queries import figures, standing
from plugins.programmes.service import (
    add_milestone,
    change_programme,
    end_milestone,
    open_programme,
    set_goal,
)
from plugins.programmes.tests.making import CARD, household, id_of, member, programme


async def tags(unit: Unit, household_id: int) -> list[str]:
    return (
        await unit.value(
            "SELECT f.tags FROM request_facts f JOIN housing_request r ON r.id = f.request_id "
            "WHERE r.household_id = $1",
            household_id,
        )
        or []
    )


async def test_an_entry_tags_the_demande_and_an_exit_takes_it_back(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        household_id, _, _ = await household(unit)
        ref = await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        assert await tags(unit, household_id) == ["programmes.ami"]
        await leave(unit, await id_of(unit, ref), on=unit.today, reason="moved")
        assert await tags(unit, household_id) == []
        row = await unit.row("SELECT key, by, ends_on FROM request_tag")
    assert row is not None
    assert tuple(row) == ("programmes.ami", ctx.who.account_id, date(2026, 3, 12))


async def test_two_programmes_of_one_sort_share_a_tag(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        one, _ = await programme(unit)
        two, _ = await programme(unit, name="Autre AMI")
        household_id, _, _ = await household(unit)
        ref = await enter(unit, one, household_id, on=unit.today, referent_id=None)
        await enter(unit, two, household_id, on=unit.today, referent_id=None)
        await leave(unit, await id_of(unit, ref), on=unit.today, reason="completed")
        assert await tags(unit, household_id) == ["programmes.ami"]


async def test_a_demande_that_opens_later_is_tagged_too(ctx: Ctx) -> None:
    """By its event; and by switching on, when the event came while the plugin was off."""
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        household_id, _, _ = await household(unit)
        await unit.fetch("UPDATE housing_request SET state = 'closed'")
        await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        request_id = await open_request(unit, household_id)
        for _ in range(2):
            await matching.tag_all(unit)
        count = await unit.value(
            "SELECT count(*) FROM request_tag WHERE request_id = $1", request_id
        )
    assert count == 1


async def test_the_same_household_is_not_in_twice(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        household_id, _, _ = await household(unit)
        await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        with pytest.raises((DomainError, asyncpg.ExclusionViolationError)):
            async with unit.savepoint():
                await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)


async def test_it_leaves_once(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        member_id = await id_of(unit, await member(unit, programme_id))
        await leave(unit, member_id, on=unit.today, reason="own_choice", words="Il préfère partir.")
        with pytest.raises(Refused):
            await leave(unit, member_id, on=unit.today, reason="moved")
        with pytest.raises(Refused):
            await change_referent(unit, member_id, None, 2)
        noted = await unit.value("SELECT text FROM plugin_programmes.note WHERE about = 'exit'")
    assert noted == "Il préfère partir."


async def test_a_referent_works_here_and_the_one_before_is_kept(ctx: Ctx) -> None:
    nadia = await make_professional(ctx, "social_worker", name="Nadia")
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        member_id = await id_of(unit, await member(unit, programme_id))
        await change_referent(unit, member_id, ctx.who.account_id, 1)
        await change_referent(unit, member_id, nadia.account_id, 2)
        with pytest.raises(Conflict):
            await change_referent(unit, member_id, ctx.who.account_id, 1)
        with pytest.raises(Invalid):
            await change_referent(unit, member_id, 99_999_999, 3)
        held = await unit.fetch(
            "SELECT held ->> 'referent_id' AS was FROM past_version "
            "WHERE kind = 'plugin_programmes.member' ORDER BY version"
        )
    assert [r["was"] for r in held] == [None, str(ctx.who.account_id)]


async def test_figures_count_households_and_people(ctx: Ctx) -> None:
    """Housed is a home begun after the entry: not a shelter, not a home from before."""
    async with ctx.unit() as unit:
        await seed_kinds(unit)
        programme_id, _ = await programme(unit)
        _, homes = await structure(unit, "logement_social")
        _, shelter = await structure(unit, "chrs")
        for where, days, couple in ((homes, 0, True), (shelter, 0, False), (homes, 40, False)):
            household_id, _, _ = await household(unit, couple=couple)
            on = unit.today
            await enter(unit, programme_id, household_id, on=on, referent_id=None)
            await unit.fetch(
                "INSERT INTO placement (ref, unit_id, household_id, state, kind, starts_on, "
                "created_at) VALUES ($1, $2, $3, 'present', $4, $5, $6)",
                f"{household_id:010}", await place(unit, where, free=False), household_id,
                "chrs" if where == shelter else "logement_social", on - timedelta(days), unit.now,
            )  # fmt: skip
        gone = await id_of(unit, await member(unit, programme_id))
        await leave(unit, gone, on=unit.today, reason="mistake")
        found = (await figures(unit, [programme_id]))[programme_id]
    assert found == {
        "entered_households": 3, "entered_persons": 4, "present_households": 3,
        "present_persons": 4, "housed_households": 1, "housed_persons": 2,
    }  # fmt: skip


async def test_a_goal_is_replaced_never_rewritten(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        for target in (10, 12):
            await set_goal(
                unit, programme_id, measure="housed_households", target=target,
                due_on=date(2026, 12, 31),
            )  # fmt: skip
        goals = (await standing(unit, programme_id)).goals
        kept = await unit.fetch("SELECT target FROM plugin_programmes.goal ORDER BY id")
        with pytest.raises(Invalid):
            await set_goal(
                unit, programme_id, measure="happiness", target=1, due_on=date(2026, 12, 31)
            )
    assert [g.target for g in goals] == [12] and [r["target"] for r in kept] == [10, 12]


async def test_a_milestone_ends_once(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        milestone_id = await add_milestone(
            unit, programme_id, label="Convention", due_on=unit.today, holder_id=None
        )
        await end_milestone(unit, programme_id, milestone_id, "done")
        with pytest.raises(Refused):
            await end_milestone(unit, programme_id, milestone_id, "given_up")


async def test_a_programme_does_not_end_over_its_households(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        await member(unit, programme_id)
        with pytest.raises(Refused):
            await change_programme(unit, programme_id, {**CARD, "ends_on": unit.today}, 1)
        with pytest.raises(Invalid) as found:
            await open_programme(unit, {**CARD, "name": " ", "kind": "?", "brings": ""})
    assert set(found.value.errors) == {"name", "kind", "brings"}


async def test_only_who_may_acts(ctx: Ctx) -> None:
    watching = ctx.acting(await make_professional(ctx, "observer"))
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        member_id = await id_of(unit, await member(unit, programme_id))
    async with watching.unit() as unit:
        with pytest.raises(Denied):
            await open_programme(unit, {**CARD, "name": "Autre"})
        with pytest.raises(Denied):
            await leave(unit, member_id, on=unit.today, reason="moved")
        with pytest.raises(Denied):
            await note(unit, member_id, "Vu.")


async def test_one_adult_is_not_given_the_confidences_of_another(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        couple = await household(unit, couple=True)
        alone = await household(unit, "Petit")
        for household_id, _, _ in (couple, alone):
            await enter(
                unit, programme_id, household_id, on=unit.today, referent_id=None,
                words=f"Confidence {household_id}",
            )  # fmt: skip
        theirs, own = await export_of(unit, couple[2]), await export_of(unit, alone[2])
        assert theirs["Programmes"][0]["Notes"] == []
        assert [n["Texte"] for n in own["Programmes"][0]["Notes"]] == [f"Confidence {alone[0]}"]
        await erase_of(unit, alone[2])
        left = await unit.fetch("SELECT household_id FROM plugin_programmes.note")
        past = await unit.value("SELECT count(*) FROM past_version WHERE held::text ~ 'Confidence'")
        assert (await figures(unit, [programme_id]))[programme_id]["entered_households"] == 2
    assert [r["household_id"] for r in left] == [couple[0]] and past == 0


async def test_the_demonstration_is_the_same_twice(ctx: Ctx) -> None:
    found = []
    for _ in range(2):
        async with ctx.unit() as unit:
            for number in range(5):
                await household(unit, f"Nom{number}")
            try:
                async with unit.savepoint():
                    start = unit.today - timedelta(days=700)
                    line = TimeLine(unit, start, unit.today, unit.today - timedelta(days=21))
                    await demo.fill(unit, "strasbourg", Random(4), line)
                    found.append(
                        [
                            tuple(r)
                            for r in await unit.fetch(
                                "SELECT starts_on, ends_on, end_reason "
                                "FROM plugin_programmes.member ORDER BY id"
                            )
                        ][:5]
                    )
                    raise RuntimeError
            except RuntimeError:
                pass
            await demo.fill(unit, "ailleurs", Random(4), line)
            await unit.fetch("UPDATE household SET archived_on = $1", unit.today)
            assert await unit.value("SELECT count(*) FROM plugin_programmes.programme") == 0
    assert found[0] == found[1] and len(found[0]) == 5


async def test_the_worker_tags_a_demande_that_opens_later(ctx: Ctx) -> None:
    on = replace(ctx, territory=replace(ctx.place, plugins=frozenset({"programmes"})))
    async with on.unit() as unit:
        programme_id, _ = await programme(unit)
        household_id, _, _ = await household(unit)
        await unit.fetch("UPDATE housing_request SET state = 'closed'")
        await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        await open_request(unit, household_id)
    await hand_over(replace(on, actor=None))
    async with on.unit() as unit:
        found = await unit.fetch("SELECT key FROM request_tag")
    assert [r["key"] for r in found] == ["programmes.ami"]
