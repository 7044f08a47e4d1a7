"""Which households nobody of the team answers for: the same sentence for every count and list."""

from __future__ import annotations


def alone(today: str) -> str:
    """SQL that is true of a household `h` for which the team must name a key worker.

    Its file is open, nobody of the team answers for it on that day, and something is asked for: a
    household whose demandes have all ended needs nobody. `today` is the statement's place for the
    legal day, such as "$1".
    """
    return f"""(h.archived_on IS NULL AND h.merged_into IS NULL
  AND NOT EXISTS (SELECT 1 FROM key_worker w WHERE w.household_id = h.id AND w.role = 'siao'
    AND w.starts_on <= {today}::date AND (w.ends_on IS NULL OR w.ends_on > {today}::date))
  AND (EXISTS (SELECT 1 FROM housing_request q WHERE q.household_id = h.id
         AND q.state NOT IN ('closed', 'cancelled', 'refused'))
    OR NOT EXISTS (SELECT 1 FROM housing_request q WHERE q.household_id = h.id)))"""  # noqa: S608


SINCE = """coalesce((SELECT max(w.ends_on) FROM key_worker w WHERE w.household_id = h.id
  AND w.role = 'siao' AND w.ends_on > w.starts_on), h.created_at::date)"""
"""Since when: the day the last one ended (not one taken back the day they were named), or the day
the file was opened."""
