"""Ce que nous vous avons envoyé: each message and letter, when, by what, and its own words."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.contacts import say_contact
from core.notifications.paper import pdf
from core.notifications.post import content_of
from core.notifications.reach import OUTSIDE
from core.notifications.register import TO_SELF, own_letter, told_person
from core.web.visit import Visiting
from portal.queries import load_self

BY = {
    "email": N_("Par e-mail"),
    "sms": N_("Par SMS"),
    "letter": N_("Par lettre"),
    "voice": N_("À vous dire de vive voix"),
}
"""How something was sent, as the person reads it."""

NEWS = N_("Il y a du nouveau dans votre espace.")


@get("/envois", opt={"permission": "resident"})
async def sent(visit: Visiting) -> Response[str]:
    """What left for this person, the latest first."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        rows = await told_person(unit, mine.person_id)
    visit.counts["messages"] = mine.unread
    kinds = visit.ctx.registry.event_kinds

    def said(row: Any) -> str:
        kind = kinds.get(row["event_kind"]) if row["written"] else None
        return visit._(kind.resident if kind and kind.resident else NEWS)

    return visit.page(
        "portal/sent.html",
        rows=[(row, said(row)) for row in rows],
        by=BY,
        standing=TO_SELF,
    )


@get("/envois/{ref:str}", opt={"permission": "resident"})
async def one(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A letter, word for word."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        row = await own_letter(unit, mine.person_id, ref.upper())
    visit.counts["messages"] = mine.unread
    return visit.page("portal/letter.html", row=row, content=content_of(row), standing=TO_SELF)


@get("/envois/{ref:str}/pdf", opt={"permission": "resident"})
async def file(visit: Visiting, ref: FromPath[str]) -> Response[bytes]:
    """The same, to keep or to print."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        row = await own_letter(unit, mine.person_id, ref.upper())
    made = await pdf([content_of(row)], visit._(N_("Lettre")), cover=False)
    return Response(
        made,
        status_code=200,
        media_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="lettre.pdf"',
            "Cache-Control": "no-store",
        },
    )


@post("/informations/joindre", opt={"permission": "resident"})
async def reach(visit: Visiting) -> Response[str]:
    """By what to be told, and by what never: the person says it themself."""
    form = await visit.form()
    first = form.choice("first", OUTSIDE)

    async def work(unit: Unit) -> bool:
        mine = await load_self(unit)
        form.check()
        unsafe = [c for c in form.all("unsafe") if c != first]
        await say_contact(unit, mine.person_id, prefers=[first] if first else [], unsafe=unsafe)
        return True

    try:
        await visit.once(form, "messages.reach", work)
    except Invalid:
        said = N_("Choisissez une réponse de la liste.")
        return visit.to("/informations", said=said, tone="warn")
    return visit.to("/informations", said=N_("C’est noté."))


HANDLERS = (sent, one, file, reach)
