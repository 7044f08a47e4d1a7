"""Stays end: leaving with a code, and an exit noted by mistake that is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.housing.service import awaits_household
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.rules import PLACEMENT
from core.territories.codes import code_list

LATER = N_("Cette date est à venir : notez-la le jour venu.")


async def exit_stay(
    unit: Unit, placement_id: int, *, on: date, exit_code: int, words: str = ""
) -> None:
    """The household leaves, for where `exit_code` (SI-SIAO's list) says."""
    unit.require("placements.record")
    row = await lock_stay(unit, placement_id)
    known = {item.id for item in code_list("exit").items}
    if exit_code not in known:
        raise Invalid({"exit_code": N_("Indiquez où va le ménage.")})
    if on > unit.today:
        raise Invalid({"on": LATER})
    if on < row["starts_on"]:
        raise Invalid({"on": N_("La sortie ne peut pas précéder l’entrée.")})
    facts = {"date": True, "dates_in_order": True, "exit_code": True}
    transition = PLACEMENT.apply(row["state"], "exit", facts)
    await unit.fetch(
        "UPDATE placement SET state = $2, ends_on = $3, exit_code = $4, exit_words = $5 "
        "WHERE id = $1",
        placement_id,
        transition.target,
        on,
        exit_code,
        words,
    )
    await trace(
        unit, placement_id, transition.verb, transition.target, words, on=on, exit_code=exit_code
    )
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("placement", placement_id),
        on=on.isoformat(),
        exit_code=exit_code,
    )


async def undo_exit(unit: Unit, placement_id: int, *, reason: str) -> None:
    """An exit noted by mistake is taken back; the place must still be free.

    The stay goes on, and the exit stays in its history as it was noted, with who took it back.
    """
    unit.require("placements.record")
    row = await lock_stay(unit, placement_id)
    if not reason.strip():
        raise Invalid({"reason": N_("Indiquez un motif.")})
    busy = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND id <> $2 AND state <> 'cancelled' "
        "AND (ends_on IS NULL OR ends_on > $3) UNION ALL "
        "SELECT 1 FROM vacancy WHERE unit_id = $1 AND state IN ('declared', 'held', 'frozen')",
        row["unit_id"],
        placement_id,
        row["starts_on"],
    )
    other = await unit.value(
        "SELECT 1 FROM placement WHERE household_id = $1 AND id <> $2 AND state <> 'cancelled' "
        "AND NOT double AND (ends_on IS NULL OR ends_on > $3)",
        row["household_id"],
        placement_id,
        row["ends_on"],
    )
    busy = busy or await awaits_household(unit, row["unit_id"])
    facts = {"reason": True, "unit_free": not busy, "no_other_placement": not other}
    transition = PLACEMENT.apply(row["state"], "undo_exit", facts)
    await unit.fetch(
        "UPDATE placement SET state = $2, ends_on = NULL, exit_code = NULL, exit_words = '' "
        "WHERE id = $1",
        placement_id,
        transition.target,
    )
    await trace(unit, placement_id, transition.verb, transition.target, reason)
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("placement", placement_id),
    )


def own_place(unit: Unit, organisation_id: int) -> None:
    if not unit.scope("placements.record").runs(organisation_id):
        raise NotFound()


async def lock_stay(unit: Unit, placement_id: int) -> Mapping[str, Any]:
    row = await unit.row(
        "SELECT s.*, p.organisation_id FROM placement s "
        "JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE s.id = $1 FOR UPDATE OF s",
        placement_id,
    )
    if row is None:
        raise NotFound()
    own_place(unit, row["organisation_id"])
    return row


async def trace(
    unit: Unit,
    placement_id: int,
    verb: str,
    state: str,
    words: str = "",
    *,
    on: date | None = None,
    exit_code: int | None = None,
) -> None:
    await unit.fetch(
        "INSERT INTO placement_state (placement_id, verb, state, at, by, words, on_date, "
        "exit_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        placement_id,
        verb,
        state,
        unit.now,
        unit.actor.account_id,
        words,
        on,
        exit_code,
    )
