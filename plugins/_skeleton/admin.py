"""The back-office pages: the open steps of the territory, and those of one household."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.extension.contributions import NavItem
from core.households.queries import household_id_of
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import settings_of
from core.web.forms import Form, since
from core.web.visit import Visit, Visiting, keep
from plugins._skeleton.queries import PAGE, open_steps, steps_of
from plugins._skeleton.rules import OUTCOMES, tone
from plugins._skeleton.service import LONGEST, add_step, end_step
from plugins._skeleton.settings import Settings


@get("/skeleton", opt={"permission": "skeleton.read"})
async def list_steps(visit: Visiting) -> Response[str]:
    """What was agreed and is not done yet, page by page."""
    async with visit.ctx.unit() as unit:
        rows = await open_steps(unit, since(visit.request.query_params.get("apres", "")))
        soon = (await settings_of(unit, "skeleton", Settings)).soon_days
        today = unit.today
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    following = f"/skeleton?apres={more['due_on'].isoformat()}.{more['id']}" if more else ""
    return visit.page(
        "skeleton/admin/list.html",
        fragment="results",
        rows=[(row, tone(row["due_on"], None, today, soon)) for row in rows[:PAGE]],
        following=visit.href(following) if following else None,
    )


async def _show(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        steps = await steps_of(unit, household_id)
        soon = (await settings_of(unit, "skeleton", Settings)).soon_days
        today = unit.today
    return visit.page(
        "skeleton/admin/household.html",
        status=status,
        ref=ref,
        form=form,
        longest=LONGEST,
        outcomes=OUTCOMES,
        steps=[(s, tone(s["due_on"], s["ended_on"], today, soon)) for s in steps],
    )


@get("/skeleton/{ref:str}", opt={"permission": "skeleton.read"})
async def household_steps(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The steps of one household, with the form to note another."""
    return await _show(visit, ref, visit.blank())


@post("/skeleton/{ref:str}", opt={"permission": "skeleton.write"})
async def add(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Note a step."""
    form = await visit.form()
    label = form.required("label")
    due_on = form.date("due_on", required=True)

    async def work(unit: Unit) -> int:
        assert due_on is not None
        household_id = await household_id_of(unit, ref)
        return await add_step(unit, household_id, label=label, due_on=due_on)

    try:
        form.check()
        await visit.once(form, "skeleton.add", work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    return visit.to(f"/skeleton/{ref}", N_("L’étape est notée."))


@post("/skeleton/{ref:str}/{step:int}", opt={"permission": "skeleton.write"})
async def end(visit: Visiting, ref: FromPath[str], step: FromPath[int]) -> Response[str]:
    """End a step: done, or given up."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        household_id = await household_id_of(unit, ref)
        await end_step(unit, household_id, step, form.value("outcome"))
        return True

    await visit.once(form, "skeleton.end", work)
    return visit.to(f"/skeleton/{ref}", N_("L’étape est terminée."))


NAV = (NavItem(N_("Étapes convenues"), "/skeleton", "skeleton.read", icon="calendar"),)
HANDLERS = (list_steps, household_steps, add, end)
