"""The frozen values that hooks return. Never HTML: a template, its data, an order, a permission."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Face:
    """A face of the site: what stands under one prefix with one layout.

    `prefix` comes before the territory in an address ("" or "/something"). `door` and `door_text`
    are what the landing page says to those who should enter here. `change_password` is where
    somebody is led who came in with a password given by another; `helping` where a worker begins
    and ends acting for a resident.
    """

    name: str
    prefix: str
    templates: Path
    stylesheets: Sequence[Path]
    sign_in: str
    door: str
    door_text: str
    door_icon: str = "door"
    languages: bool = False
    order: int = 0
    change_password: str = ""
    helping: str = ""


@dataclass(frozen=True)
class NavItem:
    """A line of a face's navigation. `count` names a key of the counts that the page reads.

    `short` is what a narrow screen shows instead of `label`.
    `helper`: the scope of an authorisation that opens it to who acts for a resident, or none.
    """

    label: str
    path: str
    permission: str
    order: int = 100
    icon: str = ""
    group: str = ""
    count: str = ""
    helper: str = ""
    short: str = ""


@dataclass(frozen=True)
class Permission:
    """Something one may do, and which roles may by default."""

    key: str
    label: str
    roles: frozenset[str]


@dataclass(frozen=True)
class EventKind:
    """What an event is called in a timeline: a sentence for staff, another for the household.

    `resident` None means that the household is not told by this sentence. Places such as
    `%(kind)s` are filled from the payload. It outlives a disabled plugin.
    """

    key: str
    staff: str
    resident: str | None = None
    tone: str = "neutral"


@dataclass(frozen=True)
class Read:
    """What a part needs from the database: one statement giving one json value.

    Core composes the reads of all parts of a page into one statement. `:household`, `:person`
    and `:today` are bound.
    """

    key: str
    sql: str


@dataclass(frozen=True)
class Part:
    """A card, a panel or a tile: a template, the read it needs, and how to shape what was read."""

    key: str
    template: str
    permission: str
    read: Read | None = None
    shape: Callable[[Any], Mapping[str, Any]] = field(default=lambda value: {"value": value})
    order: int = 100
