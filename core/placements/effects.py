"""Carrying out what `effect_of` says: the one place where a referral moves other objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import core.matching.service  # noqa: F401  (waiting lists follow each step of a demande)
from core.housing.service import vacancy_step
from core.kernel.unit import Unit
from core.placements.rules import Effect
from core.requests.service import step


async def carry_out(
    unit: Unit,
    referral: Mapping[str, Any],
    effect: Effect,
    *,
    why: str,
    held_until: datetime | None = None,
    second_person: bool = False,
) -> None:
    """Move the vacancy and the demande, with its waiting entries, as the effect says.

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
