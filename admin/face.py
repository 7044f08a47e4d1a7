"""The back-office as a face: its address, its layout, its handlers, its navigation.

Every module of this folder that has HANDLERS is a page family, with NAV for its lines in the menu.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import admin
from core.extension.context import Ctx
from core.extension.contributions import Face, NavItem
from core.extension.hookspecs import hookimpl
from core.extension.pages import page_families
from core.kernel.words import N_

HERE = Path(__file__).parent
FACE = Face(
    name="admin",
    prefix="/admin",
    templates=HERE / "templates",
    stylesheets=(HERE / "static" / "admin.css",),
    sign_in="/connexion",
    change_password="/mon-compte",
    helping="/agir",
    door=N_("Je suis professionnel·le"),
    door_text=N_("Choisissez votre territoire."),
    door_icon="people",
    order=2,
)


@hookimpl
def register_face() -> Face:
    return FACE


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    if face != FACE.name:
        return ()
    return [handler for page in page_families(admin) for handler in page.HANDLERS]


@hookimpl
def nav_items(ctx: Ctx, face: str) -> Sequence[NavItem]:
    if face != FACE.name:
        return ()
    return [item for page in page_families(admin) for item in getattr(page, "NAV", ())]
