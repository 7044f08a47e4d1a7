"""Messages that leave: through a real SMTP server, without content, never for the dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.accounts.service import resident_account
from core.accounts.sessions import open_session
from core.extension.context import Ctx
from core.households.changes import LifeEvent
from core.households.service import NewPerson, create_household
from core.households.stops import resume_messages, stop_messages
from core.kernel.clock import StillClock
from core.kernel.unit import Actor
from core.notifications.carriers import Notice, Smtp, Undelivered
from core.notifications.outbox import count_notices, notices, stop_for, told_aloud, try_again
from core.notifications.post import letters
from core.notifications.rules import LONGEST_WAIT, MOST_TRIES, wait_after
from core.notifications.service import mark_read
from core.notifications.tests.mailbox import Mailbox, mailbox
from core.requests.service import live_event
from core.worker import send, visit


def at(ctx: Ctx, box: Mailbox | None) -> Ctx:
    """The same installation with its mail going to that box, or to a port where nobody is."""
    port = box.port if box else 9
    url = f"smtp://127.0.0.1:{port}"
    return replace(
        ctx, settings=replace(ctx.settings, smtp_url=url, smtp_from="seuil@exemple.test")
    )


async def somebody(
    ctx: Ctx, email: str = "awa@exemple.test", phone: str = "", language: str = "fr"
) -> tuple[int, int]:
    """A household of one adult to whom something happens: (household, person)."""
    async with ctx.unit() as unit:
        awa = NewPerson("Diallo", "Awa", date(1985, 4, 3), 2, email=email, phone=phone,
                        language=language)  # fmt: skip
        home = await create_household(unit, [awa])
        person = await unit.value("SELECT person_id FROM membership WHERE household_id = $1", home)
    await visit(ctx)
    return home, int(person)


async def outside(ctx: Ctx) -> list[tuple[str, str, str, int]]:
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT channel, state, error, tries FROM outgoing_message "
            "WHERE channel <> 'portal' ORDER BY id"
        )
    return [tuple(r) for r in rows]  # type: ignore[misc]


async def happens(ctx: Ctx, home: int) -> None:
    async with ctx.unit() as unit:
        unit.record("request.sent", household_id=home)
    await visit(ctx)


async def test_a_message_says_only_that_there_is_news(ctx: Ctx) -> None:
    await somebody(ctx)
    async with mailbox() as box:
        assert await send(at(ctx, box)) == 1
        assert await send(at(ctx, box)) == 0
    (letter,) = box.delivered
    assert letter["to"] == "awa@exemple.test" and letter["from"] == "seuil@exemple.test"
    assert letter["subject"] == "Du nouveau dans votre espace"
    assert letter["auto-submitted"] == "auto-generated" and letter["message-id"]
    text = letter.get_content()
    assert "http://127.0.0.1:8000/essai/fr/" in text and "STOP" in text
    whole = f"{letter['subject']} {text}".lower()
    for word in ("diallo", "dossier", "demande de logement", "essai ", "siao", "référent"):
        assert word not in whole
    assert await outside(ctx) == [("email", "sent", "", 1)]


async def test_it_is_written_in_the_person_s_language(ctx: Ctx) -> None:
    await somebody(ctx, language="en")
    async with mailbox() as box:
        await send(at(ctx, box))
    (letter,) = box.delivered
    assert "/essai/en/" in letter.get_content() and "Bonjour" not in letter.get_content()


async def test_several_news_make_one_message_until_the_person_comes(
    ctx: Ctx, clock: StillClock
) -> None:
    home, person = await somebody(ctx)
    await happens(ctx, home)
    assert len(await outside(ctx)) == 1
    async with mailbox() as box:
        await send(at(ctx, box))
        clock.set(clock.now() + timedelta(hours=1))
        await happens(ctx, home)
        assert await send(at(ctx, box)) == 0, "the first was not followed by a visit"
        async with ctx.unit() as unit:
            account_id = await resident_account(unit, person)
            await open_session(unit, account_id, "portal")
        clock.set(clock.now() + timedelta(hours=1))
        await happens(ctx, home)
        assert await send(at(ctx, box)) == 1
    assert len(box.delivered) == 2


async def test_who_came_by_themselves_is_not_called(ctx: Ctx, clock: StillClock) -> None:
    _, person = await somebody(ctx)
    async with ctx.unit() as unit:
        await mark_read(unit, person)
    assert [r[1:3] for r in await outside(ctx)] == [("stopped", "seen")]
    _, twin = await somebody(ctx, email="b@exemple.test")
    clock.set(clock.now() + timedelta(hours=1))
    async with ctx.unit() as unit:
        await open_session(unit, await resident_account(unit, twin), "portal")
    async with mailbox() as box:
        await send(at(ctx, box))
    assert not box.delivered and (await outside(ctx))[1][1:3] == ("stopped", "seen")


async def test_nobody_is_told_of_what_they_did(ctx: Ctx) -> None:
    home, person = await somebody(ctx)
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM outgoing_message")
        account_id = await resident_account(unit, person)
    own = ctx.acting(Actor("resident", account_id, person))
    async with own.unit() as unit:
        unit.record("referral.accepted", household_id=home)
    await visit(ctx)
    assert await outside(ctx) == []


async def test_a_death_stops_what_waits_and_what_failed(ctx: Ctx) -> None:
    home, person = await somebody(ctx)
    async with mailbox(RCPT="450 plus tard") as box:
        await send(at(ctx, box))
    assert (await outside(ctx))[0][1:] == ("waiting", "later", 1)
    async with ctx.unit() as unit:
        await live_event(unit, home, LifeEvent("death", unit.today, person))
    await visit(ctx)
    assert {r[1] for r in await outside(ctx)} == {"stopped"}
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE outgoing_message SET state = 'failed', next_at = NULL")
        await stop_messages(unit, person, "death")
    assert {r[1] for r in await outside(ctx)} == {"stopped"}
    async with mailbox() as box:
        await send(at(ctx, box))
    assert box.delivered == []


async def test_the_sender_looks_again_before_it_sends(ctx: Ctx) -> None:
    """A row that another hand wrote between the death and now does not leave either."""
    _, person = await somebody(ctx)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = $2 WHERE id = $1", person, unit.today)
    async with mailbox() as box:
        await send(at(ctx, box))
    assert box.delivered == [] and (await outside(ctx))[0][1] == "stopped"


async def test_stop_is_respected_and_can_be_taken_back(ctx: Ctx) -> None:
    home, person = await somebody(ctx)
    async with ctx.unit() as unit:
        await stop_messages(unit, person, "own_wish")
    await happens(ctx, home)
    assert [r[1] for r in await outside(ctx)] == ["stopped"]
    async with ctx.unit() as unit:
        read_here = "SELECT count(*) FROM outgoing_message WHERE channel = 'portal'"
        assert await unit.value(f"{read_here} AND template = 'request.sent'") == 1
        await resume_messages(unit, person)
    await happens(ctx, home)
    assert [r[1] for r in await outside(ctx)] == ["stopped", "waiting"]
    async with ctx.unit() as unit:
        await stop_messages(unit, person, "death")
        await resume_messages(unit, person)
    await happens(ctx, home)
    assert [r[1] for r in await outside(ctx)] == ["stopped", "stopped"]


@pytest.mark.parametrize(
    ("answers", "state", "why"),
    [
        ({"RCPT": "550 inconnu"}, "failed", "refused_address"),
        ({"RCPT": "450 plus tard"}, "waiting", "later"),
        ({"DATA": "554 non"}, "failed", "refused_content"),
        ({"MAIL": "530 qui ?"}, "waiting", "account_refused"),
    ],
)
async def test_each_refusal_has_its_reason(
    ctx: Ctx, answers: dict[str, str], state: str, why: str
) -> None:
    await somebody(ctx)
    async with mailbox(**answers) as box:
        await send(at(ctx, box))
    first, *others = await outside(ctx)
    assert first == ("email", state, why, 1 if state == "waiting" else 0)
    # What failed for good leaves otherwise.
    assert others == ([("letter", "waiting", "", 0)] if state == "failed" else [])
    assert box.tries == 1 and not box.delivered


async def test_a_wrong_address_asks_no_server(ctx: Ctx) -> None:
    await somebody(ctx, email="awa chez exemple")
    async with mailbox() as box:
        await send(at(ctx, box))
    assert box.tries == 0 and (await outside(ctx))[0][1:3] == ("failed", "bad_address")


async def test_a_server_that_is_down_costs_one_try_for_all(ctx: Ctx, clock: StillClock) -> None:
    for number in range(3):
        await somebody(ctx, email=f"p{number}@exemple.test")
    assert await send(at(ctx, None)) == 1
    assert {r[1:] for r in await outside(ctx)} == {("waiting", "no_server", 1)}
    async with mailbox() as box:
        assert await send(at(ctx, box)) == 0, "each waits its time"
        clock.set(clock.now() + timedelta(minutes=6))
        assert await send(at(ctx, box)) == 3
    assert len(box.delivered) == 3 and {r[1] for r in await outside(ctx)} == {"sent"}


async def test_it_tries_so_many_times_and_then_says_so(ctx: Ctx, clock: StillClock) -> None:
    await somebody(ctx)
    async with mailbox(RCPT="450 plus tard") as box:
        for _ in range(MOST_TRIES + 2):
            await send(at(ctx, box))
            clock.set(clock.now() + LONGEST_WAIT + timedelta(minutes=1))
    assert box.tries == MOST_TRIES
    assert (await outside(ctx))[0][1:3] == ("failed", "too_long")


async def test_the_team_tries_again_tells_or_stops(ctx: Ctx) -> None:
    await somebody(ctx)
    async with mailbox(RCPT="550 inconnu") as box:
        await send(at(ctx, box))
    async with ctx.unit() as unit:
        (row,) = await notices(unit)
        assert await count_notices(unit) == {("email", "failed"): 1, ("letter", "waiting"): 1}
        await unit.fetch("DELETE FROM outgoing_message WHERE channel = 'letter'")
        await try_again(unit, row["ref"])
    async with mailbox() as box:
        await send(at(ctx, box))
    assert len(box.delivered) == 1
    await somebody(ctx, email="", phone="06 00 00 00 00")
    third, _ = await somebody(ctx, email="")
    async with ctx.unit() as unit:
        (by_sms,) = await notices(unit)
        (on_paper,) = await letters(unit, "to_print")
        assert by_sms["channel"] == "sms" and on_paper["address"] == ""
        await told_aloud(unit, by_sms["ref"])
        await stop_for(unit, on_paper["ref"])
        assert await notices(unit) == [] and await letters(unit, "to_print") == []
    await happens(ctx, third)
    assert [r[1] for r in await outside(ctx)] == ["sent", "told", "stopped"]


async def test_without_a_carrier_it_stays_with_the_team(ctx: Ctx) -> None:
    await somebody(ctx, email="", phone="06 00 00 00 00")
    async with mailbox() as box:
        assert await send(at(ctx, box)) == 0
    assert await send(ctx) == 0
    assert await outside(ctx) == [("sms", "waiting", "", 0)]


def test_rules_of_channels_and_waiting() -> None:
    waits = [wait_after(n) for n in range(1, 8)]
    assert waits == sorted(waits) and waits[0] == timedelta(minutes=5)
    assert waits[-1] == LONGEST_WAIT


@pytest.mark.parametrize(
    "address",
    ["", "awa", "@exemple.test", "awa@", "awa@exemple.test\nBcc: tous@exemple.test", "a@b@c.test",
     "awa@exemple.test\r", "awa@exemple.test,tous@exemple.test", "<awa@exemple.test", "é@exemple.test"],
)  # fmt: skip
async def test_an_address_that_is_none_stops_nobody_elses_letter(address: str) -> None:
    """It is put aside for good before a server is even asked."""
    carrier = Smtp("smtp://127.0.0.1:9", "seuil@exemple.test")
    with pytest.raises(Undelivered) as told:
        await carrier.carry(Notice("seuil.1.1", address, "Du nouveau", "Venez lire."))
    assert (told.value.trouble, told.value.final) == ("bad_address", True)


async def test_a_file_that_comes_in_calls_nobody(ctx: Ctx) -> None:
    """A territory's first import would call thousands of people: they find it on the portal."""
    home, _ = await somebody(ctx)
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM outgoing_message")  # of the file that was opened by hand
        unit.record("import.demande_imported", household_id=home)
    await visit(ctx)
    assert await outside(ctx) == []
    async with ctx.unit() as unit:
        told = await unit.fetch("SELECT template FROM outgoing_message WHERE channel = 'portal'")
    assert [r["template"] for r in told] == ["import.demande_imported"]
    await happens(ctx, home)
    assert len(await outside(ctx)) == 1
