"""Why a place was proposed, from what the referral kept: facts, rule, answers, who and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from core.kernel.unit import Unit
from core.placements.snapshot import FACT_LABELS

_LAST = """
SELECT r.ref, r.state, r.proposed_at, r.rank, r.snapshot, a.name AS author
FROM referral r LEFT JOIN account a ON a.id = r.proposed_by
WHERE r.request_id = $1 ORDER BY r.id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal as it was decided. `facts`: (name, label, value) of what was known;
    `answers`: each criterion's, True, False or None (to be checked)."""

    ref: str
    state: str
    at: datetime
    author: str | None
    rank: int | None
    facts: tuple[tuple[str, str, Any], ...]
    rule_version: int | None
    rule_text: str
    seed: str
    passed_over: int
    answers: tuple[tuple[str, bool | None], ...]


async def decided_of(unit: Unit, request_id: int, limit: int = 5) -> list[Decided]:
    """The proposals of a demande, the latest first, each from its own snapshot."""
    return [_decided(r) for r in await unit.fetch(_LAST, request_id, limit)]


def _decided(row: Any) -> Decided:
    kept = msgspec.json.decode(row["snapshot"])
    facts, rule = kept.get("facts") or {}, kept.get("rule") or {}
    return Decided(
        row["ref"],
        row["state"],
        row["proposed_at"],
        row["author"],
        row["rank"],
        tuple((n, label, facts[n]) for n, label in FACT_LABELS.items() if n in facts),
        rule.get("version"),
        rule.get("text") or "",
        kept.get("seed") or "",
        kept.get("passed_over") or 0,
        tuple((kept.get("verdicts") or {}).items()),
    )
