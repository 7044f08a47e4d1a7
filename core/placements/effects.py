"""Carrying out what `effect_of` says: the one place where a referral moves other objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.housing.service import vacancy_step
from core.kernel.unit import Unit
from core.matching.service import enlist, entry_step
from core.placements.rules import Effect
from core.requests.service import step

_OPEN_ENTRIES = ("active", "paused", "to_refresh")


async def carry_out(
    unit: Unit,
    referral: Mapping[str, Any],
    effect: Effect,
    *,
    why: str,
    held_until: datetime | None = None,
    second_person: bool = False,
) -> None:
    """Move the vacancy, the demande and its waiting entries as the effect says.

    The act that led here was allowed; its effects ask for no permission of their own. `why` is
    the sentence of that act, kept in each history.
    """
    with unit.consequence():
        if effect.vacancy_verb:
            await vacancy_step(
                unit,
                referral["vacancy_id"],
                effect.vacancy_verb,
                facts={"admitted": effect.request_verb == "admit"},
                reason=why,
                held_until=held_until,
                household_id=referral["household_id"],
            )
        if effect.request_verb:
            await step(
                unit,
                referral["request_id"],
                effect.request_verb,
                facts={"vacancy_held": True, "reason": True, "second_person": second_person},
                reason=why,
                referral=referral["id"],
                seniority=effect.seniority,
            )
            await _follow_lists(unit, referral, effect.request_verb, why)


async def _follow_lists(unit: Unit, referral: Mapping[str, Any], verb: str, why: str) -> None:
    """The demande's places on waiting lists go along; what already went is left as it is."""
    entries = await unit.fetch(
        "SELECT id, state FROM waiting_entry WHERE request_id = $1 ORDER BY id",
        referral["request_id"],
    )
    open_entries = [e["id"] for e in entries if e["state"] in _OPEN_ENTRIES]
    placed = [e["id"] for e in entries if e["state"] == "placed"]
    if verb == "admit":
        for entry_id in open_entries:
            await entry_step(unit, entry_id, "place", facts={"admitted": True}, reason=why)
    elif verb == "return_to_list" and not open_entries:
        for entry_id in placed:
            await entry_step(unit, entry_id, "return", reason=why)
        if not placed:
            kind = await unit.value(
                "SELECT kind FROM vacancy WHERE id = $1", referral["vacancy_id"]
            )
            await enlist(unit, referral["request_id"], kind)
