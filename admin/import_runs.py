"""The runs of imports: each with how far it is, what it did, its errors, its undoing."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.import_rows import csv_of_findings, page_of_findings
from core.extension.contributions import NavItem
from core.imports.jobs import Job
from core.imports.queries import PAGE, list_lines, list_runs, read_run
from core.imports.resuming import next_try, note_order, stopped
from core.imports.reverting import REASONS, Undoing, begin_revert, preview_revert
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import whole
from core.web.visit import Visit, Visiting

MAY = {"permission": "imports.run"}
STATES = {
    "running": (N_("En cours"), "info"),
    "done": (N_("Terminé"), "ok"),
    "refused": (N_("Refusé"), "error"),
    "reverting": (N_("Annulation en cours"), "warn"),
    "reverted": (N_("Annulé"), "neutral"),
}
STOPPED = {
    "running": (N_("Import arrêté"), "error"),
    "reverting": (N_("Annulation arrêtée"), "error"),
}
"""What a run that has not ended is, when nobody works on it."""


async def launch(visit: Visit, act: str, token: str = "", ref: str = "") -> None:
    """Send a process of its own to do that, in the visitor's name."""
    job = Job(act, visit.ctx.place.slug, visit.ctx.who.account_id, token, ref)
    await visit.request.app.state.launch_import(job)


def state_of(run: Any, now: Any) -> tuple[str, str]:
    """The words and the tone of a run's state."""
    return STOPPED[run["state"]] if stopped(run, now) else STATES[run["state"]]


@get("/imports", opt=MAY)
async def runs(visit: Visiting) -> Response[str]:
    """Every run, the newest first."""
    after = visit.request.query_params.get("apres", "")
    async with visit.ctx.unit() as unit:
        rows = await list_runs(unit, whole(after))
        now = unit.now
    for row in rows:
        row["shown"] = state_of(row, now)
    following = None
    if len(rows) == PAGE:
        following = visit.href(f"/imports?apres={rows[-1]['id']}")
    return visit.page("admin/imports.html", fragment="results", rows=rows, following=following)


@get("/imports/{ref:str}", opt=MAY)
async def run(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One run: under way, or what it did, line by line."""
    view = visit.request.query_params.get("vue", "lignes")
    after = visit.request.query_params.get("apres", "")
    async with visit.ctx.unit() as unit:
        found = await read_run(unit, ref)
        if found is None:
            raise NotFound()
        lines = await list_lines(unit, ref, whole(after, 9))
        now = unit.now
    still = stopped(found, now)
    page = visit.page(
        "admin/import-run.html", fragment="results", run=found, view=view, lines=lines,
        state=state_of(found, now), form=visit.blank(), stopped=still, retry=next_try(found),
        undo=Undoing.read(found["undo"]), reasons=REASONS, report=found["report"],
        found=page_of_findings(visit, found["report"], view),
        following=visit.href(f"/imports/{ref}?apres={lines[-1]['id']}")
        if len(lines) == PAGE else None,
    )  # fmt: skip
    if found["state"] in STOPPED and not still and not visit.htmx:
        page.headers["Refresh"] = "3"
    return page


@get("/imports/{ref:str}/erreurs.csv", opt=MAY)
async def errors_file(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What is to be mended, as a file for a spreadsheet."""
    async with visit.ctx.unit() as unit:
        found = await read_run(unit, ref)
    if found is None:
        raise NotFound()
    return Response(
        "\ufeff" + csv_of_findings(found["report"], visit._),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="erreurs-{ref}.csv"'},
    )


@post("/imports/{ref:str}/reprendre", opt=MAY)
async def take_up(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Go on after the last recorded part of a run, or of its undoing, that was stopped."""
    async with visit.ctx.unit() as unit:
        found = await read_run(unit, ref)
        if found is None or (found["state"] == "running" and not found["stored_as"]):
            raise NotFound()
        if found["state"] not in STOPPED:
            raise Refused(N_("Cet import est terminé ou annulé : il n’y a rien à reprendre."))
        await note_order(unit, found["id"])
    if found["state"] == "reverting":
        await launch(visit, "revert", ref=ref)
        return visit.to(f"/imports/{ref}", N_("L’annulation reprend."))
    await launch(visit, "import", found["stored_as"])
    return visit.to(f"/imports/{ref}", N_("L’import reprend."))


@get("/imports/{ref:str}/annuler", opt=MAY)
async def ask_revert(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What undoing would take away, and what would stay."""
    async with visit.ctx.unit() as unit:
        found = await read_run(unit, ref)
        if found is None:
            raise NotFound()
        preview = await preview_revert(unit, ref)
    return visit.page(
        "admin/import-revert.html", run=found, preview=preview, reasons=REASONS,
        form=visit.blank(),
    )  # fmt: skip


@post("/imports/{ref:str}/annuler", opt=MAY)
async def do_revert(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Undo the run: its page says so from now on; asked for twice, it is one undoing."""
    form = await visit.form()

    async def work(unit: Unit) -> None:
        await begin_revert(unit, ref)

    await visit.once(form, "import.revert", work)
    await launch(visit, "revert", ref=ref)
    return visit.to(f"/imports/{ref}", N_("L’annulation est en cours."))


HANDLERS = (runs, run, errors_file, take_up, ask_revert, do_revert)
NAV = (NavItem(N_("Imports"), "/imports", "imports.run", order=80, icon="upload"),)
