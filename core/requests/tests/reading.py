"""What tests read of a demande: a column, the kinds of its events."""

from __future__ import annotations

from typing import Any

from core.kernel.unit import Unit


async def column(unit: Unit, request_id: int, name: str) -> Any:
    return await unit.value(
        f"SELECT {name} FROM housing_request WHERE id = $1",
        request_id,
    )


async def kinds(unit: Unit, request_id: int) -> list[str]:
    rows = await unit.fetch(
        "SELECT e.kind FROM event e WHERE e.subject_kind = 'request' AND e.subject_id = $1 "
        "ORDER BY e.id",
        request_id,
    )
    return [r["kind"] for r in rows]
