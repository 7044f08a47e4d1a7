"""A territory's settings, core's and each extension's: words, bounds, date, author and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, version_of
from core.extension.contributions import NavItem
from core.extension.tunables import Tunable
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import (
    coming_settings,
    setting_days,
    setting_history,
    settings_on,
    settings_version,
)
from core.territories.service import change_settings
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"


@dataclass(frozen=True)
class Tuned:
    """Whose settings a page shows: core's, or an installed plugin's."""

    plugin: str
    title: str
    known: Mapping[str, Tunable]

    @property
    def path(self) -> str:
        return (
            "/reglages" if self.plugin == "core" else f"/reglages/extensions/{self.plugin}/regler"
        )

    @property
    def card(self) -> Card:
        return Card(
            {name: one.label for name, one in self.known.items()},
            yes_no=frozenset(name for name, one in self.known.items() if one.kind == "bool"),
        )

    def choices(self, visit: Visit) -> dict[str, dict[str, str]]:
        """The words of coded values, by setting."""
        return {
            name: {code: visit._(label) for code, label in one.choices}
            for name, one in self.known.items()
            if one.kind == "choice"
        }

    def say(self, visit: Visit, name: str, value: Any) -> str:
        """A value as a person reads it, with its unit."""
        said = self.card.say(visit, name, value, self.choices(visit))
        unit = self.known[name].unit
        return f"{said} {visit._(unit)}" if unit and said else said


def tuned(visit: Visit, plugin: str) -> Tuned:
    """The settings of core or of an installed plugin; NotFound where there are none."""
    registry = visit.ctx.registry
    known = registry.tunables.get(plugin)
    if known is None:
        raise NotFound()
    if plugin == "core":
        return Tuned(plugin, N_("Réglages du territoire"), known)
    return Tuned(plugin, registry.manifest(plugin).title, known)


@get("/reglages", opt={"permission": MAY})
async def settings(visit: Visiting) -> Response[str]:
    """All settings of core, and what each was before."""
    return await _show(visit, tuned(visit, "core"))


@get("/reglages/extensions/{plugin:str}/regler", opt={"permission": MAY})
async def plugin_settings(visit: Visiting, plugin: FromPath[str]) -> Response[str]:
    """The same for an extension, on or off."""
    return await _show(visit, tuned(visit, plugin))


async def _show(
    visit: Visit, of: Tuned, form: Form | None = None, status: int = 200, compared: Any = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        now = await _values(unit, of, unit.today)
        coming = await coming_settings(unit, of.plugin)
        history = await setting_history(unit, of.plugin)
        version = await settings_version(unit, of.plugin)
        today = unit.today
    return visit.page(
        "admin/settings.html",
        status=status,
        of=of,
        form=form or visit.blank(_shown(now), starts_on=today.isoformat(), version=version),
        compared=compared,
        groups=[(g, list(ts)) for g, ts in groupby(of.known.values(), key=lambda t: t.group)],
        options={n: list(words.items()) for n, words in of.choices(visit).items()},
        coming=_told(visit, of, coming),
        history=_told(visit, of, history),
    )


def _told(visit: Visit, of: Tuned, rows: list[Any]) -> list[dict[str, Any]]:
    """Stored values with their label and words; a name that no version knows any more is left."""
    return [
        {
            **dict(row),
            "label": of.known[row["name"]].label,
            "said": of.say(visit, row["name"], msgspec.json.decode(row["value"])),
        }
        for row in rows
        if row["name"] in of.known
    ]


async def _values(unit: Unit, of: Tuned, on: date) -> dict[str, Any]:
    """What holds on a day: what was set, else the defaults."""
    stored = await settings_on(unit, on, of.plugin)
    return {n: stored.get(n, one.default) for n, one in of.known.items()}


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as their form holds them."""
    return {n: ("yes" if v else "") if isinstance(v, bool) else v for n, v in values.items()}


@post("/reglages", opt={"permission": MAY})
async def change(visit: Visiting) -> Response[str]:
    """Keep what differs from the value in force on the chosen day."""
    return await _change(visit, tuned(visit, "core"))


@post("/reglages/extensions/{plugin:str}/regler", opt={"permission": MAY})
async def change_plugin(visit: Visiting, plugin: FromPath[str]) -> Response[str]:
    """The same for an extension."""
    return await _change(visit, tuned(visit, plugin))


async def _change(visit: Visit, of: Tuned) -> Response[str]:
    form = await visit.form()
    wanted: dict[str, Any] = {}

    async def work(unit: Unit) -> Any:
        starts_on = form.date("starts_on", required=True)
        why = form.required("why", N_("Dites en quelques mots pourquoi."))
        if starts_on is not None and starts_on < unit.today:
            form.wrong(
                "starts_on",
                N_(
                    "Un réglage ne change pas le passé : choisissez aujourd’hui ou un jour à venir."
                ),
            )
        unknown = set(form.names()) - set(of.known) - {"starts_on", "why", "version"}
        for name in sorted(unknown):
            form.wrong(name, N_("Ce réglage n’existe pas."))
        for name, one in of.known.items():
            try:
                wanted[name] = one.read(form.value(name))
            except Invalid as error:
                form.wrong(name, error.errors[name])
        form.check()
        assert starts_on is not None
        return {
            "changed": await change_settings(
                unit,
                wanted,
                version_of(form),
                starts_on=starts_on,
                why=why,
                plugin=of.plugin,
                known=of.known,
            )
        }

    try:
        done = await visit.once(form, "territory.settings", work)
    except Invalid as error:
        return await _show(visit, of, keep(visit, form, error), 422)
    except Conflict as error:
        rows = of.card.compared(visit, error, wanted, of.choices(visit))
        form = of.card.upon(form, error, _shown(error.theirs))
        return await _show(visit, of, form, 409, rows)
    if not done["changed"]:
        return visit.to(of.path, said=N_("Aucun réglage n’a changé."), tone="info")
    return visit.to(of.path, said=N_("Réglages enregistrés."))


@get("/reglages/comparer", opt={"permission": MAY})
async def compare(visit: Visiting) -> Response[str]:
    """What holds on one day beside what holds on another: the settings as two versions."""
    asked = visit.request.query_params
    of = tuned(visit, asked.get("de", "core"))
    async with visit.ctx.unit() as unit:
        days = await setting_days(unit, of.plugin)
        first = _day(asked.get("avant", "")) or (days[0] if days else unit.today)
        second = _day(asked.get("apres", "")) or unit.today
        before, after = await _values(unit, of, first), await _values(unit, of, second)
        today = unit.today
    rows = [
        (one.label, of.say(visit, n, before[n]), of.say(visit, n, after[n]), before[n] != after[n])
        for n, one in of.known.items()
    ]
    return visit.page(
        "admin/settings-compared.html",
        of=of,
        form=visit.blank(avant=first.isoformat(), apres=second.isoformat()),
        days=sorted({*days, today}),
        first=first,
        second=second,
        rows=rows,
        changed=sum(row[3] for row in rows),
    )


def _day(text: str) -> date | None:
    """A day of the address; one that was tampered with is nobody's."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


HANDLERS = (settings, plugin_settings, change, change_plugin, compare)
NAV = (
    NavItem(
        N_("Réglages"), "/reglages", MAY, order=90, icon="settings", group=N_("Administration")
    ),
)
