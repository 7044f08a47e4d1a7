"""The portal as a face: its address, its layout, its handlers, its navigation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.extension.context import Ctx
from core.extension.contributions import Face, NavItem
from core.extension.hookspecs import hookimpl
from core.kernel.words import N_
from portal import about_me, home, journey, messages, promises, proposal, signin

HERE = Path(__file__).parent
FACE = Face(
    name="portal",
    prefix="",
    templates=HERE / "templates",
    stylesheets=(HERE / "static" / "portal.css",),
    sign_in="/entrer",
    door=N_("J’ai une carte avec un code"),
    door_text=N_("Choisissez le lieu écrit sur votre carte."),
    door_icon="key",
    languages=True,
    order=1,
)

PAGES: tuple[Any, ...] = (signin, promises, home, journey, proposal, messages, about_me)
"""One module per page family, each with its HANDLERS and, when it has a line in the menu, its NAV."""


@hookimpl
def register_face() -> Face:
    return FACE


@hookimpl
def register_routers(face: str) -> Sequence[Any]:
    return [h for page in PAGES for h in page.HANDLERS] if face == FACE.name else ()


@hookimpl
def nav_items(ctx: Ctx, face: str) -> Sequence[NavItem]:
    return [i for page in PAGES for i in getattr(page, "NAV", ())] if face == FACE.name else ()
