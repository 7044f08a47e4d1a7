"""To whom nothing may leave: a death or a danger for good, an own wish until it is taken back."""

from __future__ import annotations

from core.kernel.unit import Unit


def stopped(person: str, *, wish_counts: str = "true") -> str:
    """SQL that is true where nothing is to leave for `person`, an alias of that table.

    Rows only grow: `own_wish` and `resumed` are a person's own word, of which the last counts, and
    only where `wish_counts`; any other reason (death, danger) is for good.
    """
    return f"""coalesce((
      SELECT bool_or(stop.reason NOT IN ('own_wish', 'resumed')) OR (({wish_counts})
        AND (array_agg(stop.reason ORDER BY stop.id DESC)
             FILTER (WHERE stop.reason IN ('own_wish', 'resumed')))[1] = 'own_wish')
      FROM stop_messages stop
      WHERE stop.territory_id = {person}.territory_id AND stop.person_id = {person}.id), false)"""  # noqa: S608


async def stop_messages(unit: Unit, person_id: int, reason: str) -> None:
    """Nothing more leaves for this person, what waits included, from this instant.

    reason: death, danger, own_wish (which alone may be taken back, by `resume_messages`).
    """
    await unit.fetch(
        "INSERT INTO stop_messages (person_id, reason, at, by) VALUES ($1, $2, $3, $4)",
        person_id,
        reason,
        unit.now,
        unit.actor.account_id,
    )
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'stopped', next_at = NULL "
        "WHERE person_id = $1 AND state IN ('waiting', 'failed')",
        person_id,
    )


async def resume_messages(unit: Unit, person_id: int) -> None:
    """The person wants to be written to again. A death or a danger is not undone by this."""
    await unit.fetch(
        "INSERT INTO stop_messages (person_id, reason, at, by) VALUES ($1, 'resumed', $2, $3)",
        person_id,
        unit.now,
        unit.actor.account_id,
    )


async def has_stopped(unit: Unit, person_id: int) -> bool:
    """Whether nothing is to leave for this person."""
    sql = f"SELECT {stopped('p')} FROM person p WHERE p.id = $1"  # noqa: S608 made of constants
    return bool(await unit.value(sql, person_id))
