"""The back-office as a face: its address, its layout, its handlers, its navigation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from admin import (
    account,
    catalogues,
    code_card,
    home,
    household_acts,
    household_edits,
    household_file,
    households,
    life_events,
    list_entry,
    lists,
    portfolios,
    request_acts,
    request_decision,
    request_file,
    request_new,
    request_queues,
    sectors,
    settings,
    signin,
    team,
)
from core.extension.context import Ctx
from core.extension.contributions import Face, NavItem
from core.extension.hookspecs import hookimpl
from core.kernel.words import N_

HERE = Path(__file__).parent
FACE = Face(
    name="admin",
    prefix="/admin",
    templates=HERE / "templates",
    stylesheets=(HERE / "static" / "admin.css",),
    sign_in="/connexion",
    door=N_("Je suis professionnel·le"),
    door_text=N_("Choisissez votre territoire."),
    door_icon="people",
    order=2,
)

PAGES: tuple[Any, ...] = (
    signin,
    home,
    request_queues,
    request_new,
    request_file,
    request_acts,
    request_decision,
    lists,
    list_entry,
    households,
    household_file,
    household_acts,
    household_edits,
    life_events,
    code_card,
    portfolios,
    settings,
    sectors,
    catalogues,
    team,
    account,
)
"""One module per page family, with its HANDLERS and, for a line in the menu, its NAV."""


@hookimpl
def register_face() -> Face:
    return FACE


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return [h for page in PAGES for h in page.HANDLERS] if face == FACE.name else ()


@hookimpl
def nav_items(ctx: Ctx, face: str) -> Sequence[NavItem]:
    return [i for page in PAGES for i in getattr(page, "NAV", ())] if face == FACE.name else ()
