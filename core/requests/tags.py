"""Tags: what a plugin says is true of a demande, with dates, an author and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.extension.context import Ctx
from core.extension.contributions import Tag
from core.extension.permissions import FIELD_CLASSES
from core.households.changes import EVENT_LABELS
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.followers import tell_facts

_OPEN = """
SELECT id, starts_on FROM request_tag
WHERE request_id = $1 AND key = $2 AND (ends_on IS NULL OR ends_on > $3) ORDER BY id DESC LIMIT 1
FOR UPDATE
"""

_FACTS = """
UPDATE request_facts SET updated_at = $2, tags = (
  SELECT array_agg(DISTINCT t.key ORDER BY t.key) FROM request_tag t
  WHERE t.request_id = $1 AND (t.ends_on IS NULL OR t.ends_on > $3))
WHERE request_id = $1
"""
"""Every key that has not ended, those that begin later too: a superset, dated where it matters."""


async def tag(
    unit: Unit,
    request_id: int,
    key: str,
    *,
    starts_on: date | None = None,
    reason: str = "",
    person_id: int | None = None,
) -> int:
    """Say something of a demande from a day on (today by default); the id of the row.

    Said already: nothing is written twice, and its row is given. The key begins with the
    plugin's name, and is one it registers. `person_id`: of whom of the household it is true, where
    it is of one alone. Raises NotFound for a demande that is not here.
    """
    return await _say(
        unit, request_id, key, starts_on or unit.today, reason, person_id, unit.actor.account_id
    )


async def _say(
    unit: Unit,
    request_id: int,
    key: str,
    begins: date,
    reason: str,
    person_id: int | None,
    author: int | None,
) -> int:
    plugin = _plugin(key)
    household_id = await unit.value(
        "SELECT household_id FROM housing_request WHERE id = $1 FOR UPDATE", request_id
    )
    if household_id is None:
        raise NotFound()
    known = await unit.row(_OPEN, request_id, key, begins)
    if known is not None:
        return int(known["id"])
    tag_id = await unit.value(
        "INSERT INTO request_tag (request_id, plugin, key, starts_on, reason, by, at, person_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        request_id,
        plugin,
        key,
        begins,
        reason,
        author,
        unit.now,
        person_id,
    )
    await unit.fetch(_FACTS, request_id, unit.now, unit.today)
    await tell_facts(unit, request_id)
    unit.record(
        "request.tagged", household_id=household_id, subject=("request", request_id), tag=key
    )
    return int(tag_id)


async def untag(
    unit: Unit, request_id: int, key: str, *, ends_on: date | None = None, reason: str = ""
) -> None:
    """End it on a day (today by default). Raises Refused when nothing of that key runs."""
    ends = ends_on or unit.today
    known = await unit.row(_OPEN, request_id, key, min(ends, unit.today))
    if known is None:
        raise Refused(N_("Cette mention n’est pas en cours."))
    if ends < known["starts_on"]:
        raise Invalid({"ends_on": N_("La fin ne peut pas être avant le début.")})
    household_id = await unit.value(
        "UPDATE request_tag t SET ends_on = $2, end_reason = $3, ended_by = $4 "
        "FROM housing_request r WHERE t.id = $1 AND r.territory_id = t.territory_id "
        "AND r.id = t.request_id RETURNING r.household_id",
        known["id"],
        ends,
        reason,
        unit.actor.account_id,
    )
    await unit.fetch(_FACTS, request_id, unit.now, unit.today)
    await tell_facts(unit, request_id)
    unit.record(
        "request.untagged", household_id=household_id, subject=("request", request_id), tag=key
    )


CARRIED = frozenset({"request.carried", "request.joined"})
"""Events of a demande that takes up where another one stands: `original` and `cause` say which
and why."""

_HOLDING = """
SELECT t.key, t.starts_on, t.person_id, t.reason,
  EXISTS (SELECT 1 FROM membership m WHERE m.person_id = t.person_id AND m.household_id = $2
          AND (m.ends_on IS NULL OR m.ends_on > $3)) AS comes,
  EXISTS (SELECT 1 FROM membership m WHERE m.person_id = t.person_id
          AND m.household_id = r.household_id
          AND (m.ends_on IS NULL OR m.ends_on > $3)) AS stays
FROM request_tag t JOIN housing_request r ON r.territory_id = t.territory_id AND r.id = t.request_id
WHERE t.request_id = $1 AND (t.ends_on IS NULL OR t.ends_on > $3) ORDER BY t.id
"""


async def carry_tags(unit: Unit, event: Event, catalogue: Mapping[str, Tag]) -> int:
    """What still holds of a demande's people goes along to the one that takes it up; how many.

    With its first day, the author of the life event and the reason "suite à…". What was said of
    one person goes with that person, and ends where they have left. Again is harmless.
    """
    if event.kind not in CARRIED or event.subject_id is None:
        return 0
    author = await unit.value("SELECT actor_id FROM event WHERE id = $1", event.id)
    original, cause = event.payload["original"], event.payload.get("cause", "")
    after = f"Suite à : {EVENT_LABELS.get(cause, 'changement du ménage').lower()}"
    carried = 0
    for row in await unit.fetch(_HOLDING, original, event.household_id, unit.today):
        known = catalogue.get(row["key"])
        if known is None or (known.follows == "household" and row["person_id"] is None):
            continue
        if row["person_id"] is not None and not row["comes"]:
            continue
        reason = f"{after}. {row['reason']}".strip()
        await _say(
            unit, event.subject_id, row["key"], row["starts_on"], reason, row["person_id"], author
        )
        carried += 1
        if row["person_id"] is not None and not row["stays"]:
            await untag(unit, original, row["key"], reason=after)
    return carried


def listed_tags(ctx: Ctx) -> dict[str, Tag]:
    """The tags that a list may show and be narrowed to, by key: of plugins that are on here, of
    the classes of fields that the actor may read of everybody on the page, in their order."""
    registry, page = ctx.registry, ctx.scope(ctx.permission)
    classes = {
        name
        for name, permission in FIELD_CLASSES.items()
        if ctx.can(permission) and ctx.scope(permission) == page
    }
    found = {
        key: tag
        for key, tag in registry.tags.items()
        if tag.field_class in classes
        and registry.is_on(registry.owners["tag", key], ctx.place.plugins)
    }
    return dict(sorted(found.items(), key=lambda one: (one[1].order, one[0])))


def tag_asked(offered: Mapping[str, Tag], key: str) -> str | None:
    """The key that a list is narrowed to, None for no narrowing; one that is not offered shows
    nothing rather than everything."""
    if not key:
        return None
    return key if key in offered else NOBODY


NOBODY = "-"
"""A key that no tag has."""


def running_tag(request: str, key: str, day: str) -> str:
    """SQL: whether the demande `request` (its id) has that tag on that day; places, not values."""
    return (
        f"EXISTS (SELECT 1 FROM request_tag y WHERE y.request_id = {request} AND y.key = {key} "  # noqa: S608
        f"AND y.starts_on <= {day} AND (y.ends_on IS NULL OR y.ends_on > {day}))"
    )


def running_tags(request: str, facts: str, day: str) -> str:
    """SQL: the keys of the tags that the demande has on that day, in order; looked for only where
    its `facts` (an alias of request_facts) say that there may be some."""
    return (
        f"CASE WHEN {facts}.tags <> '{{}}' THEN ARRAY(SELECT DISTINCT y.key FROM request_tag y "  # noqa: S608
        f"WHERE y.request_id = {request} AND y.starts_on <= {day} "
        f"AND (y.ends_on IS NULL OR y.ends_on > {day}) ORDER BY y.key) ELSE '{{}}' END"
    )


def _plugin(key: str) -> str:
    plugin, _, name = key.partition(".")
    if not name:
        raise ValueError(f"the tag {key!r} does not begin with its plugin's name")
    return plugin


async def tags_of(
    unit: Unit, request_id: int, catalogue: Mapping[str, Tag], classes: frozenset[str]
) -> list[dict[str, Any]]:
    """Every tag a demande has or had that a reader of these field classes may read, the latest
    first: its label (the key when nobody registers it any more), dates, reasons and authors."""
    rows = await unit.fetch(
        "SELECT t.key, t.plugin, t.starts_on, t.ends_on, t.reason, t.end_reason, "
        "a.name AS author FROM request_tag t LEFT JOIN account a ON a.id = t.by "
        "WHERE t.request_id = $1 ORDER BY t.id DESC LIMIT 100",
        request_id,
    )
    # A tag whose plugin is gone has no class any more: nobody is shown more than before.
    return [
        {**dict(row), "label": catalogue[row["key"]].label}
        for row in rows
        if row["key"] in catalogue and catalogue[row["key"]].field_class in classes
    ]
