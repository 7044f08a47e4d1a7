"""The shipped refusal reasons as a territory's own dated data."""

from __future__ import annotations

from datetime import date

from core.kernel.unit import Unit
from core.placements.reasons import shipped_reasons

SINCE = date(2000, 1, 1)
"""Shipped reasons hold from before any date this platform knows."""


async def seed_reasons(unit: Unit, *, starts_on: date = SINCE) -> int:
    """Give the territory the shipped refusal reasons, its own from then on. How many were new."""
    rows = await unit.fetch("SELECT DISTINCT author, code FROM refusal_reason")
    known = {(r["author"], r["code"]) for r in rows}
    new = [r for r in shipped_reasons() if (r.author, r.code) not in known]
    await unit.connection.executemany(
        "INSERT INTO refusal_reason (author, code, label, plain, admissible, binds_household, "
        "keeps_seniority, needs_words, evidence, contestable, starts_on) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            (
                r.author, r.code, r.label, r.plain, r.admissible, r.binds_household,
                r.keeps_seniority, r.needs_words, r.evidence, r.contestable, starts_on,
            )
            for r in new
        ],
    )  # fmt: skip
    return len(new)
