"""Envois: who was to be told that there is news and was not, why, and what to do instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.paging import SIZE, asked, page_of
from core.accounts.circle import circle_of
from core.extension.contributions import NavItem
from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.composing import news
from core.notifications.content import put
from core.notifications.outbox import (
    count_notices,
    notice_of,
    notices,
    stop_for,
    told_aloud,
    try_again,
)
from core.notifications.post import content_of, count_letters
from core.notifications.rules import CHANNELS, TROUBLES
from core.notifications.sending import carriers_of
from core.voice import voice_of
from core.web.visit import Visit, Visiting

READ, ACT = "messages.read", "messages.answer"


@get("/envois", opt={"permission": READ})
async def outbox(visit: Visiting) -> Response[str]:
    """What has not left, the oldest first."""
    return await _page(visit)


@get("/envois/non-joints", opt={"permission": READ})
async def unreached(visit: Visiting) -> Response[str]:
    """Those whom nothing reached, or may reach: with what to do for each."""
    return await _page(visit, only=True)


async def _page(
    visit: Visit, refused: str = "", status: int = 200, only: bool | None = None
) -> Response[str]:
    channel = asked(visit, "par")
    async with visit.ctx.unit() as unit:
        rows = await notices(
            unit, channel=channel, after=asked(visit, "apres"), unreached=only, limit=SIZE + 1
        )
        counts = await count_notices(unit)
        on_paper = await count_letters(unit)
    shown, pager = page_of(visit, rows)
    carried = set(carriers_of(visit.ctx.settings))
    messages = {key: n for key, n in counts.items() if key[0] != "letter"}
    visit.counts["outbox"] = sum(messages.values()) + on_paper.get("to_print", 0)
    return visit.page(
        "admin/outbox/list.html",
        fragment="results",
        status=status,
        rows=shown,
        pager=pager,
        only=only,
        waiting=sum(n for (_, state), n in messages.items() if state == "waiting"),
        failed=sum(n for (_, state), n in counts.items() if state == "failed"),
        unreached=sum(n for (by, state), n in counts.items() if state == "failed" or by == "voice"),
        to_print=on_paper.get("to_print", 0),
        carried=carried,
        channels=CHANNELS,
        channel_options=[(k, visit._(label)) for k, label in CHANNELS.items() if k != "letter"],
        troubles=TROUBLES,
        refused=refused,
        form=visit.blank(visit.request.query_params.dict()),
    )


@get("/envois/{ref:str}/lettre", opt={"permission": READ})
async def letter(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The page to print and hand over: what it says in the person's language and in French."""
    async with visit.ctx.unit() as unit:
        row = await notice_of(unit, ref.upper())
        close = await circle_of(unit, row["person_id"], "notices")
        today = unit.today
    voice = voice_of(visit.ctx)
    if row["channel"] == "letter" and row["content"] is not None:
        content = content_of(row)
    else:
        content = put(
            news(voice, voice.speaks(row["language"])), voice, language=row["language"],
            given=row["given_name"], family=row["family_name"], address="", on=today,
        )  # fmt: skip
    return visit.page(
        "admin/outbox/letter.html", row=row, close=close, content=content, form=visit.blank()
    )


Work = Callable[[Unit], Awaitable[None]]


async def _act(visit: Visit, verb: str, work: Work, said: str) -> Response[str]:
    form = await visit.form()

    async def run(unit: Unit) -> bool:
        await work(unit)
        return True

    try:
        await visit.once(form, f"notice.{verb}", run)
    except Refused as error:
        return await _page(visit, visit._(error.message), status=409)
    return visit.to("/envois/non-joints" if form.value("only") else "/envois", said=said)


@post("/envois/{ref:str}/essai", opt={"permission": ACT})
async def again(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Try once more, now."""
    return await _act(
        visit, "again", lambda unit: try_again(unit, ref), N_("Un nouvel essai est demandé.")
    )


@post("/envois/{ref:str}/dit", opt={"permission": ACT})
async def aloud(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The person was told by voice, or was given the letter."""
    said = N_("C’est noté : la personne est prévenue.")
    return await _act(visit, "aloud", lambda unit: told_aloud(unit, ref), said)


@post("/envois/{ref:str}/stop", opt={"permission": ACT})
async def stop(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The person said STOP: nothing more leaves; their space goes on telling them."""

    said = N_("Plus aucun message ne partira vers cette personne.")
    return await _act(visit, "stop", lambda unit: stop_for(unit, ref), said)


HANDLERS = (outbox, unreached, letter, again, aloud, stop)
NAV = (NavItem(N_("Envois"), "/envois", READ, order=62, icon="inbox", count="outbox"),)
