"""Portfolios: who follows which sectors and publics, how many files, who takes over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.extension.permissions import TEAM
from core.households.key_workers import HOLDS_ROLE
from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

_WORKERS = """
SELECT a.id, a.name,
       (SELECT count(*) FROM key_worker k WHERE k.account_id = a.id
          AND (k.ends_on IS NULL OR k.ends_on > $1)) AS files,
       (SELECT count(*) FROM key_worker k
          JOIN membership m ON m.household_id = k.household_id
          AND (m.ends_on IS NULL OR m.ends_on > $1)
        WHERE k.account_id = a.id AND (k.ends_on IS NULL OR k.ends_on > $1)) AS persons,
       (SELECT json_agg(json_build_object('id', p.id, 'sector', s.name, 'public', p.public)
                        ORDER BY s.name, p.public, p.id)
        FROM portfolio p
        LEFT JOIN sector s ON s.territory_id = p.territory_id AND s.id = p.sector_id
        WHERE p.account_id = a.id AND p.starts_on <= $1
          AND (p.ends_on IS NULL OR p.ends_on > $1)) AS portfolios,
       b.starts_on AS away_from, b.ends_on AS away_until, b.kind AS away_kind
FROM account a
LEFT JOIN LATERAL (
  SELECT starts_on, ends_on, kind FROM absence WHERE account_id = a.id
    AND (ends_on IS NULL OR ends_on > $1) ORDER BY starts_on LIMIT 1
) b ON true
WHERE a.disabled_at IS NULL AND (
  EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id AND g.role = ANY($2)
          AND g.starts_on <= $1 AND (g.ends_on IS NULL OR g.ends_on > $1))
  OR EXISTS (SELECT 1 FROM key_worker k WHERE k.account_id = a.id AND k.role = 'siao'
             AND (k.ends_on IS NULL OR k.ends_on > $1)))
ORDER BY a.name, a.id
"""


async def portfolios(unit: Unit) -> list[Any]:
    """Each worker of the team, their portfolios, how many households and people they follow."""
    return await unit.fetch(_WORKERS, unit.today, sorted(TEAM))


_FILES = """
SELECT k.household_id, h.ref, k.role, h.sector_id, s.name AS sector, p.family_name, p.given_name
FROM key_worker k JOIN household h ON h.territory_id = k.territory_id AND h.id = k.household_id
LEFT JOIN sector s ON s.territory_id = h.territory_id AND s.id = h.sector_id
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name, p.search_key FROM membership m
  JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  WHERE m.household_id = h.id ORDER BY (m.ends_on IS NULL) DESC, m.role = 'main' DESC, m.id LIMIT 1
) p ON true
WHERE k.account_id = $1 AND (k.ends_on IS NULL OR k.ends_on > $2)
ORDER BY s.name NULLS LAST, p.search_key, h.id
"""


async def files_of_worker(unit: Unit, account_id: int, on: Any) -> list[Any]:
    """The files that a worker holds from a day on, by sector then by name."""
    return await unit.fetch(_FILES, account_id, on)


def share(
    files: Iterable[Any], by_sector: dict[int | None, int], by_file: dict[str, int]
) -> dict[int, int]:
    """Who takes each household: the one chosen for it, else the one chosen for its sector.

    Files for which nobody was chosen are left out. Pure.
    """
    found = {}
    for file in files:
        target = by_file.get(file["ref"]) or by_sector.get(file["sector_id"])
        if target:
            found[file["household_id"]] = target
    return found


async def open_portfolio(
    unit: Unit, account_id: int, *, sector_id: int | None = None, public: str = ""
) -> int:
    """Give a worker the files of a sector, of a public, or of both, from today on."""
    unit.require("households.hand_over")
    if not await unit.value(HOLDS_ROLE, account_id, sorted(TEAM), unit.today):
        raise Refused(N_("Ce compte ne peut pas être référent."))
    held = await unit.value(
        "SELECT id FROM portfolio WHERE account_id = $1 AND sector_id IS NOT DISTINCT FROM $2 "
        "AND public = $3 AND ends_on IS NULL",
        account_id,
        sector_id,
        public,
    )
    if held:
        return int(held)
    return int(
        await unit.value(
            "INSERT INTO portfolio (account_id, sector_id, public, starts_on) "
            "VALUES ($1, $2, $3, $4) RETURNING id",
            account_id,
            sector_id,
            public,
            unit.today,
        )
    )


async def end_portfolio(unit: Unit, portfolio_id: int) -> None:
    """The portfolio takes no new file from today on; its files stay where they are."""
    unit.require("households.hand_over")
    await unit.fetch(
        "UPDATE portfolio SET ends_on = greatest($2::date, starts_on) "
        "WHERE id = $1 AND ends_on IS NULL",
        portfolio_id,
        unit.today,
    )
