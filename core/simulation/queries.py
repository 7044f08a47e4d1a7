"""Reads of replays: those of a list, one with its report, and the households it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.simulation.findings import Found

STATES = ("waiting", "running", "done", "stopped", "failed")

_ONE = """
SELECT s.id, s.ref, s.kind, s.keys, s.title, s.starts_on, s.ends_on, s.state, s.asked_at, s.total,
  s.done, s.ended_at, s.stop_at, a.name AS author, b.name AS stopper, r.version AS rule_version,
  d.rule_id IS NOT NULL AS signed_since
FROM simulation s LEFT JOIN account a ON a.id = s.asked_by
LEFT JOIN account b ON b.id = s.stop_by
LEFT JOIN ranking_rule r ON r.territory_id = s.territory_id AND r.id = s.rule_id
LEFT JOIN ranking_draft d ON d.territory_id = s.territory_id AND d.id = s.draft_id
"""


async def simulations(unit: Unit, kind: str, limit: int = 50) -> list[Any]:
    """The replays of a list, the newest first."""
    return await unit.fetch(f"{_ONE} WHERE s.kind = $1 ORDER BY s.id DESC LIMIT $2", kind, limit)


async def simulation(unit: Unit, ref: str) -> tuple[Mapping[str, Any], Found | None]:
    """One replay, and its report once it is done. Raises NotFound."""
    row = await unit.row(f"{_ONE} WHERE s.ref = $1", ref.upper())
    if row is None:
        raise NotFound()
    stored = await unit.value(
        "SELECT found FROM simulation_report WHERE simulation_id = $1", row["id"]
    )
    return dict(row), msgspec.json.decode(stored, type=Found) if stored else None


async def named(unit: Unit, request_ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """Reference and main person of these demandes; one that was erased is missing."""
    rows = await unit.fetch(
        "SELECT q.id, q.ref, n.family_name, n.given_name FROM housing_request q "
        "LEFT JOIN LATERAL (SELECT p.family_name, p.given_name FROM membership m "
        "JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id "
        "WHERE m.territory_id = q.territory_id AND m.household_id = q.household_id "
        "AND m.role = 'main' ORDER BY m.ends_on IS NULL DESC, m.id DESC LIMIT 1) n ON true "
        "WHERE q.id = ANY($1)",
        list(request_ids),
    )
    return {r["id"]: r for r in rows}
