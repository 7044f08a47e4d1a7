"""A demande completed over days: its draft saves itself, its lines move, another tab is told."""

from __future__ import annotations

from typing import Any

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from admin import request_form as rf
from admin.request_file import request_page
from admin.request_rows import LISTS, moved
from core.kernel.errors import Conflict
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.drafts import begun, drop_draft, save_draft
from core.requests.queries import request_id_of
from core.web.forms import Form
from core.web.visit import Visit, Visiting

WRITE = {"permission": "requests.write"}
OWN = ("rows", "then", "draft_version")
"""Fields of the form that no draft keeps."""

TOO_LONG = N_("Ce brouillon est trop long pour être gardé.")
PANELS = {"recommendations": "preconisations", "resource_lines": "ressources"}


async def _keep(unit: Unit, form: Form, ref: str, values: dict[str, list[str]]) -> int | None:
    """Save over the draft that this page began with; Conflict when another tab saved since."""
    await request_id_of(unit, ref)
    kept = {n: v for n, v in values.items() if n not in OWN}
    seen = form.integer("draft_version", 0, 10**9)
    return await save_draft(unit, rf.FORM, ref, kept, seen=seen)


async def _newer(visit: Visit, ref: str, form: Form, error: Conflict) -> Response[str]:
    """Another tab saved: what is typed here stays on the page, and may be saved over it."""
    async with visit.ctx.unit() as unit:
        request_id = await request_id_of(unit, ref)
        draft = await begun(unit, rf.FORM, ref)
        version = draft.version if draft else 0
        again = visit.blank({**form.dump(), "draft_version": [version]})
        again.wrong("summary", visit._(error.message))
        return await request_page(visit, unit, request_id, again, 409, draft=draft)


@post("/demandes/{ref:str}/brouillon", opt=WRITE)
async def keep(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What was typed so far: by itself through htmx, or by the button."""
    form = await visit.form()
    try:
        async with visit.ctx.unit() as unit:
            version = await _keep(unit, form, ref, form.dump())
            now = unit.now
    except Conflict as error:
        if not visit.htmx:
            return await _newer(visit, ref, form, error)
        return visit.page(
            "admin/requests/saved.html", fragment="saved", saved_at=None, newer=True, version=None
        )
    if visit.htmx:
        return visit.page(
            "admin/requests/saved.html",
            fragment="saved",
            saved_at=now if version else None,
            version=version,
        )
    if version is None:
        return visit.to(f"/demandes/{ref}", said=TOO_LONG, tone="warn")
    return visit.to(f"/demandes/{ref}", said=N_("Brouillon enregistré."))


@post("/demandes/{ref:str}/lignes", opt=WRITE)
async def lines(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One line added, removed or moved; the draft keeps it, nothing is saved in the demande."""
    form = await visit.form()
    act = form.value("rows")
    name = act.split(":")[1] if act.count(":") == 2 else ""
    values: dict[str, Any] = moved(form.dump(), act)
    panel = PANELS.get(name, "preconisations")
    try:
        async with visit.ctx.unit() as unit:
            version = await _keep(unit, form, ref, values)
            if visit.htmx and version is not None and name in LISTS:
                shown = visit.blank({**values, "draft_version": [version]})
                request_id = await request_id_of(unit, ref)
                return await request_page(visit, unit, request_id, shown, fragment=name)
    except Conflict as error:
        return await _newer(visit, ref, form, error)
    if version is None:
        return visit.to(f"/demandes/{ref}", said=TOO_LONG, tone="warn")
    return visit.to(f"/demandes/{ref}#{panel}")


@post("/demandes/{ref:str}/brouillon/jeter", opt=WRITE)
async def throw_away(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """My draft is no longer wanted: the demande is shown as it stands."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        await request_id_of(unit, ref)
        await drop_draft(unit, rf.FORM, ref)

    await visit.once(form, "request.drop_file_draft", work)
    return visit.to(f"/demandes/{ref}", said=N_("Brouillon jeté."))


HANDLERS = (keep, lines, throw_away)
