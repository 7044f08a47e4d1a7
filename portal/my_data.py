"""Mes données: all that is held of me here, to read, to print and to take away."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get
from litestar.response import Response

from core.rights.copies import copy_of
from core.rights.saying import document, parts_of
from core.web.visit import Visit, Visiting
from core.web.words import format_date, format_datetime
from portal.queries import load_self


def _day(visit: Visit) -> Any:
    """A date or an instant as the copy says it: it is in French, as the file is."""
    zone = visit.ctx.place.zone
    return lambda at: format_datetime(at, "fr", zone) if hasattr(at, "hour") else format_date(at)


@get("/donnees", opt={"permission": "resident"})
async def my_data(visit: Visiting) -> Response[str]:
    """All that is held of me, section by section."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        copy = await copy_of(visit.ctx, unit, mine.person_id)
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/my-data.html",
        parts=parts_of(copy, visit.file_words, _day(visit)),
        made_at=copy.made_at,
        unread=[visit.file_words(title) for title in copy.unread],
    )


@get("/donnees/fichier", opt={"permission": "resident"})
async def my_file(visit: Visiting) -> Response[bytes]:
    """The same as a file."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        copy = await copy_of(visit.ctx, unit, mine.person_id)
        today = unit.today
    held = document(copy, visit.ctx.place.name, visit.file_words)
    return Response(
        msgspec.json.format(msgspec.json.encode(held), indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="mes-donnees-{today}.json"'},
    )


HANDLERS = (my_data, my_file)
