"""Erasing a person: their words are nowhere any more, what happened stays and is nobody's."""

from __future__ import annotations

from dataclasses import replace

import asyncpg
import pytest

from core.app import CORE
from core.extension.context import Ctx, Place
from core.extension.registry import Registry
from core.households.queries import find_people
from core.households.service import write_note
from core.kernel.errors import Denied, Invalid, Refused
from core.kernel.ground import GLOBAL_TABLES
from core.kernel.promises import ERASABLE
from core.kernel.unit import Unit
from core.notifications.service import answer, write
from core.requests.service import step
from core.requests.tests.making import listed
from core.rights.fates import FATES, Words
from core.rights.service import erase, rehearse
from core.rights.tests.test_copies import couple
from core.testing import make_plugin, make_professional


async def test_every_table_has_its_fate(ground: asyncpg.Connection) -> None:
    tables = {
        r["t"]
        for r in await ground.fetch(
            "SELECT c.relname::text AS t FROM pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'"
        )
    }
    assert tables - GLOBAL_TABLES == set(FATES)
    assert {t for t, fate in FATES.items() if isinstance(fate, Words)} == set(ERASABLE)


async def everything(unit: Unit) -> str:
    """All that the territory's rows say, as one text."""
    found = []
    for table in sorted(FATES):
        rows = await unit.fetch(f"SELECT t::text AS said FROM {table} t")
        found += sorted(r["said"] for r in rows)
    return "\n".join(found)


async def administrator(ctx: Ctx) -> Ctx:
    return ctx.acting(await make_professional(ctx, "administrator", name="Dana Weiss"))


async def alone(unit: Unit, family: str = "Obsidienne") -> tuple[int, int, int]:
    """(household, person, demande) of somebody alone whose words stand all over."""
    request_id = await listed(unit, family=family, given="Porphyre")
    home = await unit.value("SELECT household_id FROM housing_request WHERE id = $1", request_id)
    person = await unit.value("SELECT person_id FROM membership WHERE household_id = $1", home)
    await write_note(unit, home, f"{family} note", field_class="health")
    sent = await write(unit, home, person, "message", f"{family} message")
    await answer(unit, sent, f"{family} réponse")
    await step(unit, request_id, "cancel", reason=f"{family} ne souhaite plus")
    return home, person, request_id


async def test_after_it_no_row_says_anything_of_the_person(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        home, person, request_id = await alone(unit)
    async with (await administrator(ctx)).unit() as unit:
        before = await everything(unit)
        assert "Obsidienne" in before and "0601020304" in before
        seen = await rehearse(ctx, unit, person, "asked")
        assert seen.against == () and await everything(unit) == before
        await erase(ctx, unit, home, person, basis="asked", reason="Courrier du 10 mars")
        after = await everything(unit)
        for word in ("Obsidienne", "obsidienne", "Porphyre", "porphyre", "0601020304"):
            assert word not in after, word
        kept = await unit.row(
            "SELECT r.state, r.seniority_on, (SELECT count(*) FROM request_state s "
            "WHERE s.request_id = r.id) AS steps FROM housing_request r WHERE r.id = $1",
            request_id,
        )
        assert kept is not None and kept["state"] == "cancelled" and kept["steps"] > 1
        act = await unit.row("SELECT reason, counts::text FROM rights_act")
        assert act is not None and act["reason"] == "Courrier du 10 mars"
        assert seen.counts["exchange"] == 1 and '"exchange": 1' in act["counts"]
        assert await find_people(unit, "Obsidienne") == []
        with pytest.raises(Refused, match="déjà"):
            await erase(ctx, unit, home, person, basis="asked", reason="Encore")


async def test_the_other_adult_of_a_couple_keeps_theirs(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        home, main, partner = await couple(unit)
        for row in await unit.fetch("SELECT id FROM exchange WHERE household_id = $1", home):
            await answer(unit, row["id"], "Bien reçu.")
        request_id = await unit.value(
            "SELECT id FROM housing_request WHERE household_id = $1", home
        )
        await step(unit, request_id, "cancel", reason="Schiste")
    async with (await administrator(ctx)).unit() as unit:
        await erase(ctx, unit, home, main, basis="asked", reason="Demandé au guichet")
        said = await everything(unit)
        assert "Ondine" not in said and "0601020304" not in said
        for word in ("Basalte note", "Basalte message", "Granit commun", "Moussa"):
            assert word in said, word
        # once the other one goes too, nothing of the household is anybody's
        await erase(ctx, unit, home, partner, basis="asked", reason="Demandé au guichet")
        said = await everything(unit)
        for word in ("Basalte", "Granit", "Schiste", "Quartz", "Moussa"):
            assert word not in said, word


async def test_what_runs_is_ended_first(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        home, main, _ = await couple(unit)
    async with (await administrator(ctx)).unit() as unit:
        with pytest.raises(Refused, match="demande est en cours"):
            await erase(ctx, unit, home, main, basis="asked", reason="Essai")
        with pytest.raises(Invalid):
            await erase(ctx, unit, home, main, basis="because", reason="Essai")
    async with ctx.unit() as unit:
        with pytest.raises(Denied):
            await erase(ctx, unit, home, main, basis="asked", reason="Essai")


async def test_a_plugin_that_cannot_erase_undoes_it_all(ctx: Ctx) -> None:
    async def erase_personal_data(unit: Unit, person_id: int) -> None:
        await unit.fetch("SELECT nothing FROM nowhere")

    registry = Registry.build(
        CORE,
        {"alpha": make_plugin("alpha", title="Alpha", erase_personal_data=erase_personal_data)},
    )
    there = replace(await administrator(ctx), registry=registry)
    async with ctx.unit() as unit:
        home, person, _ = await alone(unit)
    with pytest.raises(Refused, match="rien n’est effacé"):
        async with there.unit() as unit:
            await erase(there, unit, home, person, basis="asked", reason="Essai")
    registry.held["alpha"] = "its tables are of another version"
    with pytest.raises(Refused, match="rien n’est effacé"):
        async with there.unit() as unit:
            await erase(there, unit, home, person, basis="asked", reason="Essai")
    async with ctx.unit() as unit:
        assert "Obsidienne note" in await everything(unit)


async def test_journals_lose_words_by_that_door_alone(ctx: Ctx, elsewhere_place: Place) -> None:
    """The serving role may not change a journal, and erases only in its own territory."""
    async with ctx.unit() as unit:
        await alone(unit)
        ids = [r["id"] for r in await unit.fetch("SELECT id FROM request_state")]
        await unit.fetch(
            "SELECT set_config('seuil.erasing', 'request_state'::regclass::oid::text, true)"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with unit.savepoint():
                await unit.fetch("UPDATE request_state SET reason = ''")
    async with Unit(territory_id=elsewhere_place.id, clock=ctx.clock) as unit:
        assert await unit.value("SELECT sl_erase_request_state($1)", ids) == 0
    async with ctx.unit() as unit:
        done = await unit.value("SELECT sl_erase_request_state($1)", ids)
        assert done >= 1
        assert await unit.value("SELECT count(*) FROM request_state WHERE reason <> ''") == 0
