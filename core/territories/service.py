"""Make a territory, and change what it may tune: settings, sectors, areas, code lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.kernel.errors import Invalid, NotFound
from core.kernel.spelling import search_key
from core.kernel.unit import Unit
from core.kernel.words import LANGUAGES, N_
from core.territories.codes import shipped_lists
from core.territories.tables import Territory
from core.territories.tuning import change_setting, change_settings, keep_value

__all__ = [
    "RESERVED",
    "add_area",
    "change_setting",
    "change_settings",
    "create_territory",
    "end_sector",
    "keep_value",
    "load_code_lists",
    "open_sector",
]

RESERVED = frozenset(
    {"admin", "static", "healthz", "readyz", "version", "api", "s", "metrics", *LANGUAGES}
)
"""Names that addresses need for themselves."""

_SLUG = re.compile(r"[a-z0-9](-?[a-z0-9])*")


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
    """A new territory, empty; raises Invalid with what is wrong, field by field."""
    wrong = _wrong_territory(slug, name, zone, country, langs)
    if not wrong and await unit.value("SELECT 1 FROM territory WHERE slug = $1", slug):
        wrong = {"slug": N_("Ce nom court est déjà pris.")}
    if wrong:
        raise Invalid(wrong)
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


def _wrong_territory(
    slug: str, name: str, zone: str, country: str, langs: Sequence[str]
) -> dict[str, str]:
    wrong = {}
    if not _SLUG.fullmatch(slug):
        wrong["slug"] = N_(
            "Le nom court ne peut contenir que des lettres minuscules, des chiffres et des tirets."
        )
    elif slug in RESERVED:
        wrong["slug"] = N_("Ce nom court est réservé.")
    if not name.strip():
        wrong["name"] = N_("Indiquez le nom du territoire.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong["zone"] = N_("Ce fuseau horaire n’existe pas. Exemple : Europe/Paris.")
    if not re.fullmatch("[A-Z]{2}", country):
        wrong["country"] = N_("Indiquez le pays en deux lettres. Exemple : FR.")
    if not langs or not all(re.fullmatch(r"[a-z]{2}(@[a-z]+)?", lang) for lang in langs):
        wrong["langs"] = N_("Indiquez des langues en deux lettres. Exemple : fr,en.")
    elif unknown := [lang for lang in langs if lang not in LANGUAGES]:
        known = ", ".join(LANGUAGES)
        wrong["langs"] = f"Langue inconnue ici : {', '.join(unknown)}. Langues connues : {known}."
    return wrong


async def load_code_lists(unit: Unit) -> int:
    """Bring the shipped code lists into the database; returns how many entries were new.

    An entry that stands is kept as it is: a territory's history refers to it.
    """
    rows = [
        {
            "list": name,
            "code": item.id,
            "label": item.label,
            "label_en": item.label_en,
            "grouping": item.group,
        }
        for name, held in shipped_lists().items()
        for item in held.items
    ]
    new = await unit.fetch(
        "INSERT INTO code (list, code, label, label_en, grouping) "
        "SELECT * FROM jsonb_to_recordset($1::jsonb) "
        "AS c(list text, code int, label text, label_en text, grouping text) "
        "ON CONFLICT (list, code) DO NOTHING RETURNING id",
        msgspec.json.encode(rows).decode(),
    )
    return len(new)


async def open_sector(unit: Unit, *, code: str, name: str, authority: str = "") -> int:
    """A part of the territory with its own authority; sectors may overlap."""
    if not code.strip() or not name.strip():
        raise Invalid({"name": N_("Indiquez le nom du secteur.")})
    if await unit.value("SELECT 1 FROM sector WHERE code = $1", code.strip()):
        raise Invalid({"code": N_("Un secteur a déjà ce code.")})
    sector_id = await unit.value(
        "INSERT INTO sector (code, name, authority) VALUES ($1, $2, $3) RETURNING id",
        code.strip(),
        name.strip(),
        authority.strip(),
    )
    unit.record("territory.sector_opened", subject=("sector", sector_id))
    return int(sector_id)


async def end_sector(unit: Unit, sector_id: int) -> None:
    """A sector ends today; what refers to it stays readable."""
    ended = await unit.value(
        "UPDATE sector SET ended_on = $2 WHERE id = $1 AND ended_on IS NULL RETURNING id",
        sector_id,
        unit.today,
    )
    if ended is None:
        raise NotFound(N_("Ce secteur est déjà terminé."))
    unit.record("territory.sector_ended", subject=("sector", sector_id))


async def add_area(
    unit: Unit, *, name: str, postcode: str = "", sector_ids: Sequence[int] = ()
) -> int:
    """A commune or quarter, in one sector or several; one that is known is only placed further."""
    if not name.strip():
        raise Invalid({"area": N_("Indiquez le nom de la commune.")})
    area_id = await unit.value(
        "SELECT id FROM area WHERE search_key = $1 AND postcode = $2",
        search_key(name),
        postcode.strip(),
    )
    if area_id is None:
        area_id = await unit.value(
            "INSERT INTO area (name, postcode, search_key) VALUES ($1, $2, $3) RETURNING id",
            name.strip(),
            postcode.strip(),
            search_key(name),
        )
    for sector_id in sector_ids:
        await unit.fetch(
            "INSERT INTO sector_area (sector_id, area_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            sector_id,
            area_id,
        )
    return int(area_id)
