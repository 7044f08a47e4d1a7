"""The back-office's home: what must I do today; each queue's own page; the printable day-sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.queue_reads import PAGE, Waiting, page_of, waiting
from admin.queues import queue_of, queues_for
from admin.standing import standing
from core.extension.contributions import NavItem
from core.kernel.words import N_
from core.territories.settings import read_settings
from core.web.forms import since
from core.web.parts import read_parts
from core.web.visit import Visiting

SHEET = 40
"""Rows of each queue on the day-sheet: more would not be done in a day."""


@get("/", opt={"permission": "home.read"})
async def home(visit: Visiting) -> Response[str]:
    """First steps of a new territory, work queues, today's figures, then the tiles of plugins."""
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit)
        found = await waiting(
            unit,
            queues_for(visit.ctx),
            key_worker_days=settings.key_worker_days,
        )
        stands = await standing(visit.ctx, unit)
        tiles = visit.ctx.hooks.gather("dashboard_tiles", ctx=visit.ctx)
        shown = await read_parts(visit.ctx, unit, tiles)
    return visit.page(
        "admin/home.html",
        groups=list(_grouped(found).items()),
        stands=stands,
        tiles=shown,
        today=unit.today,
    )


@get("/a-faire/{key:str}", opt={"permission": "home.read"})
async def one_queue(visit: Visiting, key: FromPath[str]) -> Response[str]:
    """Everything that waits in one queue, page by page."""
    queue = queue_of(visit.ctx, key)
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit)
        rows = await page_of(
            unit,
            queue,
            key_worker_days=settings.key_worker_days,
            after=since(visit.request.query_params.get("apres", "")),
        )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    following = (
        f"/a-faire/{key}?apres={(more.due or date.max).isoformat()}.{more.id}" if more else ""
    )
    return visit.page(
        "admin/queue.html",
        fragment="results",
        queue=queue,
        rows=rows[:PAGE],
        following=visit.href(following) if following else None,
    )


@get("/feuille-du-jour", opt={"permission": "home.read"})
async def day_sheet(visit: Visiting) -> Response[str]:
    """The same queues on paper, with a box to tick and room to write."""
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit)
        found = await waiting(
            unit,
            queues_for(visit.ctx),
            key_worker_days=settings.key_worker_days,
            limit=SHEET,
        )
    return visit.page(
        "admin/day-sheet.html", queues=[w for w in found if w.total], today=unit.today
    )


def _grouped(found: Sequence[Waiting]) -> dict[str, list[Waiting]]:
    """What is shown, by group, in the order in which groups first come."""
    groups: dict[str, list[Waiting]] = {}
    for one in found:
        if one.total or not one.queue.quiet:
            groups.setdefault(one.queue.group, []).append(one)
    return groups


HANDLERS = (home, one_queue, day_sheet)
NAV = (NavItem(N_("Aujourd’hui"), "/", "home.read", order=0, icon="home"),)
