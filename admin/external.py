"""À reporter dans le SI-SIAO: each change not yet entered there, as text to copy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.imports.flags import reopen_reports, settle_reports
from core.imports.queries import PAGE, count_to_enter, entered, to_enter
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visiting

MAY = {"permission": "external.report"}


@get("/a-reporter", opt=MAY)
async def queue(visit: Visiting) -> Response[str]:
    """The changes that wait, the oldest first."""
    after = None
    at, _, last = visit.request.query_params.get("apres", "").partition("~")
    if at and whole(last) is not None:
        try:
            after = (datetime.fromisoformat(at), int(last))
        except ValueError:
            after = None
    late = visit.request.query_params.get("vue") == "saisis"
    async with visit.ctx.unit() as unit:
        rows = await entered(unit) if late else await to_enter(unit, after)
        total = await count_to_enter(unit)
    following = None
    if len(rows) == PAGE and not late:
        at = rows[-1]["at"].isoformat().replace("+", "%2B")
        following = visit.href(f"/a-reporter?apres={at}~{rows[-1]['id']}")
    tabs = ((False, "/a-reporter", N_("À saisir")), (True, "/a-reporter?vue=saisis", ENTERED))
    return visit.page(
        "admin/external.html", fragment="results", total=total, form=visit.blank(), late=late,
        rows=[{**dict(row), "copied": _copied(row)} for row in rows], following=following,
        tabs=[
            {"label": visit._(label), "href": visit.href(path), "current": which == late,
             "count": None if which else total}
            for which, path, label in tabs
        ],
    )  # fmt: skip


ENTERED = N_("Saisis ces sept derniers jours")


def _copied(row: Any) -> str:
    """What is pasted in SI-SIAO: whose file it is, then what changed."""
    number = f"n° {row['external_no']}" if row["external_no"] else ""
    return " – ".join(part for part in (row["name"], number, row["text"]) if part)


@post("/a-reporter", opt=MAY)
async def done(visit: Visiting) -> Response[str]:
    """The ticked changes have been entered; or all of those that the page shows."""
    form = await visit.form()
    ids = _ids(form, "shown" if form.value("then") == "tous" else "done")

    async def work(unit: Unit) -> dict[str, int]:
        return {"count": await settle_reports(unit, ids)}

    if not ids:
        return visit.to("/a-reporter", N_("Cochez d’abord ce qui a été saisi."), "warn")
    await visit.once(form, "external.entered", work)
    return visit.to(
        "/a-reporter",
        N_("C’est noté. Une erreur ? Elle se reprend dans « Saisis ces sept derniers jours »."),
    )


@post("/a-reporter/reprendre", opt=MAY)
async def take_back(visit: Visiting) -> Response[str]:
    """Something was ticked by mistake: it waits again."""
    form = await visit.form()
    ids = _ids(form, "done")

    async def work(unit: Unit) -> dict[str, int]:
        return {"count": await reopen_reports(unit, ids)}

    if not ids:
        return visit.to("/a-reporter?vue=saisis", N_("Cochez ce qui reste à saisir."), "warn")
    await visit.once(form, "external.reopened", work)
    return visit.to("/a-reporter", N_("C’est remis dans la liste."))


def _ids(form: Form, name: str) -> list[int]:
    return [i for value in form.all(name) if (i := whole(value)) is not None]


HANDLERS = (queue, done, take_back)
NAV = (NavItem(N_("À reporter"), "/a-reporter", "external.report", order=85, icon="copy"),)
