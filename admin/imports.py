"""The way of a file of demandes from its upload to the base: columns, check, import."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Response

from admin.import_rows import page_of_findings
from admin.import_runs import MAY, launch
from core.imports.columns import Mapping
from core.imports.demandes import DemandeFile
from core.imports.fields import FIELDS
from core.imports.lists import shipped_matchers
from core.imports.mappings import remembered_mappings
from core.imports.perimeter import department_of, elsewhere
from core.imports.problems import Untrustworthy
from core.imports.runs import prepare_run
from core.imports.uploads import LIMIT, Upload, Uploads
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.ctx.settings.home)


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
        report=upload.report, view=view, found=page_of_findings(visit, upload.report, view),
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
        mapping, examples, titles, other = await _read_columns(visit, uploads, upload)
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
        sure=sum(one.field is not None for one in mapping.columns), titles=titles, other=other,
    )  # fmt: skip


async def _read_columns(
    visit: Visit, uploads: Uploads, upload: Upload
) -> tuple[Mapping, list[str], list[str], str | None]:
    """The mapping, an example of each column, the file's titles, the one that names another
    territory."""
    async with visit.ctx.unit() as unit:
        remembered = await remembered_mappings(unit)
        postcodes = await unit.fetch("SELECT DISTINCT postcode FROM area")
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
    places = (await visit.request.app.state.places.all(visit.ctx)).values()
    titles = [title for title in file.sheet.layout.titles if title.strip()]
    other = elsewhere(
        titles,
        name=visit.ctx.place.name,
        departments={department_of(r["postcode"]) for r in postcodes} - {""},
        others=[p.name for p in places if p.id != visit.ctx.place.id],
    )
    return mapping, examples, titles, other


async def _off_the_loop(work: Any, *args: Any, **kw: Any) -> Any:
    return await asyncio.to_thread(work, *args, **kw)


@post("/imports/nouveau/{token:str}/colonnes", opt=MAY)
async def choose(visit: Visiting, token: FromPath[str]) -> Response[str]:
    """Keep the columns as chosen and begin the check, which writes nothing to the base."""
    uploads = _uploads(visit)
    upload = uploads.find(token, visit.ctx.place.id)
    form = await visit.form()
    mapping, _, _, other = await _read_columns(visit, uploads, upload)
    picked: dict[str, str] = {}
    for one in mapping.columns:
        name = form.value(f"c{one.index}")
        if name and name in picked:
            form.wrong(f"c{one.index}", visit._("Ce champ est déjà donné par une autre colonne."))
        elif name:
            picked[name] = one.header
    if other is not None and not form.value("scope_checked"):
        form.wrong("scope_checked", visit._(N_("Cochez la case, ou choisissez un autre fichier.")))
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
    await launch(visit, "check", token)
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
    await launch(visit, "import", token)
    return visit.to(f"/imports/{done['ref']}")


HANDLERS = (new, send, step, choose, confirm)
