"""The back-office's home: what must I do today; each queue's own page; the printable day-sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.queue_reads import PAGE, Waiting, follows_files, page_of, waiting
from admin.queues import queue_of, queues_for
from admin.standing import standing
from core.extension.contributions import NavItem
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import read_settings
from core.web.forms import since
from core.web.parts import read_parts
from core.web.visit import Visit, Visiting

SHEET = 40
"""Rows of each queue on the day-sheet: more would not be done in a day."""


WHOSE = (("moi", N_("Mes dossiers")), ("tous", N_("Tout le territoire")))
OVERSEE = frozenset({"coordinator", "administrator"})
"""Who begins with the whole territory, though they may follow files of their own."""


async def _mine(visit: Visit, unit: Unit) -> bool | None:
    """Whether only the actor's own files are shown; None for who follows none, and is not asked.

    `?suivi=moi` or `tous`; otherwise a worker begins with their own files.
    """
    if not await follows_files(unit):
        return None
    asked = visit.request.query_params.get("suivi", "")
    if asked in dict(WHOSE):
        return asked == "moi"
    return not visit.ctx.who.roles & OVERSEE


def _whose(visit: Visit, path: str, mine: bool | None) -> list[dict[str, Any]]:
    if mine is None:
        return []
    return [
        {
            "label": visit._(label),
            "href": visit.href(f"{path}?suivi={key}"),
            "current": (key == "moi") == mine,
        }
        for key, label in WHOSE
    ]


@get("/", opt={"permission": "home.read"})
async def home(visit: Visiting) -> Response[str]:
    """First steps of a new territory, work queues, today's figures, then the tiles of plugins."""
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit)
        mine = await _mine(visit, unit)
        found = await waiting(
            unit,
            queues_for(visit.ctx, bool(mine)),
            key_worker_days=settings.key_worker_days,
            mine=bool(mine),
        )
        stands = await standing(visit.ctx, unit)
        tiles = visit.ctx.hooks.gather("dashboard_tiles", ctx=visit.ctx)
        shown = await read_parts(visit.ctx, unit, tiles)
    return visit.page(
        "admin/home.html",
        groups=list(_grouped(found).items()),
        whose=_whose(visit, "/", mine),
        kept="" if mine is None else f"?suivi={'moi' if mine else 'tous'}",
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
        mine = await _mine(visit, unit) if queue.mine else None
        rows, total = await page_of(
            unit,
            queue,
            key_worker_days=settings.key_worker_days,
            after=since(visit.request.query_params.get("apres", "")),
            mine=bool(mine),
        )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    kept = "" if mine is None else f"&suivi={'moi' if mine else 'tous'}"
    following = (
        f"/a-faire/{key}?apres={(more.due or date.max).isoformat()}.{more.id}{kept}" if more else ""
    )
    return visit.page(
        "admin/queue.html",
        fragment="results",
        queue=queue,
        rows=rows[:PAGE],
        total=total,
        # A column that says nothing of any row is not one.
        noted=any(row.note and row.name for row in rows),
        whose=_whose(visit, f"/a-faire/{key}", mine),
        following=visit.href(following) if following else None,
    )


@get("/feuille-du-jour", opt={"permission": "home.read"})
async def day_sheet(visit: Visiting) -> Response[str]:
    """The same queues on paper, with a box to tick and room to write."""
    async with visit.ctx.unit() as unit:
        settings = await read_settings(unit)
        mine = bool(await _mine(visit, unit))
        found = await waiting(
            unit,
            queues_for(visit.ctx, mine),
            key_worker_days=settings.key_worker_days,
            limit=SHEET,
            mine=mine,
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
