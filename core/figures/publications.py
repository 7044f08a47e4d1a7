"""A structure reads and comments its own figures before others do: a round, drafts, publication.

All drafts of a round are published on the same day, so that no figure is found by what is missing.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from core.figures.outcomes import Tally, count_outcomes, tallies
from core.figures.rules import may_open, quarter_of
from core.figures.vacancies import count_vacancies
from core.kernel.dates import add_months
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import read_settings

LONGEST = 2000
"""Letters of a comment."""


class Published(msgspec.Struct):
    """What a publication holds: the referrals of the period, and its places."""

    outcomes: Tally
    declared: int = 0
    admitted: int = 0
    days: int = 0


_INSERT = """
INSERT INTO figure_publication (ref, organisation_id, starts_on, ends_on, values, drafted_at,
  drafted_by, comment_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
"""


async def open_round(unit: Unit, ends_on: date) -> int:
    """Draft the figures of every structure with a referral that ended; how many there are.

    The period is the months that figures look at (`figures_months`), up to and without `ends_on`.
    Each structure has the setting's days to comment. Refused when that day is to come, or too close
    to another round's.
    """
    unit.require("figures.publish")
    # one at a time: two rounds at once would each find no other
    await unit.fetch("SELECT 1 FROM territory WHERE id = $1 FOR NO KEY UPDATE", unit.territory_id)
    last = await _closest(unit, ends_on)
    if ends_on > unit.today:
        raise Invalid({"ends_on": N_("Cette date est dans l’avenir.")})
    if not may_open(ends_on, unit.today, last):
        raise Invalid(
            {"ends_on": N_("Une relecture existe à moins de 28 jours de cette date.")},
        )
    return await _draft(unit, ends_on)


async def _closest(unit: Unit, ends_on: date) -> date | None:
    found: date | None = await unit.value(
        "SELECT ends_on FROM figure_publication ORDER BY abs(ends_on - $1::date) LIMIT 1", ends_on
    )
    return found


async def _draft(unit: Unit, ends_on: date) -> int:
    settings = await read_settings(unit)
    starts_on = add_months(ends_on, -settings.figures_months)
    cells = await count_outcomes(unit, starts_on, ends_on)
    empty = await count_vacancies(unit, starts_on, ends_on)
    until = unit.today + timedelta(days=settings.figures_comment_days)
    done = 0
    for organisation, outcomes in tallies(cells, lambda cell: cell.organisation).items():
        if not outcomes.ended:
            continue
        own = [e for e in empty if e.organisation == organisation]
        values = Published(
            outcomes,
            sum(e.declared for e in own),
            sum(e.admitted for e in own),
            sum(e.days for e in own),
        )
        made = await unit.value(
            _INSERT,
            new_ref(),
            organisation,
            starts_on,
            ends_on,
            msgspec.json.encode(values).decode(),
            unit.now,
            unit.actor.account_id,
            until,
        )
        unit.record("figures.drafted", subject=("figures", made), organisation=organisation)
        done += 1
    return done


async def follow_calendar(unit: Unit) -> tuple[int, int]:
    """What dates do: a round at the end of each quarter, and the publication of those whose time to
    comment is over. How many were drafted, and published."""
    ends_on, drafted = quarter_of(unit.today), 0
    if may_open(ends_on, unit.today, await _closest(unit, ends_on)):
        drafted = await _draft(unit, ends_on)
    rows = await unit.fetch(
        "UPDATE figure_publication SET published_at = $1 "
        "WHERE published_at IS NULL AND comment_until < $2 RETURNING id, organisation_id",
        unit.now,
        unit.today,
    )
    for row in rows:
        unit.record(
            "figures.published",
            subject=("figures", row["id"]),
            organisation=row["organisation_id"],
        )
    return drafted, len(rows)


async def comment(unit: Unit, ref: str, version: int, text: str) -> None:
    """The structure's comment on its own figures, until the last day to give it.

    It may be changed until then; what it was is kept. NotFound for another structure's figures,
    Conflict when a colleague wrote one since.
    """
    unit.require("figures.own")
    row = await unit.row("SELECT * FROM figure_publication WHERE ref = $1 FOR UPDATE", ref)
    if row is None or not unit.scope("figures.own").runs(row["organisation_id"]):
        raise NotFound()
    if row["published_at"] is not None or unit.today > row["comment_until"]:
        raise Refused(N_("Ces chiffres sont publiés : le commentaire ne change plus."))
    if len(text) > LONGEST:
        raise Invalid({"comment": N_("Ce texte est trop long.")})
    if text == row["comment"]:
        return
    wanted = {
        "comment": text,
        "commented_at": unit.now,
        "commented_by": unit.actor.account_id,
    }
    await change_row(unit, "figure_publication", row["id"], version, wanted, wanted)
    unit.record(
        "figures.commented", subject=("figures", row["id"]), organisation=row["organisation_id"]
    )


_READ = """
SELECT f.ref, f.organisation_id, f.starts_on, f.ends_on, f.ends_on - 1 AS last_on,
  f.values, f.drafted_at, f.comment_until,
  f.comment, f.commented_at, f.published_at, f.version, o.name AS organisation
FROM figure_publication f JOIN organisation o ON o.id = f.organisation_id
"""


async def own_publications(unit: Unit, limit: int = 60) -> Sequence[Any]:
    """The figures of the structures the actor works for, drafts first, then the latest."""
    return await unit.fetch(
        f"{_READ} WHERE $1::bigint[] IS NULL OR f.organisation_id = ANY($1) "
        "ORDER BY f.published_at IS NOT NULL, f.ends_on DESC, o.name, f.id LIMIT $2",
        unit.scope("figures.own").over_places,
        limit,
    )


async def own_publication(unit: Unit, ref: str) -> Any:
    """One of them; NotFound for another structure's."""
    row = await unit.row(f"{_READ} WHERE f.ref = $1", ref)
    if row is None or not unit.scope("figures.own").runs(row["organisation_id"]):
        raise NotFound()
    return row


async def published(unit: Unit, ends_on: date | None = None) -> Sequence[Any]:
    """Everybody's published figures of one round: that of a day, or the latest."""
    return await unit.fetch(
        f"{_READ} WHERE f.published_at IS NOT NULL AND f.ends_on = coalesce($1::date, "
        "(SELECT max(ends_on) FROM figure_publication WHERE published_at IS NOT NULL)) "
        "ORDER BY o.name, f.id",
        ends_on,
    )


async def rounds(unit: Unit) -> Sequence[Any]:
    """Every round: its period, how many structures, when it was or will be published."""
    return await unit.fetch(
        "SELECT starts_on, ends_on, ends_on - 1 AS last_on, count(*)::int AS structures, "
        "max(comment_until) AS until, "
        "count(*) FILTER (WHERE comment <> '')::int AS comments, max(published_at) AS published_at "
        "FROM figure_publication GROUP BY 1, 2 ORDER BY ends_on DESC, starts_on LIMIT 40"
    )


def values_of(row: Any) -> Published:
    """What a publication holds."""
    return msgspec.json.decode(row["values"], type=Published)
