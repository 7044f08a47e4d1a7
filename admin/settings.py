"""A territory's settings: each with its words, its bounds, its date, its author and its reason."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import Any

from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import setting_history, settings_on
from core.territories.service import change_setting
from core.territories.settings import TUNABLES, read_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"


@get("/reglages", opt={"permission": MAY})
async def settings(visit: Visiting) -> Response[str]:
    """All settings, and what each was before."""
    return await _show(visit)


async def _show(visit: Visit, form: Form | None = None, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        now = asdict(await read_settings(unit))
        coming = await unit.fetch(
            "SELECT DISTINCT ON (name) name, value, starts_on FROM setting WHERE plugin = 'core' "
            "AND starts_on > $1 ORDER BY name, starts_on, id DESC",
            unit.today,
        )
        history = await setting_history(unit)
        today = unit.today
    values = {n: ("yes" if v else "") if isinstance(v, bool) else v for n, v in now.items()}
    return visit.page(
        "admin/settings.html",
        status=status,
        form=form or visit.blank(values, starts_on=today.isoformat()),
        groups=[(g, list(ts)) for g, ts in groupby(TUNABLES.values(), key=lambda t: t.group)],
        now=now,
        tunables=TUNABLES,
        coming=coming,
        history=[h for h in history if h["name"] in TUNABLES],
    )


@post("/reglages", opt={"permission": MAY})
async def change(visit: Visiting) -> Response[str]:
    """Keep what differs from the value in force on the chosen day."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        starts_on = form.date("starts_on", required=True)
        why = form.required("why", N_("Dites en quelques mots pourquoi."))
        if starts_on is not None and starts_on < unit.today:
            form.wrong(
                "starts_on", N_("Un réglage ne change pas le passé : choisissez aujourd’hui.")
            )
        wanted = {}
        for name, one in TUNABLES.items():
            try:
                wanted[name] = one.read(form.value(name))
            except Invalid as error:
                form.wrong(name, error.errors[name])
        form.check()
        assert starts_on is not None
        before = {n: t.default for n, t in TUNABLES.items()} | await settings_on(unit, starts_on)
        changed = [n for n, value in wanted.items() if before[n] != value]
        for name in changed:
            await change_setting(unit, name, wanted[name], starts_on=starts_on, why=why)
        return {"changed": len(changed)}

    try:
        done = await visit.once(form, "territory.settings", work)
    except Invalid as error:
        return await _show(visit, keep(visit, form, error), 422)
    if not done["changed"]:
        return visit.to("/reglages", said=N_("Aucun réglage n’a changé."), tone="info")
    return visit.to("/reglages", said=N_("Réglages enregistrés."))


HANDLERS = (settings, change)
NAV = (
    NavItem(
        N_("Réglages"), "/reglages", MAY, order=90, icon="settings", group=N_("Administration")
    ),
)
