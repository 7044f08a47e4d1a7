"""A scope as SQL: which households it opens, the same sentence for every list and single read."""

from __future__ import annotations


def visible(household: str, organisations: str, today: str) -> str:
    """SQL that is true where `household` (its id) may be seen.

    `organisations` and `today` are the statement's places for `Scope.over_files` and the legal
    day, such as "$2": nothing a person typed. A key worker counts from the day
    they begin to the day they end, a request for good.
    """
    return f"""({organisations}::bigint[] IS NULL OR EXISTS (
      SELECT 1 FROM key_worker seen WHERE seen.household_id = {household}
        AND seen.organisation_id = ANY({organisations}::bigint[])
        AND seen.starts_on <= {today}::date
        AND (seen.ends_on IS NULL OR seen.ends_on > {today}::date))
    OR EXISTS (
      SELECT 1 FROM housing_request seen WHERE seen.household_id = {household}
        AND seen.organisation_id = ANY({organisations}::bigint[])))"""  # noqa: S608
