"""How a team's headers were mapped: remembered for the next file, corrected by a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.imports import columns
from core.imports.opening import encode
from core.imports.problems import Untrustworthy
from core.kernel.unit import Unit


def chosen(mapping: columns.Mapping, choices: Mapping[str, str | None]) -> columns.Mapping:
    """The mapping with a person's choices, by header as it is written in the file."""
    by_header = {one.header: one.index for one in mapping.columns}
    for header, field in choices.items():
        if header not in by_header:
            raise Untrustworthy("unknown_column", column=header)
        if field is not None and field not in columns.BY_NAME:
            raise Untrustworthy("unknown_field", field=field)
    return mapping.corrected({by_header[h]: field for h, field in choices.items()})


async def remembered_mappings(unit: Unit) -> dict[str, dict[str, Any]]:
    """How the headers met here before were mapped, by fingerprint."""
    rows = await unit.fetch("SELECT fingerprint, mapping FROM column_mapping")
    return {r["fingerprint"]: msgspec.json.decode(r["mapping"]) for r in rows}


async def remember_mapping(unit: Unit, mapping: columns.Mapping) -> None:
    """The same header will be read the same way next time."""
    await unit.fetch(
        "INSERT INTO column_mapping (fingerprint, mapping, by, at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (territory_id, fingerprint) DO UPDATE SET mapping = excluded.mapping, "
        "by = excluded.by, at = excluded.at WHERE column_mapping.mapping <> excluded.mapping",
        mapping.fingerprint,
        encode(mapping.to_dict()),
        unit.actor.account_id,
        unit.now,
    )
