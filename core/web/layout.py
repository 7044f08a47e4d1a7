"""What every layout is given: the navigation, who is signed in, what was just said, help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from core.extension.contributions import NavItem
from core.extension.permissions import ROLES
from core.kernel.words import COMPLETE, UNREVIEWED
from core.web.flash import FLASH, unseal
from core.web.words import direction, languages

if TYPE_CHECKING:
    from core.web.visit import Visit


@dataclass(frozen=True)
class Flash:
    """A short word after an act. `text` is a msgid: never anybody's data."""

    tone: str
    text: str


@dataclass(frozen=True)
class NavLink:
    label: str
    href: str
    current: bool
    count: int | None = None
    icon: str = ""
    group: str | None = None
    short: str = ""


@dataclass(frozen=True)
class LanguageLink:
    code: str
    endonym: str
    href: str
    current: bool


@dataclass(frozen=True)
class Help:
    phone: str
    text: str


@dataclass(frozen=True)
class ActorInfo:
    """Who is signed in, as the layout shows it: role labels, not codes."""

    name: str
    roles: list[str]
    kind: str


@dataclass(frozen=True)
class Accompanied:
    """Who acts here for whom, and until which day (the last one it holds; None: no end)."""

    helper: str
    person: str
    until: date | None


@dataclass
class PageInfo:
    """What layouts need, named `page` in templates."""

    face: str | None
    territory: Any
    lang: str
    dir: str
    reviewed: bool
    whole: bool
    languages: list[LanguageLink]
    nav: list[NavLink]
    actor: ActorInfo | None
    flashes: list[Flash]
    csrf: str
    home_href: str
    sign_out_href: str
    sign_in_href: str
    search_href: str
    accompanied: Accompanied | None
    help: Help | None
    path: str


def _flashes(visit: Visit) -> list[Flash]:
    said = unseal(visit.ctx.settings.secret_key, visit.request.cookies.get(FLASH, ""))
    return [Flash(said[0], visit._(said[1]))] if said else []


def page_info(visit: Visit) -> PageInfo:
    """What every layout needs on this page."""
    ctx, path = visit.ctx, visit.request.url.path
    known = ctx.face is not None and ctx.territory is not None
    face = ctx.registry.faces[ctx.face] if known and ctx.face else None
    help_line = None
    if ctx.territory is not None and ctx.place.team_phone:
        help_line = Help(ctx.place.team_phone, ctx.place.team_name)
    return PageInfo(
        face=ctx.face if known else None,
        territory=ctx.territory,
        lang=ctx.lang.split("@")[0],
        dir=direction(ctx.lang),
        reviewed=ctx.lang not in UNREVIEWED,
        whole=ctx.lang.split("@")[0] in ("fr", *COMPLETE),
        languages=_languages(visit, path) if face and face.languages else [],
        nav=_nav(visit, path) if known and ctx.actor else [],
        actor=_actor(visit),
        flashes=_flashes(visit),
        csrf=visit.csrf,
        home_href=visit.href("/") if known else "/",
        sign_out_href=visit.href("/quitter") if known else "/",
        sign_in_href=visit.href(face.sign_in) if face else "/",
        search_href=visit.href("/recherche") if known else "/",
        accompanied=_accompanied(visit),
        help=help_line,
        path=path,
    )


def _actor(visit: Visit) -> ActorInfo | None:
    actor = visit.ctx.actor
    if actor is None:
        return None
    roles = [visit._(label) for key, label in ROLES.items() if key in actor.roles]
    return ActorInfo(actor.name, roles, actor.kind)


def _accompanied(visit: Visit) -> Accompanied | None:
    actor = visit.ctx.actor
    if actor is None or actor.helping is None or actor.helping.over:
        return None
    until = actor.helping.until
    return Accompanied(
        actor.name, actor.helping.person, until - timedelta(days=1) if until else None
    )


def _languages(visit: Visit, path: str) -> list[LanguageLink]:
    ctx = visit.ctx
    here = visit.href("/")[:-1]
    rest = path.removeprefix(here) or "/"
    return [
        LanguageLink(code, endonym, visit.href(rest, lang=code), code == ctx.lang)
        for code, endonym in languages(ctx.place.langs)
    ]


def _nav(visit: Visit, path: str) -> list[NavLink]:
    ctx = visit.ctx
    helper = ctx.who.kind == "helper"
    items: list[NavItem] = [
        item
        for item in ctx.hooks.gather("nav_items", ctx=ctx, face=ctx.face)
        if (ctx.who.helps_with(item.helper) if helper else ctx.can(item.permission))
    ]
    hrefs = {item: visit.href(item.path) for item in items}
    at = path.rstrip("/") + "/"
    # The first page is above all others in the address, and above none in the menu.
    home = visit.href("/")
    fitting = [h for h in hrefs.values() if at == h or (h != home and at.startswith(f"{h}/"))]
    here = max(fitting, key=len, default="")
    return [
        NavLink(
            label=visit._(item.label),
            href=hrefs[item],
            current=hrefs[item] == here,
            count=visit.counts.get(item.count) if item.count else None,
            icon=item.icon,
            group=visit._(item.group) if item.group else None,
            short=visit._(item.short) if item.short else "",
        )
        for item in items
    ]
