"""The frozen values that hooks return. Never HTML: a template, its data, an order, a permission."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.kernel.words import Sentence

if TYPE_CHECKING:
    from core.extension.context import Ctx
    from core.kernel.unit import Unit


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
    `%(kind)s` are filled from the payload. It outlives a disabled plugin. `notice` False: the
    household finds it on the portal, and nobody is called for it.
    """

    key: str
    staff: str
    resident: str | None = None
    tone: str = "neutral"
    notice: bool = True


@dataclass(frozen=True)
class Read:
    """What a part needs from the database: one statement giving one json value.

    Core composes the reads of all parts of a page into one statement. `:household`, `:person` and
    `:today` are bound, and `:setting_NAME` is the plugin's own setting of that day.
    """

    key: str
    sql: str


@dataclass(frozen=True)
class Part:
    """A card, a panel or a tile: a template, the read it needs, and how to shape what was read.

    `lasting`: what the law wants shown while there is something to show; asked for also where the
    plugin was on once and is off now. Its read answers NULL when there is nothing: it is then
    left out. `helper`: the scope of an authorisation that opens a card to who acts for a resident
    (read, answer, write), or none.
    """

    key: str
    template: str
    permission: str
    read: Read | None = None
    shape: Callable[[Any], Mapping[str, Any]] = field(default=lambda value: {"value": value})
    order: int = 100
    lasting: bool = False
    helper: str = ""


@dataclass(frozen=True)
class Tag:
    """Something a plugin says is true of a demande, with dates and reasons.

    `label` is for the staff, `resident_label` for the household (None: it is not told);
    `field_class` says who of the staff may read it: "social", "justice"… Core's lists of demandes
    and its waiting lists can be narrowed to it; `badge` is what they show beside the households
    concerned, in a word or two (none: nothing), in the colours of `tone`.

    `follows`: what it is true of. "adult" (the default): of the people, and so also of the demande
    that one of them takes along after a separation, or joins after a couple formed. "household":
    of this household as it is, such as its place in a programme; another demande begins without
    it. A tag said of one person (`person_id`) goes with that person alone.
    """

    key: str
    label: str
    field_class: str = "social"
    resident_label: str | None = None
    order: int = 100
    follows: str = "adult"
    badge: str = ""
    tone: str = "accent"


@dataclass(frozen=True)
class Criterion:
    """A condition between a demande and a free place, as data: filter, explanation, near miss and
    what would help are all this one value.

    `sql` is one static predicate over `r` (the row of request_facts), `v` (the place's facts),
    `:on` (the day), `:setting_<name>` (a number or yes/no of the owner's settings) and
    `{tag:x}`. True is yes, false is no, NULL is to be checked. `hard`: a no takes the demande off
    the shortlist; otherwise it is only said, and a setting `criterion_<name>` of its owner, a yes
    or no named after the end of the key, may switch it off. `reads` names the facts, for the
    documentation. `code`: the reason to be passed over that a no suggests.

    Texts are French msgids. `no`, `unknown`, `would_help`: for a reader of the staff with the
    field class (others read that another condition is not met); figures stand in them as
    `%(persons)s`, a fact of `r`, or `%(place_max_persons)s`, one of `v`. `plain_no`,
    `plain_unknown`, `plain_help`: for the household, without figures, at most 12 words. Without
    `would_help` nothing is suggested: nobody is ever told to give up a partner, a child, an
    animal or what is not negotiable for them.
    """

    key: str
    label: str
    sql: str
    no: str
    unknown: str
    plain_no: str
    plain_unknown: str
    hard: bool = True
    reads: tuple[str, ...] = ()
    field_class: str = "social"
    order: int = 100
    code: str = ""
    would_help: str = ""
    plain_help: str = ""


@dataclass(frozen=True)
class Obstacle:
    """Why this demande may not be proposed this place now: a sentence for the staff."""

    key: str
    text: Sentence


@dataclass(frozen=True)
class Obligation:
    """Something that runs and must go on, whoever switches the plugin off: measures, clocks.

    `label` is a msgid with `%(count)s`; `path` leads to them in the back-office, for who has
    the `permission` of that page.
    """

    label: str
    count: int
    path: str = ""
    permission: str = ""


@dataclass(frozen=True)
class Ran:
    """What a job did: a sentence for the staff. `more`: it stopped at a full batch, ask again."""

    said: Sentence
    more: bool = False


@dataclass(frozen=True)
class Job:
    """Work that time asks for, done by the worker in each territory where the plugin is on.

    `every` counts from the end of one run to the next; with `at` it is done once a day, from that
    hour on in the territory's zone. `run` is given the territory's context and an open Unit, all
    of its work is one transaction, and it may take `seconds`. Running it again is harmless.
    """

    key: str
    label: str
    run: Callable[[Ctx, Unit], Awaitable[Ran]]
    every: timedelta = timedelta(days=1)
    at: time | None = None
    seconds: int = 60
    order: int = 100
