"""Pure decisions about steps: no database, no clock."""

from __future__ import annotations

from datetime import date, timedelta

from core.kernel.words import N_

OUTCOMES = {"done": N_("Faite"), "given_up": N_("Abandonnée")}
"""How a step ends, with its word."""


def tone(due_on: date, ended_on: date | None, today: date, days: int) -> str:
    """How pressing a step is: "neutral" once ended, "error" when late, "warn" within `days`."""
    if ended_on is not None:
        return "neutral"
    if due_on < today:
        return "error"
    return "warn" if due_on <= today + timedelta(days=days) else "info"
