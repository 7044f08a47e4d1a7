"""A person writes, the team answers, both are told; nobody hears what is another's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.accounts.service import resident_account
from core.extension.context import Ctx
from core.households.stops import stop_messages
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.unit import Actor
from core.notifications import queries
from core.notifications.service import answer, keep_draft, mark_read, tell, write
from core.territories.service import change_setting
from core.testing import make_place, make_professional
from core.worker import round_trip, visit


async def household(ctx: Ctx, *births: date | None) -> tuple[int, list[int]]:
    """A household of people born on those days; the first is its main person."""
    async with ctx.unit() as unit:
        home = await unit.value("INSERT INTO household (ref) VALUES ($1) RETURNING id", str(births))
        people = []
        for i, birth in enumerate(births):
            person = await unit.value(
                "INSERT INTO person (ref, family_name, given_name, birth) "
                "VALUES ($1, 'Diallo', $2, $3) RETURNING id",
                f"{home}-{i}",
                f"Prénom{i}",
                birth,
            )
            minor = birth is not None and birth > date(2008, 3, 12)
            await unit.fetch(
                "INSERT INTO membership (household_id, person_id, role, starts_on) "
                "VALUES ($1, $2, $3, '2025-01-01')",
                home,
                person,
                "child" if minor else ("main" if i == 0 else "partner"),
            )
            people.append(person)
    return home, people


async def resident(ctx: Ctx, person_id: int) -> Ctx:
    async with ctx.unit() as unit:
        account = await resident_account(unit, person_id)
    return ctx.acting(
        Actor(
            kind="resident",
            account_id=account,
            person_id=person_id,
            grants=frozenset({("resident", None)}),
        )
    )


ADULT, OTHER, CHILD = date(1985, 4, 3), date(1990, 1, 1), date(2019, 5, 5)


async def test_a_message_is_due_and_answered_once(ctx: Ctx) -> None:
    home, (awa,) = await household(ctx, ADULT)
    me = await resident(ctx, awa)
    async with me.unit() as unit:
        exchange = await write(unit, home, awa, "message", "  Quand ?  ", mood=3)
    async with ctx.unit() as unit:
        (row,) = await queries.inbox(unit)
        assert (row["text"], row["mood"]) == ("Quand ?", 3)
        assert row["answer_due"] == unit.now + timedelta(days=7)
        assert await queries.count_waiting(unit) == (1, 0)
        await keep_draft(unit, row["ref"], "Bientôt")
        assert await queries.answer_draft(unit, row["ref"]) == "Bientôt"
        await answer(unit, exchange, "Jeudi.")
        assert await queries.answer_draft(unit, row["ref"]) == ""
        assert await queries.count_waiting(unit) == (0, 0)
        with pytest.raises(Refused):
            await answer(unit, exchange, "Vendredi.")
        (mine,) = await queries.own_exchanges(unit, awa)
        assert (mine["answer"], mine["answered_by"]) == ("Jeudi.", "Camille Roth")


async def test_the_territory_sets_how_long_an_answer_may_take(ctx: Ctx) -> None:
    home, (awa,) = await household(ctx, ADULT)
    async with ctx.unit() as unit:
        await change_setting(unit, "message_answer_days", 2, starts_on=unit.today)
        await write(unit, home, awa, "message", "Dit au guichet")
        (row,) = await queries.inbox(unit)
        assert row["answer_due"] == unit.now + timedelta(days=2)


async def test_a_resident_writes_for_nobody_else(ctx: Ctx) -> None:
    home, (awa, idris) = await household(ctx, ADULT, OTHER)
    elsewhere, _ = await household(ctx, None)
    me = await resident(ctx, awa)
    async with me.unit() as unit:
        with pytest.raises(Denied):
            await write(unit, home, idris, "message", "au nom de l’autre")
        with pytest.raises(NotFound):
            await write(unit, elsewhere, awa, "message", "dans un autre foyer")
        with pytest.raises(Invalid):
            await write(unit, home, awa, "message", "   ")
        with pytest.raises(Denied):
            await answer(unit, 1, "à moi-même")


async def test_an_answer_is_told_to_its_author_alone(ctx: Ctx) -> None:
    home, (awa, idris) = await household(ctx, ADULT, OTHER)
    async with ctx.unit() as unit:
        exchange = await write(unit, home, awa, "message", "Je veux partir seule")
        await answer(unit, exchange, "Nous en parlons.")
    assert await visit(ctx) == 3, "the coordinator's role, the message, its answer"
    async with ctx.unit() as unit:
        assert [n["template"] for n in await queries.own_news(unit, awa)] == ["message.answered"]
        assert await queries.own_news(unit, idris) == []
        assert await queries.own_exchanges(unit, idris) == []
        await mark_read(unit, awa)
        (news,) = await queries.own_news(unit, awa)
        assert news["read_at"] is not None


async def test_an_event_tells_each_adult_once_and_no_child_dead_or_stopped(ctx: Ctx) -> None:
    home, (awa, idris, dead, stopped, child) = await household(
        ctx, ADULT, OTHER, OTHER, None, CHILD
    )
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = '2026-01-01' WHERE id = $1", dead)
        await stop_messages(unit, stopped, "danger")
        unit.record("request.sent", household_id=home)
        unit.record("access.code_voided", person_id=awa)
    assert await visit(ctx) == 3, "the coordinator's role and these two"
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT person_id, template, state FROM outgoing_message WHERE channel = 'portal'"
        )
        assert {(r["person_id"], r["template"], r["state"]) for r in rows} == {
            (awa, "request.sent", "sent"),
            (idris, "request.sent", "sent"),
        }
        await unit.fetch("UPDATE delivery SET state = 'waiting'")
    assert await visit(ctx) == 3, "told again, as an outbox may"
    async with ctx.unit() as unit:
        assert (
            await unit.value("SELECT count(*) FROM outgoing_message WHERE channel = 'portal'") == 2
        )
        assert await tell(unit, [child], "request.sent") == 1
        assert await tell(unit, dead, "request.sent") == 0


async def test_what_waits_for_a_person_stops_with_the_messages(ctx: Ctx) -> None:
    _, (awa,) = await household(ctx, ADULT)
    async with ctx.unit() as unit:
        assert await tell(unit, awa, "request.sent", channel="letter") == 1
        await stop_messages(unit, awa, "death")
        assert await unit.value("SELECT state FROM outgoing_message") == "stopped"


async def test_a_prescriber_reads_the_messages_of_its_own_households(ctx: Ctx) -> None:
    home, (awa,) = await household(ctx, ADULT)
    other_home, (zoe,) = await household(ctx, OTHER)
    async with ctx.unit() as unit:
        ours = await unit.value(
            "INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Ici') RETURNING id"
        )
        theirs = await unit.value(
            "INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Ailleurs') RETURNING id"
        )
    worker = await make_professional(ctx, "prescriber", organisation_id=ours)
    async with ctx.unit() as unit:
        for house, organisation in ((home, ours), (other_home, theirs)):
            await unit.fetch(
                "INSERT INTO key_worker (household_id, account_id, organisation_id, role, "
                "starts_on) VALUES ($1, $2, $3, 'prescriber', '2025-01-01')",
                house,
                worker.account_id,
                organisation,
            )
        await write(unit, home, awa, "message", "chez nous")
        await write(unit, other_home, zoe, "message", "pas chez nous")
    mine = ctx.acting(worker)
    async with mine.unit() as unit:
        rows = await queries.inbox(unit)
        assert [r["text"] for r in rows] == ["chez nous"]
        assert await queries.count_waiting(unit) == (1, 0)
        hidden = await unit.value("SELECT ref FROM exchange WHERE text = 'pas chez nous'")
        with pytest.raises(NotFound):
            await queries.read_exchange(unit, hidden)
        kept = await queries.inbox(unit, after=rows[0]["ref"])
        assert kept == []


async def test_the_worker_goes_round_every_territory(ctx: Ctx) -> None:
    from dataclasses import replace

    there = replace(ctx, territory=await make_place(ctx.clock, "ailleurs", "Ailleurs"))  # type: ignore[arg-type]
    for where in (ctx, there):
        home, _ = await household(where, ADULT)
        async with where.unit() as unit:
            unit.record("request.sent", household_id=home)
    assert await round_trip(ctx) == 3, "the coordinator's role here, one event in each"
    for where in (ctx, there):
        async with where.unit() as unit:
            assert (
                await unit.value("SELECT count(*) FROM outgoing_message WHERE channel = 'portal'")
                == 1
            )
