"""Messages of households: the queue of what is to be answered, one message and its answer."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.paging import SIZE, asked, page_of
from core.extension.contributions import NavItem
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.queries import (
    about,
    answer_draft,
    count_waiting,
    inbox,
    read_exchange,
)
from core.notifications.service import LONGEST, MOODS, answer, keep_draft
from core.placements.lifecycle import REFERRAL
from core.requests.lifecycle import MACHINE
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

KINDS = {
    "message": N_("Message"),
    "feedback": N_("Avis"),
    "correction": N_("Correction demandée"),
}
STATES = {"request": MACHINE.states, "referral": REFERRAL.states}
SUBJECTS = {"request": N_("La demande"), "referral": N_("Une orientation")}


@get("/messages", opt={"permission": "messages.read"})
async def messages(visit: Visiting) -> Response[str]:
    """What waits, the most pressing first; `etat=repondus` for what was answered."""
    answered = asked(visit, "etat") == "repondus"
    mine = visit.ctx.who.account_id if asked(visit, "a") == "moi" else None
    async with visit.ctx.unit() as unit:
        rows = await inbox(
            unit,
            answered=answered,
            mine=mine,
            after=asked(visit, "apres"),
            limit=SIZE + 1,
        )
        waiting, late = await count_waiting(unit, mine=mine)
        now = unit.now
    shown, pager = page_of(visit, rows)
    visit.counts["messages"] = waiting
    return visit.page(
        "admin/messages/list.html",
        fragment="results",
        rows=shown,
        pager=pager,
        answered=answered,
        waiting=waiting,
        late=late,
        now=now,
        kinds=KINDS,
        moods=MOODS,
        form=visit.blank(visit.request.query_params.dict()),
    )


@get("/messages/{ref:str}", opt={"permission": "messages.read"})
async def one(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A message, what it is about, and the answer begun or given."""
    async with visit.ctx.unit() as unit:
        row = await read_exchange(unit, ref)
        subject = await about(unit, row)
        begun = await answer_draft(unit, ref)
    return _one(visit, row, subject, visit.blank(answer=begun), begun=bool(begun))


def _one(
    visit: Visit, row: Any, subject: Any, form: Form, status: int = 200, begun: bool = False
) -> Response[str]:
    state = None
    if subject is not None:
        state = STATES[row["about_kind"]][subject["state"]]
    return visit.page(
        "admin/messages/one.html",
        status=status,
        x=row,
        subject=subject,
        subject_name=SUBJECTS.get(row["about_kind"]),
        state=state,
        form=form,
        begun=begun,
        kinds=KINDS,
        moods=MOODS,
        late=row["answered_at"] is None and row["answer_due"] < visit.ctx.clock.now(),
        longest=LONGEST,
    )


@post("/messages/{ref:str}", opt={"permission": "messages.answer"})
async def reply(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Answer once, or keep the draft for later."""
    form = await visit.form()
    if form.value("act") == "draft":
        async with visit.ctx.unit() as unit:
            await read_exchange(unit, ref)
            await keep_draft(unit, ref, form.value("answer"))
        return visit.to(f"/messages/{ref}", said=N_("Brouillon gardé."))

    async def work(unit: Unit) -> str:
        row = await read_exchange(unit, ref)
        await answer(unit, row["id"], form.value("answer"))
        return ref

    try:
        await visit.once(form, "message.answer", work)
    except (Invalid, Refused) as error:
        if isinstance(error, Refused):
            error = Invalid({"answer": error.message})
        async with visit.ctx.unit() as unit:
            row = await read_exchange(unit, ref)
            subject = await about(unit, row)
        return _one(visit, row, subject, keep(visit, form, error), status=422)
    return visit.to("/messages", said=N_("Réponse envoyée."))


@post("/messages/{ref:str}/brouillon", opt={"permission": "messages.answer"})
async def draft(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Kept as it is typed, without leaving the page."""
    form = await visit.form()
    async with visit.ctx.unit() as unit:
        await read_exchange(unit, ref)
        await keep_draft(unit, ref, form.value("answer"))
    if not visit.htmx:
        return visit.to(f"/messages/{ref}", said=N_("Brouillon gardé."))
    return visit.page("admin/messages/saved.html", status=200)


HANDLERS = (messages, one, reply, draft)
NAV = (
    NavItem(
        N_("Messages"), "/messages", "messages.read", order=60, icon="message", count="messages"
    ),
)
