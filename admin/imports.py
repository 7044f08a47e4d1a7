"""Imports of files: the runs, and the way of a file from its upload to the base."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Response

from admin.import_rows import csv_of_findings, shown_findings
from core.extension.contributions import NavItem
from core.imports.columns import Mapping
from core.imports.demandes import DemandeFile
from core.imports.fields import FIELDS
from core.imports.jobs import Job
from core.imports.lists import shipped_matchers
from core.imports.mappings import remembered_mappings
from core.imports.problems import Untrustworthy
from core.imports.queries import PAGE, list_lines, list_runs, read_run
from core.imports.reverting import REASONS, begin_revert, preview_revert
from core.imports.runs import prepare_run
from core.imports.uploads import LIMIT, Upload, Uploads
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "imports.run"}
STATES = {
    "running": (N_("En cours"), "info"),
    "done": (N_("Terminé"), "ok"),
    "refused": (N_("Refusé"), "error"),
    "reverting": (N_("Annulation en cours"), "warn"),
    "reverted": (N_("Annulé"), "neutral"),
}
UNDER_WAY = ("running", "reverting")
STALE = 120
"""Seconds of silence after which a run is offered to be taken up again."""


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.ctx.settings.home)


async def _launch(visit: Visit, act: str, token: str = "", ref: str = "") -> None:
    job = Job(act, visit.ctx.place.slug, visit.ctx.who.account_id, token, ref)
    await visit.request.app.state.launch_import(job)


@get("/imports", opt=MAY)
async def runs(visit: Visiting) -> Response[str]:
    """Every run, the newest first."""
    after = visit.request.query_params.get("apres", "")
    async with visit.ctx.unit() as unit:
        rows = await list_runs(unit, whole(after))
    following = None
    if len(rows) == PAGE:
        following = visit.href(f"/imports?apres={rows[-1]['id']}")
    return visit.page(
        "admin/imports.html", fragment="results", rows=rows, states=STATES, following=following
    )


@get("/imports/nouveau", opt=MAY)
async def new(visit: Visiting) -> Response[str]:
    """Choose a file."""
    return visit.page("admin/import-new.html", form=visit.blank(), limit=LIMIT // 1_000_000)


@post("/imports/nouveau", opt=MAY)
async def send(visit: Visiting) -> Response[str]:
    """Keep the file under a random name; nothing is read into the base yet."""
    sent = await visit.request.form()
    form = await visit.form()
    file = sent.get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid({"file": N_("Choisissez un fichier.")})
        if len(data) > LIMIT:
            raise Invalid({"file": N_("Ce fichier est trop gros pour cette page.")})
    except Invalid as error:
        return visit.page(
            "admin/import-new.html", status=422, form=keep(visit, form, error),
            limit=LIMIT // 1_000_000,
        )  # fmt: skip
    upload = _uploads(visit).keep(data, file.filename, visit.ctx.place.id, visit.ctx.who.account_id)
    return visit.to(f"/imports/nouveau/{upload.token}")


@get("/imports/nouveau/{token:str}", opt=MAY)
async def step(visit: Visiting, token: FromPath[str]) -> Response[str]:
    """Where an upload stands: its columns, its check under way, or the report of the check."""
    uploads = _uploads(visit)
    upload = uploads.find(token, visit.ctx.place.id)
    if upload.state == "sent" or visit.request.query_params.get("etape") == "colonnes":
        return await _columns(visit, uploads, upload)
    if upload.state == "checking" and upload.alive:
        return _waiting(visit, upload)
    view = visit.request.query_params.get("vue", "tout")
    return visit.page(
        "admin/import-check.html", upload=upload, form=visit.blank(),
        report=upload.report, view=view, findings=shown_findings(upload.report, view),
        token=token,
    )  # fmt: skip


def _waiting(visit: Visit, upload: Upload) -> Response[str]:
    page = visit.page(
        "admin/import-wait.html", fragment="progress", upload=upload,
        here=visit.href(f"/imports/nouveau/{upload.token}"),
    )  # fmt: skip
    if not visit.htmx:
        page.headers["Refresh"] = "3"
    return page


async def _columns(
    visit: Visit, uploads: Uploads, upload: Upload, form: Form | None = None, status: int = 200
) -> Response[str]:
    """Which column is what: guessed or remembered, to be confirmed or corrected."""
    try:
        mapping, examples = await _read_columns(visit, uploads, upload)
    except Untrustworthy as error:
        return visit.page(
            "admin/import-refused.html",
            upload=upload,
            message=visit._(error.message, **error.params),
        )
    if form is None:
        form = visit.blank({f"c{one.index}": one.field or "" for one in mapping.columns})
    return visit.page(
        "admin/import-columns.html", status=status, upload=upload, form=form, mapping=mapping,
        examples=examples, fields=[(one.name, visit._(one.label)) for one in FIELDS],
        sure=sum(one.field is not None for one in mapping.columns),
    )  # fmt: skip


async def _read_columns(
    visit: Visit, uploads: Uploads, upload: Upload
) -> tuple[Mapping, list[str]]:
    async with visit.ctx.unit() as unit:
        remembered = await remembered_mappings(unit)
        today = unit.today
    file = await _off_the_loop(
        DemandeFile, uploads.path(upload.token), today=today, lists=shipped_matchers(),
        remembered=remembered,
    )  # fmt: skip
    mapping = Mapping.from_dict(upload.mapping) if upload.mapping else file.mapping
    examples = [""] * len(mapping.columns)
    for count, record in enumerate(file.sheet.records()):
        for index, cell in enumerate(record.cells[: len(examples)]):
            examples[index] = examples[index] or cell.strip()[:40]
        if count > 40:
            break
    return mapping, examples


async def _off_the_loop(work: Any, *args: Any, **kw: Any) -> Any:
    return await asyncio.to_thread(work, *args, **kw)


@post("/imports/nouveau/{token:str}/colonnes", opt=MAY)
async def choose(visit: Visiting, token: FromPath[str]) -> Response[str]:
    """Keep the columns as chosen and begin the check, which writes nothing to the base."""
    uploads = _uploads(visit)
    upload = uploads.find(token, visit.ctx.place.id)
    form = await visit.form()
    mapping, _ = await _read_columns(visit, uploads, upload)
    picked: dict[str, str] = {}
    for one in mapping.columns:
        name = form.value(f"c{one.index}")
        if name and name in picked:
            form.wrong(f"c{one.index}", visit._("Ce champ est déjà donné par une autre colonne."))
        elif name:
            picked[name] = one.header
    if form.errors:
        return await _columns(visit, uploads, upload, form, 422)
    known = {one.name for one in FIELDS}
    chosen = mapping.corrected({
        one.index: name if (name := form.value(f"c{one.index}")) in known else None
        for one in mapping.columns
    })  # fmt: skip
    try:
        chosen.require_usable()
    except Untrustworthy as error:
        form.wrong("c0", visit._(error.message, **error.params))
        return await _columns(visit, uploads, upload, form, 422)
    upload.mapping, upload.state, upload.report = chosen.to_dict(), "checking", {}
    uploads.save(upload)
    await _launch(visit, "check", token)
    return visit.to(f"/imports/nouveau/{token}")


@post("/imports/nouveau/{token:str}/importer", opt=MAY)
async def confirm(visit: Visiting, token: FromPath[str]) -> Response[str]:
    """Begin the import of a checked file; sent twice, it is one run."""
    uploads = _uploads(visit)
    upload = uploads.find(token, visit.ctx.place.id)
    if upload.state != "checked":
        return visit.to(f"/imports/nouveau/{token}")
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, str]:
        return {"ref": await prepare_run(unit, uploads.path(token), upload)}

    done = await visit.once(form, "import.run", work)
    upload.state = "importing"
    uploads.save(upload)
    await _launch(visit, "import", token)
    return visit.to(f"/imports/{done['ref']}")


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
    silent = (now - (found["last_at"] or found["started_at"])).total_seconds() > STALE
    page = visit.page(
        "admin/import-run.html", fragment="results", run=found, view=view, lines=lines,
        findings=shown_findings(found["report"], view), states=STATES, form=visit.blank(),
        silent=silent, under_way=UNDER_WAY, report=found["report"],
        following=visit.href(f"/imports/{ref}?apres={lines[-1]['id']}")
        if len(lines) == PAGE else None,
    )  # fmt: skip
    if found["state"] in UNDER_WAY and not silent and not visit.htmx:
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
    """Go on after the last recorded part of a run that was stopped."""
    async with visit.ctx.unit() as unit:
        found = await read_run(unit, ref)
    if found is None or not found["stored_as"]:
        raise NotFound()
    if found["state"] != "running":
        raise Refused(N_("Cet import est terminé ou annulé : il n’y a rien à reprendre."))
    await _launch(visit, "import", found["stored_as"])
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
    await _launch(visit, "revert", ref=ref)
    return visit.to(f"/imports/{ref}", N_("L’annulation est en cours."))


HANDLERS = (
    runs, new, send, step, choose, confirm, run, errors_file, take_up, ask_revert, do_revert,
)  # fmt: skip
NAV = (NavItem(N_("Imports"), "/imports", "imports.run", order=80, icon="upload"),)
