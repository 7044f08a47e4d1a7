"""Files that nobody follows, given out many at once: which, how, previewed, done, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.households.sharing import (
    LEFT_OUT,
    METHODS,
    Asked,
    File,
    allot,
    files_to_share,
    share_out,
    sharing_done,
    sharings,
    take_back,
    workers_to_share,
)
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.drafts import drop_draft, read_draft, save_draft
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "households.hand_over"}
BASE = "/equipe/portefeuilles/repartir"
FORM = "household.share"
"""The name of this form's draft: one per author."""
ROWS = 50
TOO_MANY = N_("Trop de dossiers choisis un à un : choisissez par secteur ou par prescripteur.")


def _asked(form: Form) -> Asked:
    return Asked(
        tuple(ref for ref in form.all("refs") if len(ref) == 10),
        whole(form.value("sector")),
        whole(form.value("organisation")),
    )


def _prescribers(form: Form) -> dict[int, int]:
    """The worker chosen for each prescriber (0: files without one)."""
    found = {}
    for name in form.names():
        number, worker = whole(name.removeprefix("org_")), whole(form.value(name))
        if name.startswith("org_") and number is not None and worker:
            found[number] = worker
    return found


def _among(form: Form) -> list[int]:
    return [number for text in form.all("among") if (number := whole(text))]


def _groups(files: Sequence[File], by: str, none: str) -> list[tuple[int, str, int]]:
    """(id, name, how many files) of each sector or organisation, those without any last."""
    counts = Counter((getattr(f, f"{by}_id") or 0, getattr(f, by) or none) for f in files)
    rows = [(number, name, n) for (number, name), n in counts.items()]
    return sorted(rows, key=lambda row: (row[0] == 0, row[1]))


async def _page(
    visit: Visit, form: Form, *, preview: bool = False, status: int = 200
) -> Response[str]:
    asked = _asked(form)
    async with visit.ctx.unit() as unit:
        everything = await files_to_share(unit, Asked(asked.refs))
        files = [
            f
            for f in everything
            if (asked.sector is None or (f.sector_id or 0) == asked.sector)
            and (asked.organisation is None or (f.organisation_id or 0) == asked.organisation)
        ]
        workers = await workers_to_share(unit)
        past = await sharings(unit)
    names = {one.id: one.name for one in workers}
    how = form.value("how") if form.value("how") in METHODS else "portfolio"
    done = allot(files, workers, how, among=_among(form), by_prescriber=_prescribers(form))
    counts = Counter(names[account] for account in done.given.values())
    first = (max(whole(visit.request.query_params.get("n", ""), 4) or 1, 1) - 1) * ROWS
    shown = files[first : first + ROWS] if preview else []
    number = first // ROWS + 1
    here = visit.href(f"{BASE}?vue=repartition")
    return visit.page(
        "admin/households/share.html",
        status=status,
        form=form,
        how=how,
        methods=[(key, visit._(label)) for key, label in METHODS.items()],
        total=len(files),
        chosen=len(asked.refs),
        sectors=[
            (str(number), f"{name} ({n})")
            for number, name, n in _groups(everything, "sector", visit._(N_("Sans secteur")))
        ],
        prescribers=_groups(files, "organisation", visit._(N_("Sans prescripteur reconnu"))),
        organisations=[
            (str(number), f"{name} ({n})")
            for number, name, n in _groups(
                everything, "organisation", visit._(N_("Sans prescripteur reconnu"))
            )
        ],
        workers=[(one.id, f"{one.name} ({one.files})") for one in workers],
        preview=preview,
        given=len(done.given),
        counts=sorted(counts.items()),
        left=[(visit._(LEFT_OUT[why]), n) for why, n in Counter(done.left.values()).items()],
        rows=[
            (f, names.get(done.given.get(f.id, 0)), visit._(LEFT_OUT[done.left[f.id]])
             if f.id in done.left else "")
            for f in shown
        ],
        pager={
            "shown": len(shown), "total": len(files),
            "previous_href": f"{here}&n={number - 1}" if number > 1 else None,
            "next_href": f"{here}&n={number + 1}" if first + ROWS < len(files) else None,
        },
        past=past,
        labels=METHODS,
    )  # fmt: skip


@get(BASE, opt=MAY)
async def show(visit: Visiting) -> Response[str]:
    """What was chosen so far, kept for its author. `?vue=repartition`: who would get what."""
    async with visit.ctx.unit() as unit:
        kept = await read_draft(unit, FORM, "")
    form = visit.blank(kept or {"how": "portfolio"})
    asked = visit.request.query_params.get("vue") == "repartition"
    return await _page(visit, form, preview=asked and kept is not None)


@post(BASE, opt=MAY)
async def choose(visit: Visiting) -> Response[str]:
    """Keep what was chosen, then show who would get what: a page one can come back to."""
    form = await visit.form()
    chosen = {name: values for name, values in form.dump().items() if any(values)}
    refs = _asked(form).refs
    async with visit.ctx.unit() as unit:
        if refs and not await files_to_share(unit, Asked(refs)):
            raise NotFound()
        kept = await save_draft(unit, FORM, "", {"how": ["portfolio"], **chosen})
    if kept is None:
        form.wrong("how", visit._(TOO_MANY))
        return await _page(visit, form, status=422)
    # From a list, how is still to be chosen.
    return visit.to(BASE if not form.value("how") else f"{BASE}?vue=repartition")


@post(BASE + "/valider", opt=MAY)
async def confirm(visit: Visiting) -> Response[str]:
    """Give them out; each household is told who follows it."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        how = form.choice("how", METHODS, required=True) or ""
        form.check()
        ref = await share_out(
            unit, _asked(form), how, among=_among(form), by_prescriber=_prescribers(form)
        )
        await drop_draft(unit, FORM, "")
        return {"ref": ref}

    try:
        done = await visit.once(form, "households.share", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), status=422)
    except (Refused, Conflict) as error:
        form.wrong("how", visit._(error.message) % error.params)
        return await _page(visit, form, status=409)
    return visit.to(f"{BASE}/{done['ref']}", N_("Les dossiers sont confiés."))


@get(BASE + "/{ref:str}", opt=MAY)
async def result(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What an act did, row by row."""
    after = whole(visit.request.query_params.get("apres", ""))
    async with visit.ctx.unit() as unit:
        done = await sharing_done(unit, ref, after, ROWS + 1)
    rows = done.rows[:ROWS]
    following = None
    if len(done.rows) > ROWS:
        following = visit.href(f"{BASE}/{ref}?apres={rows[-1]['id']}")
    return visit.page(
        "admin/households/shared.html",
        act=done.act,
        how=METHODS[done.act["how"]],
        counts=done.counts,
        rows=rows,
        left=[(row, LEFT_OUT[why]) for row, why in done.left],
        pager={
            "shown": len(rows), "total": done.act["files"], "previous_href": None,
            "next_href": following,
        },
        form=visit.blank(),
    )  # fmt: skip


@post(BASE + "/{ref:str}/annuler", opt=MAY)
async def undo(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Take an act back: its files wait for somebody again."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        return {"count": await take_back(unit, ref)}

    await visit.once(form, "households.share_undo", work)
    return visit.to(f"{BASE}/{ref}", N_("La répartition est annulée : ces dossiers attendent."))


HANDLERS = (show, choose, confirm, result, undo)
