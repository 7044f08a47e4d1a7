"""Envois d’un dossier: who was told what, when, by which channel, and whether it arrived."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.household_file import words
from core.households.file_reads import file_of
from core.households.queries import household_id_of
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.register import STANDING, mark_desk_read, told_household
from core.notifications.rules import CHANNELS, READ_HERE, TROUBLES
from core.web.forms import whole
from core.web.visit import Visit, Visiting

READ = "messages.read"
ROWS = 50
NEWS = N_("Il y a du nouveau")
TONES = {
    "sent": "ok", "told": "ok", "read": "ok", "failed": "error", "stopped": "neutral",
    "waiting": "info", "printed": "info", "unread": "neutral",
}  # fmt: skip


def said_of(visit: Visit, row: Any) -> str:
    """What the message was about, as the household's timeline says it to the team."""
    kind = visit.ctx.registry.event_kinds.get(row["event_kind"])
    if kind is None:
        return visit._(NEWS)
    try:
        return visit._(kind.staff, **msgspec.json.decode(row["payload"]))
    except (KeyError, TypeError, ValueError):
        return visit._(NEWS)


@get("/menages/{ref:str}/envois", opt={"permission": READ})
async def told(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The register, the latest first; what is new on one's own desk is said on top."""
    before = whole(str(visit.request.query_params.get("avant", "")))
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        rows = await told_household(unit, household_id, before=before, limit=ROWS + 1)
        context = words(visit, unit)
    shown = rows[:ROWS]
    mine = visit.ctx.who.account_id
    following = f"/menages/{ref}/envois?avant={shown[-1]['id']}" if len(rows) > ROWS else None
    return visit.page(
        "admin/households/told.html",
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        rows=[(row, said_of(visit, row)) for row in shown],
        fresh=[
            said_of(visit, row)
            for row in shown
            if row["channel"] == "desk" and row["account_id"] == mine and row["stands"] == "unread"
        ],
        channels={**CHANNELS, **READ_HERE},
        standing=STANDING,
        tones=TONES,
        troubles=TROUBLES,
        pager={
            "shown": len(shown),
            "previous_href": visit.href(f"/menages/{ref}/envois") if before else None,
            "next_href": visit.href(following) if following else None,
        },
        form=visit.blank(),
        tab="told",
        **context,
    )


@post("/menages/{ref:str}/envois", opt={"permission": READ})
async def seen(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One has seen what one's desk said of this household."""
    form = await visit.form()

    async def work(unit: Unit) -> int:
        return await mark_desk_read(unit, await household_id_of(unit, ref))

    await visit.once(form, "messages.desk_read", work)
    return visit.to(f"/menages/{ref}/envois", said=N_("C’est vu."))


HANDLERS = (told, seen)
