"""By what a person is reached: in their order, never by what is not safe, and reminded in time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.extension.context import Ctx
from core.households.service import set_answer
from core.kernel.clock import StillClock
from core.kernel.errors import Invalid, SettingsError
from core.kernel.settings import Settings
from core.notifications.contacts import say_contact
from core.notifications.outbox import notices
from core.notifications.reach import Contact, chosen_ways, mobile, ways
from core.notifications.register import mark_desk_read, told_household
from core.notifications.rules import SHORT
from core.notifications.tests.test_sending import happens, outside, somebody
from core.notifications.topics import TOPICS, policy_of, topic_of
from core.placements.reminders import remind_answers
from core.placements.tests.making import proposed, structure
from core.territories.service import change_setting
from core.territories.settings import CoreSettings
from core.worker import send, visit


@dataclass
class Gateway:
    """What was asked of it; `answers` are given in turn, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def gateway(*answers: int) -> Iterator[Gateway]:
    """A real HTTP server on loopback that takes SMS."""
    box = Gateway(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.asked.append((dict(self.headers), json.loads(body)))
            status = box.answers.pop(0) if box.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", box.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}/envoi"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def texting(ctx: Ctx, box: Gateway) -> Ctx:
    changed = replace(ctx.settings, sms_url=box.url, sms_token="jeton", sms_from="Seuil")
    return replace(ctx, settings=changed)


PHONE = "06 01 02 03 04"


async def test_an_sms_says_only_where_to_read(ctx: Ctx, clock: StillClock) -> None:
    await somebody(ctx, email="", phone=PHONE)
    with gateway() as box:
        assert await send(texting(ctx, box)) == 1
    ((headers, body),) = box.asked
    assert body["to"] == "+33601020304" and body["from"] == "Seuil"
    assert headers["Authorization"] == "Bearer jeton"
    assert headers["Idempotency-Key"] == body["id"] != ""
    assert "STOP" in body["text"] and len(body["text"]) <= 160
    for word in ("diallo", "awa", "demande", "siao"):
        assert word not in body["text"].lower()
    async with ctx.unit() as unit:
        kept = json.loads(
            await unit.value("SELECT content FROM outgoing_message WHERE channel = 'sms'")
        )
    assert kept["text"] == body["text"] and kept["to"] == PHONE


def test_the_sms_fits_in_one_plain_message() -> None:
    said = SHORT % {"address": "https://seuil.example.org/seine-saint-denis/fr/"}
    assert len(said) <= 160 and said.isascii(), "an accent or ’ may make it two, at twice the price"


@pytest.mark.parametrize(
    ("status", "state", "why"),
    [
        (400, "failed", "refused_number"), (401, "waiting", "account_refused"),
        (302, "waiting", "account_refused"), (429, "waiting", "no_gateway"),
        (503, "waiting", "no_gateway"),
    ],
)  # fmt: skip
async def test_each_answer_of_the_gateway_is_understood(
    ctx: Ctx, status: int, state: str, why: str
) -> None:
    await somebody(ctx, email="", phone=PHONE)
    with gateway(status) as box:
        await send(texting(ctx, box))
    assert len(box.asked) == 1
    assert (await outside(ctx))[0][:3] == ("sms", state, why)


async def test_who_answered_stop_to_the_gateway_is_written_to_no_more(ctx: Ctx) -> None:
    home, _ = await somebody(ctx, email="", phone=PHONE)
    with gateway(410) as box:
        await send(texting(ctx, box))
    async with ctx.unit() as unit:
        assert await unit.value("SELECT reason FROM stop_messages") == "own_wish"
    await happens(ctx, home)
    assert len(await outside(ctx)) == 1


async def test_a_gateway_that_is_down_is_tried_later(ctx: Ctx, clock: StillClock) -> None:
    await somebody(ctx, email="", phone=PHONE)
    with gateway() as box:
        down = replace(box, url="http://127.0.0.1:9/")
        await send(texting(ctx, down))
        assert (await outside(ctx))[0] == ("sms", "waiting", "no_gateway", 1)
        clock.set(clock.now() + timedelta(minutes=6))
        assert await send(texting(ctx, box)) == 1
    assert (await outside(ctx))[0][1] == "sent"


async def test_a_telephone_does_not_ring_at_night(ctx: Ctx, clock: StillClock) -> None:
    await somebody(ctx, email="", phone=PHONE)
    zone = ZoneInfo(ctx.place.zone)
    with gateway() as box:
        for hour, left in ((23, 0), (6, 0), (9, 1)):
            clock.set(datetime(2026, 3, 14 if hour == 23 else 15, hour, tzinfo=zone))
            assert await send(texting(ctx, box)) == left, hour


@pytest.mark.parametrize("url", ["http://passerelle.example/", "ftp://x/", "https://a:b@x/", "x"])
def test_a_gateway_is_asked_over_tls_or_on_this_machine(url: str) -> None:
    with pytest.raises(SettingsError, match="SEUIL_SMS_URL"):
        Settings.from_env({"SEUIL_SMS_URL": url})


# -- what is safe ------------------------------------------------------------------------------

KNOWN = Contact("a@exemple.test", PHONE, "1 rue")


def test_the_ways_to_somebody() -> None:
    assert ways(KNOWN) == ("email", "sms", "letter")
    assert ways(replace(KNOWN, prefers=("letter", "sms"))) == ("letter", "sms", "email")
    assert ways(replace(KNOWN, unsafe=frozenset({"email", "letter"}))) == ("sms",)
    assert ways(replace(KNOWN, prefers=("sms",), unsafe=frozenset({"sms"})))[0] == "email"
    assert ways(replace(KNOWN, guarded=True)) == ("voice",)
    assert ways(replace(KNOWN, guarded=True, asked=True)) == ("email", "sms", "letter")
    assert ways(replace(KNOWN, returned=True)) == ("email", "sms")
    assert ways(Contact()) == ("letter",), "handed over"
    assert ways(Contact(phone="03 88 00 00 00")) == ("voice",), "a telephone to call"
    assert ways(Contact(unsafe=frozenset({"letter"}))) == ("voice",)
    assert ways(Contact(address="1 rue", returned=True)) == ("voice",)


def test_numbers_that_take_an_sms() -> None:
    assert mobile("0601020304", "FR") == "+33601020304"
    assert mobile("06 39 98 00 38", "FR") == "+33639980038"
    assert mobile("+32 470 12 34 56", "FR") == "+32470123456"
    assert mobile("0470 12 34 56", "BE") == "+32470123456"
    for wrong in ("03 88 00 00 00", "115", "", "awa", "06 01", "+33 6 01 02 03 04 05 06"):
        assert mobile(wrong, "FR") is None, wrong


def test_how_far_a_policy_goes() -> None:
    every = ("sms", "email", "letter")
    assert chosen_ways("portal", every) == ()
    assert chosen_ways("best", every) == ("sms",)
    assert chosen_ways("letter", every) == ("sms", "letter")
    assert chosen_ways("letter", ("letter",)) == ("letter",)
    assert chosen_ways("letter", ("email",)) == ("email",)
    assert chosen_ways("all", every) == every
    assert chosen_ways("best", ("voice",)) == ("voice",)


def test_each_topic_has_its_setting(ctx: Ctx) -> None:
    for kind in TOPICS:
        assert kind in ctx.registry.event_kinds, kind
        assert policy_of(CoreSettings(), kind) in ("portal", "best", "letter", "all")
    assert topic_of("request.sent") == "other"


async def test_nothing_leaves_before_somebody_asked_what_is_safe(ctx: Ctx) -> None:
    home, person = await somebody(ctx, phone=PHONE)
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM outgoing_message")
        await set_answer(unit, home, "violence", 1, person_id=person, field_class="violence")
    await happens(ctx, home)
    assert [r[0] for r in await outside(ctx)] == ["voice"]
    async with ctx.unit() as unit:
        (row,) = await notices(unit, unreached=True)
        assert row["channel"] == "voice"
        await say_contact(unit, person, prefers=["sms"], unsafe=["letter"])
        await unit.fetch("UPDATE outgoing_message SET state = 'told', sent_at = NULL")
    await happens(ctx, home)
    assert (await outside(ctx))[-1][:2] == ("sms", "waiting")


async def test_what_waits_by_an_unsafe_way_never_leaves_by_it(ctx: Ctx) -> None:
    _, person = await somebody(ctx, email="", phone=PHONE)
    async with ctx.unit() as unit:
        with pytest.raises(Invalid):
            await say_contact(unit, person, prefers=["sms"], unsafe=["sms"])
        with pytest.raises(Invalid):
            await say_contact(unit, person, prefers=["pigeon"], unsafe=[])
        await say_contact(unit, person, prefers=[], unsafe=["sms"])
    with gateway() as box:
        await send(texting(ctx, box))
    assert box.asked == [] and [r[:2] for r in await outside(ctx)] == [("voice", "waiting")]


async def test_danger_known_after_it_was_put_in_the_outbox_still_stops_it(ctx: Ctx) -> None:
    home, person = await somebody(ctx, email="", phone=PHONE)
    async with ctx.unit() as unit:
        await set_answer(unit, home, "violence", 1, person_id=person, field_class="violence")
    with gateway() as box:
        await send(texting(ctx, box))
    assert box.asked == []
    assert [r[:3] for r in await outside(ctx)] == [
        ("sms", "stopped", "unsafe"), ("voice", "waiting", ""),
    ]  # fmt: skip


async def test_a_setting_says_by_what_an_event_is_told(ctx: Ctx) -> None:
    home, _ = await somebody(ctx, phone=PHONE)
    for policy, channels in (("all", {"email", "sms"}), ("portal", set())):
        async with ctx.unit() as unit:
            await unit.fetch("DELETE FROM outgoing_message")
            await change_setting(unit, "notify_other", policy, starts_on=unit.today, why="Essai")
        await happens(ctx, home)
        assert {r[0] for r in await outside(ctx)} == channels


async def test_a_failed_message_leaves_by_the_next_way(ctx: Ctx) -> None:
    await somebody(ctx, email="pas une adresse", phone=PHONE)
    with gateway() as box:
        ready = texting(ctx, box)
        settings = replace(
            ready.settings, smtp_url="smtp://127.0.0.1:9", smtp_from="s@exemple.test"
        )
        await send(replace(ready, settings=settings))
    assert [r[:2] for r in await outside(ctx)] == [("email", "failed"), ("sms", "sent")]


# -- reminders -----------------------------------------------------------------------------------


async def test_a_proposal_is_reminded_once_before_its_end_and_the_key_worker_knows(
    ctx: Ctx, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        referral = await proposed(unit, programme)
        home = await unit.value("SELECT household_id FROM referral WHERE id = $1", referral)
        worker = await unit.value("SELECT account_id FROM key_worker WHERE household_id = $1", home)
    until = clock.now() + timedelta(days=7)
    for days, reminded in ((1, 0), (5, 1), (5, 0)):
        clock.set(until - timedelta(days=7 - days))
        async with replace(ctx, actor=None).unit() as unit:
            assert await remind_answers(unit) == reminded, days
    await visit(ctx)
    mine = ctx.acting(replace(ctx.who, account_id=worker))
    async with mine.unit() as unit:
        desk = [r for r in await told_household(unit, home) if r["channel"] == "desk"]
        assert "referral.deadline_soon" in {r["event_kind"] for r in desk}
        assert {r["stands"] for r in desk} == {"unread"}
        assert await mark_desk_read(unit, home) == len(desk)
        assert await mark_desk_read(unit, home) == 0
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE referral SET answer_by = answer_by - interval '2 hours' WHERE id = $1", referral
        )
        assert await remind_answers(unit) == 1, "a delay that was moved is another one"
        await change_setting(unit, "answer_reminder_days", 0, starts_on=unit.today, why="Essai")
        await unit.fetch(
            "UPDATE referral SET answer_by = answer_by - interval '1 hour' WHERE id = $1", referral
        )
        assert await remind_answers(unit) == 0
