"""Free places declared by a file: sent, tried line by line with nothing written, then declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.response import Response

from core.imports.problems import Untrustworthy
from core.imports.vacancies import LIMIT, ROWS, Line, Outcome, declare_lines, read_lines
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "vacancies.declare"}
STATES = {
    "done": (N_("Déclarée"), N_("À déclarer"), "ok"),
    "stands": (N_("Inchangée"), N_("Inchangée"), "neutral"),
    "refused": (N_("Refusée"), N_("Refusée"), "error"),
}
"""A line once declared, while it is tried, and its tone."""


class _Tried(Exception):
    """The end of a try: its Unit is undone, and what it found is kept."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes


@get("/places/fichier", opt=MAY)
async def choose(visit: Visiting) -> Response[str]:
    """Choose a file."""
    return _choose(visit, visit.blank())


def _choose(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    return visit.page(
        "admin/places/file.html", status=status, form=form, kilobytes=LIMIT // 1000, most=ROWS
    )


@post("/places/fichier", opt=MAY)
async def send(visit: Visiting) -> Response[str]:
    """Try each line: the report says what would be done, and nothing is written."""
    sent = await visit.request.form()
    form = await visit.form()
    file = sent.get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid({"file": N_("Choisissez un fichier.")})
        lines = read_lines(data)
    except Untrustworthy as error:
        return _choose(visit, keep(visit, form, Invalid({"file": str(error)})), 422)
    except Invalid as error:
        return _choose(visit, keep(visit, form, error), 422)
    return await _try(visit, lines, visit.blank())


async def _try(visit: Visit, lines: Sequence[Line], form: Form) -> Response[str]:
    try:
        async with visit.ctx.unit() as unit:
            raise _Tried(await declare_lines(unit, lines))
    except _Tried as tried:
        outcomes = tried.outcomes
    return _report(visit, outcomes, form, tried=True)


def _report(visit: Visit, found: Sequence[Outcome], form: Form, *, tried: bool) -> Response[str]:
    counts = Counter(one.state for one in found)
    return visit.page(
        "admin/places/file-report.html",
        form=form,
        tried=tried,
        rows=[
            (one, visit._(one.said, **one.params), visit._(STATES[one.state][1 if tried else 0]),
             STATES[one.state][2])
            for one in found
        ],
        counts={state: counts.get(state, 0) for state in STATES},
        lines=msgspec.json.encode([one.line for one in found]).decode(),
    )  # fmt: skip


@post("/places/fichier/declarer", opt=MAY)
async def declare(visit: Visiting) -> Response[str]:
    """Declare what was tried; each line is looked at again, since others work meanwhile."""
    form = await visit.form()
    try:
        lines = msgspec.json.decode(form.value("lines"), type=list[Line])[:ROWS]
    except (msgspec.DecodeError, msgspec.ValidationError):
        wrong = Invalid({"file": N_("Choisissez à nouveau le fichier.")})
        return _choose(visit, keep(visit, form, wrong), 422)

    async def work(unit: Unit) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(one) for one in await declare_lines(unit, lines)]

    done = await visit.once(form, "housing.declare_file", work)
    return _report(visit, msgspec.convert(done, list[Outcome]), visit.blank(), tried=False)


HANDLERS = (choose, send, declare)
