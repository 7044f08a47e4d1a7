"""What every layout is given: the navigation, who is signed in, what was just said, help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


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
