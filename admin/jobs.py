"""What the site does by itself: jobs, their next run and failures; events that are stuck."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.territories.deliveries import late_deliveries, pass_over, try_again
from core.territories.jobs import recent_runs, run_job, standings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"
HERE = "/reglages/travaux"


@get(HERE, opt={"permission": MAY})
async def jobs(visit: Visiting) -> Response[str]:
    """Each job here with its last result and next hour; what failed; what waits to be handed."""
    return await _show(visit)


async def _show(visit: Visit, form: Form | None = None, status: int = 200) -> Response[str]:
    registry = visit.ctx.registry
    async with visit.ctx.unit() as unit:
        found = await standings(visit.ctx, unit)
        late = await late_deliveries(unit)
        runs = await recent_runs(unit)
        now = unit.now
    return visit.page(
        "admin/jobs.html",
        status=status,
        form=form or visit.blank(),
        now=now,
        jobs=[(one, _title(visit, one.plugin), _said(visit, one.said)) for one in found],
        late=[
            {
                **dict(row),
                "who": _title(visit, row["consumer"]),
                "what": _kind(visit, row["kind"]),
            }
            for row in late
        ],
        runs=[
            {
                **dict(row),
                "label": registry.jobs[row["job"]].label if row["job"] in registry.jobs else "",
                "text": visit._("Échec") if row["error"] else _run(visit, row),
            }
            for row in runs
        ],
    )


def _title(visit: Visit, name: str) -> str:
    """Who does it, in words: an extension by its title, core by the site's name."""
    plugins = visit.ctx.registry.plugins
    return visit._(plugins[name].manifest.title) if name in plugins else visit._(N_("Le site"))


def _kind(visit: Visit, key: str) -> str:
    """What happened, without what fills the sentence: nobody's file is shown here."""
    kind = visit.ctx.registry.event_kinds.get(key)
    return visit._(kind.staff) if kind and "%(" not in kind.staff else key


def _said(visit: Visit, said: Sentence | None) -> str:
    return said.render(visit._) if said and said.msgid else ""


def _run(visit: Visit, row: Any) -> str:
    return _said(visit, Sentence(row["said"], msgspec.json.decode(row["params"])))


@post(f"{HERE}/{{job:str}}/lancer", opt={"permission": MAY})
async def run_now(visit: Visiting, job: FromPath[str]) -> Response[str]:
    """Run a job now, whatever its hour; its result stands on the page."""
    await visit.form()
    ran = await run_job(visit.ctx, job, asked=True)
    if ran is None:
        return visit.to(HERE, said=N_("Ce travail a échoué, ou se fait déjà."), tone="error")
    return visit.to(HERE, said=N_("Travail fait."))


@post(f"{HERE}/evenements/{{delivery:int}}", opt={"permission": MAY})
async def settle(visit: Visiting, delivery: FromPath[int]) -> Response[str]:
    """Try a stuck event again, or pass it over with a reason."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, str]:
        if form.choice("what", ("retry", "skip"), required=True) == "retry":
            await try_again(unit, delivery)
            return {"said": N_("Il sera remis au prochain tour.")}
        form.check()
        await pass_over(unit, delivery, form.text("reason", 500))
        return {"said": N_("Événement passé.")}

    try:
        done = await visit.once(form, "territory.delivery", work)
    except Invalid as error:
        return await _show(visit, keep(visit, form, error), 422)
    except Conflict as error:
        form.wrong("reason", visit._(error.message))
        return await _show(visit, form, 409)
    return visit.to(HERE, said=done["said"])


HANDLERS = (jobs, run_now, settle)
