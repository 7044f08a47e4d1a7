"""Extensions of the territory: what each does and needs; switched on and off, knowing what runs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.extension.manifest import Manifest
from core.extension.permissions import ROLES
from core.households.questions import CLASS_LABELS
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.enabling import (
    disable,
    enable,
    enabling_history,
    enabling_since,
    obligations,
    preview_hooks,
)
from core.territories.troubles import troubles_of
from core.web.forms import Form, whole
from core.web.parts import read_parts
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"

SEERS = {**ROLES, "resident": N_("Le ménage, sur son espace")}

NEEDS = {
    "convention": N_("Convention"),
    "deed": N_("Acte"),
    "plugin": N_("Extension"),
    "training": N_("Formation"),
}
"""What sorts of things a plugin may need, in words; another sort is shown by its label alone."""

PIECES = {
    "nav_items": N_("Ses lignes du menu"),
    "household_panels": N_("Ses rubriques du dossier"),
    "resident_cards": N_("Ses cartes sur l’espace du ménage"),
    "dashboard_tiles": N_("Ses tuiles de l’accueil"),
    "obstacles": N_("Sa vérification avant une orientation"),
    "deny": N_("Sa vérification à l’ouverture d’un dossier"),
}
"""A piece of a plugin that failed, in words; a single part is told by its key."""


@get("/reglages/extensions", opt={"permission": MAY})
async def extensions(visit: Visiting) -> Response[str]:
    """Every installed extension, by category, with whether it is on here."""
    registry = visit.ctx.registry
    async with visit.ctx.unit() as unit:
        since = await enabling_since(unit)
        failing = {one["plugin"] for one in await troubles_of(unit, days=7)}
    rows = sorted(
        (_line(visit, plugin.manifest, since, failing) for plugin in registry.plugins.values()),
        key=lambda row: (row["category"], row["title"]),
    )
    return visit.page(
        "admin/extensions.html",
        groups=[(g, list(found)) for g, found in groupby(rows, key=lambda row: row["category"])],
        gone=sorted(
            name for name, row in since.items() if row["enabled"] and name not in registry.plugins
        ),
    )


def _line(
    visit: Visit, manifest: Manifest, since: dict[str, Any], failing: set[str]
) -> dict[str, Any]:
    row = since.get(manifest.name)
    return {
        "name": manifest.name,
        "title": visit._(manifest.title),
        "purpose": manifest.purpose,
        "category": visit._(manifest.category) if manifest.category else "",
        "state": _state(visit, manifest.name),
        "since": row["at"] if row else None,
        "failing": manifest.name in failing,
    }


def _state(visit: Visit, name: str) -> str:
    """on, off, or held: on, and kept out until its tables are of its version."""
    if name not in visit.ctx.place.plugins:
        return "off"
    return "held" if name in visit.ctx.registry.held else "on"


@get("/reglages/extensions/{plugin:str}", opt={"permission": MAY})
async def extension(visit: Visiting, plugin: FromPath[str]) -> Response[str]:
    """What it does, what it adds, who sees it, what it needs, what it carries, its history."""
    return await _show(visit, plugin)


async def _show(
    visit: Visit, name: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    registry = visit.ctx.registry
    if name not in registry.plugins:
        raise NotFound()
    manifest, on = registry.manifest(name), visit.ctx.place.plugins
    state = _state(visit, name)
    async with visit.ctx.unit() as unit:
        history = await enabling_history(unit, name)
        troubles = await troubles_of(unit, name)
        runs = await obligations(visit.ctx, unit, name) if state == "on" else []
        tiles, unseen = [], []
        if name not in registry.held:
            parts = preview_hooks(visit.ctx, name).gather("dashboard_tiles", ctx=visit.ctx)
            tiles = await read_parts(visit.ctx, unit, parts)
            unseen = sorted({p.permission for p in parts if not visit.ctx.can(p.permission)})
    return visit.page(
        "admin/extension.html",
        status=status,
        manifest=manifest,
        state=state,
        form=form or visit.blank(knowing=sum(one.count for one in runs)),
        data=[(label, CLASS_LABELS.get(field, field)) for label, field in manifest.data],
        seers=[SEERS[role] for role in manifest.seen_by],
        needs=[(NEEDS.get(need.kind, ""), need.label) for need in manifest.needs],
        depends=[(other, registry.manifest(other).title, other in on)
                 for other in manifest.depends],
        standing=[registry.manifest(other).title for other in sorted(on & set(registry.plugins))
                  if name in registry.manifest(other).depends],
        permissions=[(registry.permissions[key].label,
                      [ROLES[r] for r in ROLES if r in registry.permissions[key].roles])
                     for key in registry.brought("permission", name)],
        tags=[registry.tags[key].label for key in registry.brought("tag", name)],
        jobs=[registry.jobs[key].label for key in registry.brought("job", name)],
        tuned=bool(registry.tunables.get(name)),
        obligations=runs,
        tiles=tiles,
        unseen=[registry.permissions[key].label for key in unseen if key in registry.permissions],
        troubles=troubles,
        pieces=PIECES,
        history=history,
    )  # fmt: skip


@post("/reglages/extensions/{plugin:str}/activer", opt={"permission": MAY})
async def switch_on(visit: Visiting, plugin: FromPath[str]) -> Response[str]:
    """Switch it on here."""

    async def work(unit: Unit, form: Form) -> None:
        known = visit.ctx.registry.plugins.get(plugin)
        if known and known.manifest.needs and not form.value("ready"):
            form.wrong("ready", N_("Confirmez que ces conditions sont réunies."))
            form.check()
        await enable(visit.ctx, unit, plugin, form.value("why"))

    return await _switch(visit, plugin, work, N_("Extension activée."))


@post("/reglages/extensions/{plugin:str}/desactiver", opt={"permission": MAY})
async def switch_off(visit: Visiting, plugin: FromPath[str]) -> Response[str]:
    """Switch it off here; what it holds stays."""

    async def work(unit: Unit, form: Form) -> None:
        knowing = (whole(form.value("knowing"), 9) or 0) if form.value("confirmed") else 0
        await disable(visit.ctx, unit, plugin, form.value("why"), knowing=knowing)

    return await _switch(visit, plugin, work, N_("Extension désactivée. Ses données sont gardées."))


async def _switch(visit: Visit, plugin: str, act: Any, said: str) -> Response[str]:
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        await act(unit, form)
        return {}

    places = visit.request.app.state.places
    try:
        await visit.once(form, "territory.plugin", work)
    except Invalid as error:
        return await _show(visit, plugin, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        places.forget()
        other = {name: visit._(str(value)) for name, value in error.params.items()}
        form.wrong("why", visit._(error.message, **other))
        return await _show(visit, plugin, form, 409)
    places.forget()
    return visit.to(f"/reglages/extensions/{plugin}", said=said)


HANDLERS = (extensions, extension, switch_on, switch_off)
