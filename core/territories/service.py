"""Make a territory, and change what it may tune."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.tables import Territory

RESERVED = frozenset(
    {"admin", "static", "healthz", "readyz", "version", "api", "s", "fr", "en", "metrics"}
)
"""Names that addresses need for themselves."""


async def create_territory(
    unit: Unit,
    *,
    slug: str,
    name: str,
    zone: str = "Europe/Paris",
    country: str = "FR",
    langs: tuple[str, ...] = ("fr", "en"),
    vocabulary: str = "fr",
    team_name: str = "",
    team_phone: str = "",
    emergency_phone: str = "115",
) -> int:
    """A new territory, empty; raises Invalid when its short name is reserved or taken."""
    if slug in RESERVED:
        raise Invalid({"slug": N_("Ce nom court est réservé.")})
    if await unit.value("SELECT 1 FROM territory WHERE slug = $1", slug):
        raise Invalid({"slug": N_("Ce nom court est déjà pris.")})
    row = Territory(
        slug=slug,
        name=name,
        zone=zone,
        country=country,
        langs=list(langs),
        vocabulary=vocabulary,
        team_name=team_name or name,
        team_phone=team_phone,
        emergency_phone=emergency_phone,
        created_at=unit.now,
    )
    await row.save()
    return int(row.id)


async def change_setting(
    unit: Unit, name: str, value: Any, *, starts_on: date, why: str = "", plugin: str = "core"
) -> None:
    """A setting takes a value from a day on, with its author; what was before stays readable."""
    await unit.fetch(
        "INSERT INTO setting (plugin, name, value, starts_on, by, why, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        plugin,
        name,
        msgspec.json.encode(value).decode(),
        starts_on,
        unit.actor.account_id,
        why,
        unit.now,
    )
    unit.record("territory.setting_changed", setting=f"{plugin}.{name}")
