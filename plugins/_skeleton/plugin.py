"""What the plugin is and every hook it implements: its table of contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import click

from core.extension.context import Ctx
from core.extension.contributions import (
    Criterion,
    EventKind,
    Job,
    NavItem,
    Obligation,
    Obstacle,
    Part,
    Permission,
    Read,
    Tag,
)
from core.extension.hookspecs import hookimpl
from core.extension.manifest import CONTRACT, Manifest
from core.extension.permissions import TEAM
from core.extension.timeline import TimeLine
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins._skeleton import admin, commands, demo, jobs, matching, portal, queries, service
from plugins._skeleton.events import EVENT_KINDS
from plugins._skeleton.matching import CRITERIA, TAGS
from plugins._skeleton.settings import Settings

MANIFEST = Manifest(
    name="skeleton",
    version="0.1.0",
    title=N_("Étapes convenues"),
    purpose=N_("Noter les étapes convenues avec un ménage, et les lui montrer avec leur date."),
    contract=CONTRACT,
    data=((N_("Étape convenue, avec sa date"), "social"),),
    seen_by=("coordinator", "social_worker", "prescriber", "resident"),
    category=N_("Accompagnement"),
)


@hookimpl
def register_permissions() -> Sequence[Permission]:
    workers = TEAM | {"prescriber"}
    return (
        Permission("skeleton.read", N_("Lire les étapes convenues"), workers),
        Permission("skeleton.write", N_("Noter les étapes convenues"), workers),
    )


@hookimpl
def register_event_kinds() -> Sequence[EventKind]:
    return EVENT_KINDS


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return {"admin": admin.HANDLERS, "portal": portal.HANDLERS}.get(face, ())


@hookimpl
def nav_items(ctx: Ctx, face: str) -> Sequence[NavItem]:
    return {"admin": admin.NAV, "portal": portal.NAV}.get(face, ())


@hookimpl
def household_panels(ctx: Ctx) -> Sequence[Part]:
    return (
        Part(
            "skeleton.panel",
            "skeleton/admin/panel.html",
            "skeleton.read",
            Read("skeleton.panel", queries.PANEL),
            queries.shape_steps,
        ),
    )


@hookimpl
def resident_cards(ctx: Ctx) -> Sequence[Part]:
    return (
        Part(
            "skeleton.card",
            "skeleton/portal/card.html",
            "resident",
            Read("skeleton.card", queries.CARD),
            queries.shape_steps,
            helper="read",
        ),
    )


@hookimpl
def dashboard_tiles(ctx: Ctx) -> Sequence[Part]:
    return (
        Part(
            "skeleton.tile",
            "skeleton/admin/tile.html",
            "skeleton.read",
            Read("skeleton.tile", queries.TILE),
        ),
    )


@hookimpl
def register_settings() -> type:
    return Settings


@hookimpl
def register_tags() -> Sequence[Tag]:
    return TAGS


@hookimpl
def register_criteria() -> Sequence[Criterion]:
    return CRITERIA


@hookimpl
def register_jobs() -> Sequence[Job]:
    return jobs.JOBS


@hookimpl
async def obstacles(ctx: Ctx, unit: Unit, request_id: int, vacancy_id: int) -> Sequence[Obstacle]:
    return await matching.held_back(unit, request_id)


@hookimpl
async def obligations(ctx: Ctx, unit: Unit) -> Sequence[Obligation]:
    waiting = await queries.count_open(unit)
    return (
        Obligation(
            N_("%(count)s étapes convenues ne sont pas terminées"),
            waiting,
            "/skeleton",
            "skeleton.read",
        ),
    )


@hookimpl
async def on_enablement(ctx: Ctx, unit: Unit, enabled: bool) -> None:
    if not enabled:
        await jobs.end_mentions(unit)


@hookimpl
async def demo_data(ctx: Ctx, unit: Unit, rng: Random, line: TimeLine) -> bool:
    return await demo.draw(unit, rng, line)


@hookimpl
async def export_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> Mapping[str, Any]:
    steps = await queries.held_of(unit, person_id)
    return {N_("Étapes convenues"): steps} if steps else {}


@hookimpl
async def erase_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> None:
    await service.forget(unit, person_id)


@hookimpl
def register_commands(cli: click.Group) -> None:
    cli.add_command(commands.late)
