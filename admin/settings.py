"""A territory's settings: each with its words, its bounds, its date, its author and its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from litestar import get, post
from litestar.response import Response

from admin.cards import Card, version_of
from core.extension.contributions import NavItem
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import setting_history, settings_version
from core.territories.service import change_settings
from core.territories.settings import TUNABLES, read_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"
CARD = Card(
    {name: one.label for name, one in TUNABLES.items()},
    yes_no=frozenset(name for name, one in TUNABLES.items() if one.kind == "bool"),
)


@get("/reglages", opt={"permission": MAY})
async def settings(visit: Visiting) -> Response[str]:
    """All settings, and what each was before."""
    return await _show(visit)


async def _show(
    visit: Visit, form: Form | None = None, status: int = 200, compared: Any = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        now = asdict(await read_settings(unit))
        coming = await unit.fetch(
            "SELECT DISTINCT ON (name) name, value, starts_on FROM setting WHERE plugin = 'core' "
            "AND starts_on > $1 ORDER BY name, starts_on, id DESC",
            unit.today,
        )
        history = await setting_history(unit)
        version = await settings_version(unit)
        today = unit.today
    return visit.page(
        "admin/settings.html",
        status=status,
        form=form or visit.blank(_shown(now), starts_on=today.isoformat(), version=version),
        compared=compared,
        groups=[(g, list(ts)) for g, ts in groupby(TUNABLES.values(), key=lambda t: t.group)],
        now=now,
        tunables=TUNABLES,
        coming=coming,
        history=[h for h in history if h["name"] in TUNABLES],
    )


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as their form holds them."""
    return {n: ("yes" if v else "") if isinstance(v, bool) else v for n, v in values.items()}


@post("/reglages", opt={"permission": MAY})
async def change(visit: Visiting) -> Response[str]:
    """Keep what differs from the value in force on the chosen day."""
    form = await visit.form()
    wanted: dict[str, Any] = {}

    async def work(unit: Unit) -> Any:
        starts_on = form.date("starts_on", required=True)
        why = form.required("why", N_("Dites en quelques mots pourquoi."))
        if starts_on is not None and starts_on < unit.today:
            form.wrong(
                "starts_on", N_("Un réglage ne change pas le passé : choisissez aujourd’hui.")
            )
        for name, one in TUNABLES.items():
            try:
                wanted[name] = one.read(form.value(name))
            except Invalid as error:
                form.wrong(name, error.errors[name])
        form.check()
        assert starts_on is not None
        return {
            "changed": await change_settings(
                unit, wanted, version_of(form), starts_on=starts_on, why=why
            )
        }

    try:
        done = await visit.once(form, "territory.settings", work)
    except Invalid as error:
        return await _show(visit, keep(visit, form, error), 422)
    except Conflict as error:
        rows = CARD.compared(visit, error, wanted, {})
        return await _show(visit, CARD.upon(form, error, _shown(error.theirs)), 409, rows)
    if not done["changed"]:
        return visit.to("/reglages", said=N_("Aucun réglage n’a changé."), tone="info")
    return visit.to("/reglages", said=N_("Réglages enregistrés."))


HANDLERS = (settings, change)
NAV = (
    NavItem(
        N_("Réglages"), "/reglages", MAY, order=90, icon="settings", group=N_("Administration")
    ),
)
