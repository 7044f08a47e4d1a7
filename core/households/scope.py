"""Which households an actor may see: everyone's for the team, their organisation's for the rest."""

from __future__ import annotations

from core.extension.permissions import TEAM
from core.kernel.unit import Unit


def reach(unit: Unit) -> list[int] | None:
    """The organisations whose households the Unit's actor sees; None means all of the territory.

    Somebody without a role that sees all and without an organisation sees none.
    """
    actor = unit.actor
    if actor.kind == "system" or actor.roles & (TEAM | {"administrator"}):
        return None
    return sorted(actor.organisation_ids)


def visible(household: str, organisations: str, today: str) -> str:
    """SQL that is true where `household` (its id) may be seen.

    `organisations` and `today` are the statement's places for `reach(unit)` and the legal day,
    such as "$2": nothing a person typed. A key worker counts while named, a request for good.
    """
    return f"""({organisations}::bigint[] IS NULL OR EXISTS (
      SELECT 1 FROM key_worker seen WHERE seen.household_id = {household}
        AND seen.organisation_id = ANY({organisations}::bigint[])
        AND (seen.ends_on IS NULL OR seen.ends_on > {today}::date))
    OR EXISTS (
      SELECT 1 FROM housing_request seen WHERE seen.household_id = {household}
        AND seen.organisation_id = ANY({organisations}::bigint[])))"""  # noqa: S608
