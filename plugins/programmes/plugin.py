"""What the plugin is and every hook it implements: its table of contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from core.extension.context import Ctx
from core.extension.contributions import (
    Criterion,
    EventKind,
    NavItem,
    Obligation,
    Part,
    Permission,
    Read,
    Tag,
)
from core.extension.hookspecs import hookimpl
from core.extension.manifest import CONTRACT, Manifest, Need
from core.extension.permissions import TEAM
from core.extension.timeline import TimeLine
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins.programmes import admin, demo, duties, matching, parts, portal, reserved
from plugins.programmes.events import EVENT_KINDS
from plugins.programmes.settings import Settings

MANIFEST = Manifest(
    name="programmes",
    version="1.0.0",
    title=N_("Programmes du territoire"),
    purpose=N_(
        "Suivre les projets du territoire (AMI, projet d’une métropole) : leurs ménages, leurs "
        "jalons, et ce qui est atteint de leurs objectifs."
    ),
    contract=CONTRACT,
    data=(
        (N_("Entrée dans un programme, sortie et motif"), "social"),
        (N_("Notes de suivi dans un programme"), "social"),
    ),
    seen_by=("coordinator", "social_worker", "prescriber", "observer", "resident"),
    needs=(Need("convention", N_("La convention ou la décision qui crée le programme.")),),
    category=N_("Accompagnement"),
)


@hookimpl
def register_permissions() -> Sequence[Permission]:
    workers = TEAM | {"prescriber"}
    return (
        Permission("programmes.read", N_("Voir les programmes"), workers | {"observer"}),
        Permission("programmes.manage", N_("Tenir les programmes"), frozenset({"coordinator"})),
        Permission("programmes.members", N_("Faire entrer et sortir des ménages"), TEAM),
        Permission("programmes.follow", N_("Noter le suivi dans un programme"), workers),
        Permission("programmes.export", N_("Exporter les ménages des programmes"), TEAM),
    )


@hookimpl
def register_event_kinds() -> Sequence[EventKind]:
    return EVENT_KINDS


@hookimpl
def register_settings() -> type | None:
    return Settings


@hookimpl
def register_tags() -> Sequence[Tag]:
    return matching.TAGS


@hookimpl
def register_criteria() -> Sequence[Criterion]:
    return matching.CRITERIA


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return {"admin": admin.HANDLERS, "portal": portal.HANDLERS}.get(face, ())


@hookimpl
def nav_items(ctx: Ctx, face: str) -> Sequence[NavItem]:
    return admin.NAV if face == "admin" else ()


@hookimpl
def household_panels(ctx: Ctx) -> Sequence[Part]:
    read = Read("programmes.panel", parts.PANEL)
    return (
        Part(
            "programmes.panel",
            "programmes/admin/panel.html",
            "programmes.read",
            read,
            parts.shape_panel,
        ),
    )


@hookimpl
def resident_cards(ctx: Ctx) -> Sequence[Part]:
    read = Read("programmes.card", parts.CARD)
    return (
        Part(
            "programmes.card",
            "programmes/portal/card.html",
            "resident",
            read,
            parts.shape_card,
            helper="read",
        ),
    )


@hookimpl
def dashboard_tiles(ctx: Ctx) -> Sequence[Part]:
    read = Read("programmes.tile", parts.TILE)
    return (Part("programmes.tile", "programmes/admin/tile.html", "programmes.read", read),)


@hookimpl
async def on_event(ctx: Ctx, unit: Unit, event: Event) -> None:
    await matching.follow(unit, event)


@hookimpl
async def deny(ctx: Ctx, unit: Unit, permission: str, household_id: int) -> str | None:
    return await reserved.refusal(ctx, unit, permission, household_id)


@hookimpl
async def obligations(ctx: Ctx, unit: Unit) -> Sequence[Obligation]:
    return await matching.running(unit)


@hookimpl
async def on_enablement(ctx: Ctx, unit: Unit, enabled: bool) -> None:
    if enabled:
        await matching.tag_all(unit)


@hookimpl
async def demo_data(ctx: Ctx, unit: Unit, rng: Random, line: TimeLine) -> bool:
    return await demo.fill(unit, ctx.place.slug, rng, line)


@hookimpl
async def export_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> Mapping[str, Any]:
    return await duties.export_of(unit, person_id)


@hookimpl
async def erase_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> None:
    await duties.erase_of(unit, person_id)
