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
from core.notifications.carriers import carriers_of
from core.notifications.notices import (
    count_notices,
    notice_of,
    notices,
    stop_for,
    told_aloud,
    try_again,
)
from core.notifications.rules import CHANNELS, NOTICE, TROUBLES
from core.web.visit import Visit, Visiting
from core.web.words import direction

READ, ACT = "messages.read", "messages.answer"


@get("/envois", opt={"permission": READ})
async def outbox(visit: Visiting) -> Response[str]:
    """What has not left, the oldest first."""
    return await _page(visit)


async def _page(visit: Visit, refused: str = "", status: int = 200) -> Response[str]:
    channel = asked(visit, "par")
    async with visit.ctx.unit() as unit:
        rows = await notices(unit, channel=channel, after=asked(visit, "apres"), limit=SIZE + 1)
        counts = await count_notices(unit)
    shown, pager = page_of(visit, rows)
    carried = set(carriers_of(visit.ctx.settings))
    visit.counts["outbox"] = sum(counts.values())
    return visit.page(
        "admin/outbox/list.html",
        fragment="results",
        status=status,
        rows=shown,
        pager=pager,
        waiting=sum(n for (_, state), n in counts.items() if state == "waiting"),
        failed=sum(n for (_, state), n in counts.items() if state == "failed"),
        carried=carried,
        channels=CHANNELS,
        channel_options=[(key, visit._(label)) for key, label in CHANNELS.items()],
        troubles=TROUBLES,
        refused=refused,
        form=visit.blank(visit.request.query_params.dict()),
    )


@get("/envois/{ref:str}/lettre", opt={"permission": READ})
async def letter(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The page to print: the notice in the person's language and in French."""
    async with visit.ctx.unit() as unit:
        person = await notice_of(unit, ref.upper())
        close = await circle_of(unit, person["person_id"], "notices")
    place = visit.ctx.place
    lang = person["language"] if person["language"] in place.langs else place.langs[0]
    base = visit.ctx.settings.public_url.rstrip("/")
    letters = []
    for code in dict.fromkeys((lang, "fr")):
        said = visit.request.app.state.templates.catalogue(code).gettext
        plain = code.split("@")[0]
        lines = {key: said(text) for key, text in NOTICE.items()}
        letters.append({"lang": plain, "dir": direction(code), **lines})
    return visit.page(
        "admin/outbox/letter.html",
        person=person,
        close=close,
        address=f"{base}/{place.slug}/{lang}/",
        letters=letters,
        form=visit.blank(),
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
    return visit.to("/envois", said=said)


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


HANDLERS = (outbox, letter, again, aloud, stop)
NAV = (NavItem(N_("Envois"), "/envois", READ, order=62, icon="inbox", count="outbox"),)
