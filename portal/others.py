"""Les lieux proposés à d’autres: month by month, in plain words, and a word to correct a fact."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date as babel_date
from litestar import get, post
from litestar.response import Response

from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.service import LONGEST, write
from core.placements.passed import Month, choose_summary, passed_by_month, wants_summary
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from core.web.words import locale
from portal.messages import NOBODY
from portal.queries import load_self

HERE = "/attente/autres"


def month_said(visit: Visit, first: date) -> str:
    """A month and its year in the reader's language, and never a day."""
    return babel_date(first, "LLLL yyyy", locale(visit.ctx.lang.split("@")[0]))


@get(HERE, opt={"permission": "resident", "helper": "read"})
async def others(visit: Visiting) -> Response[str]:
    """The months, or that one chose not to read them."""
    return await _page(visit, visit.blank())


async def _page(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        wanted = await wants_summary(unit, mine.person_id)
        months: list[Month] = []
        if wanted and mine.household_id is not None:
            months = await passed_by_month(unit, mine.household_id, visit.ctx.registry)
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/others.html",
        status=status,
        wanted=wanted,
        months=[(month_said(visit, m.first), m) for m in months],
        facts=facts(visit, months),
        form=form,
        longest=LONGEST,
    )


def facts(visit: Visit, months: list[Month]) -> list[tuple[str, str]]:
    """What one may say is wrong: each reason that was read, and each thing that is missing."""
    found: dict[str, None] = {}
    for month in months:
        for said in month.said:
            found.update(dict.fromkeys((said.plain, *said.missing)))
    return [(str(n), visit._(text)) for n, text in enumerate(found)]


@post(HERE, opt={"permission": "resident", "helper": "write"})
async def correct(visit: Visiting) -> Response[str]:
    """Say what is not right: a message to the team that names the fact, with its due date."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        mine = await load_self(unit)
        if mine.household_id is None:
            raise Invalid({"text": NOBODY})
        months = await passed_by_month(unit, mine.household_id, visit.ctx.registry)
        known = dict(facts(visit, months))
        fact = form.choice("fact", known, required=True)
        text = form.required("text", N_("Écrivez votre message."))
        form.check()
        said = f"« {known[fact or '']} » {text}"
        about = ("request", int(mine.row["request_id"])) if mine.row["request_id"] else None
        return await write(unit, mine.household_id, mine.person_id, "correction", said, about)

    try:
        await visit.once(form, "message.passed_over", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), 422)
    except Refused as error:
        return await _page(visit, keep(visit, form, Invalid({"text": error.message})), 409)
    return visit.to("/messages", said=N_("Votre demande de correction est envoyée."))


@post(f"{HERE}/lire", opt={"permission": "resident"})
async def choose(visit: Visiting) -> Response[str]:
    """Read this summary each month, or no more."""
    form = await visit.form()
    wanted = form.value("wanted") == "yes"

    async def work(unit: Unit) -> bool:
        await choose_summary(unit, (await load_self(unit)).person_id, wanted)
        return True

    await visit.once(form, "passing.choose", work)
    return visit.to(HERE, said=N_("C’est noté."))


HANDLERS = (others, correct, choose)
