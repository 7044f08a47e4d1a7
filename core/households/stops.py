"""To whom nothing may leave: a death or a danger for good, an own wish until it is taken back."""

from __future__ import annotations


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
