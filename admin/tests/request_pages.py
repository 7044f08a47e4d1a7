"""What tests of a demande’s pages send and read."""

from __future__ import annotations

from core.extension.context import Ctx
from core.testing import NOW

TODAY = NOW.date()
HOME = "/admin/essai"

PERSON = {
    "family_name": "Diallo",
    "given_name": "Awa",
    "birth_day": "3",
    "birth_month": "4",
    "birth_year": "1985",
    "situation": "20",
    "phone": "0601020304",
    "draft": "D1",
}


async def ref_of(ctx: Ctx, request_id: int) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value("SELECT ref FROM housing_request WHERE id = $1", request_id))


async def state_of(ctx: Ctx, ref: str) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value("SELECT state FROM housing_request WHERE ref = $1", ref))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of the page."""
    import html

    start = page.index(f'name="{name}" value="') + len(f'name="{name}" value="')
    return html.unescape(page[start : page.index('"', start)])
