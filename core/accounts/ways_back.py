"""Ten codes to come back with: what a resident holds once the card has opened the first time.

A card's code opens once. Whoever came in with it, or the worker beside them, then takes a sheet of
ten codes; each opens once, with the birth date, like the card. A new sheet voids the one before,
and a new card voids the sheet: whoever lost their papers is safe again with one act.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from core.accounts.passwords import code_hash, new_code
from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

SHEET = 10
"""Codes on a sheet."""

SHEET_DAYS = 365
"""How long a sheet holds where the territory says nothing else (`sheet_days`)."""

FEW = 2
"""With so many left or fewer, it is time for a new sheet."""

MAX_SHEET_FAILS = 10
"""Wrong birth dates on a whole sheet before it is void, as for a card."""

NEVER_CAME = N_(
    "Cette personne n’est pas encore entrée avec une carte : donnez-lui d’abord la carte."
)

_LIVE = "used_at IS NULL AND voided_at IS NULL"


async def draw_sheet(
    territory_id: int, pepper: str, draws: Sequence[bytes] = ()
) -> list[tuple[str, bytes]]:
    """Ten new codes with what finds each of them. `draws` fixes their random bits (the demo's).

    Slow on purpose: call it outside of a Unit, or the database's connections wait with it.
    """
    codes = [new_code(draw) for draw in draws] or [new_code() for _ in range(SHEET)]
    hashes = await asyncio.gather(*(code_hash(code, territory_id, pepper) for code in codes))
    return list(zip(codes, hashes, strict=True))


async def issue_sheet(
    unit: Unit,
    person_id: int,
    sheet: Sequence[tuple[str, bytes]],
    *,
    days: int = SHEET_DAYS,
    beside: bool = False,
) -> datetime:
    """Give a person these codes (from `draw_sheet`) and void the sheet before; until when.

    Refused for who has died or never came in with a card. `beside` leaves the sheet before as it
    is: only the demonstration, whose visitors share one person, has a use for it.
    """
    if await unit.value("SELECT died_on FROM person WHERE id = $1", person_id):
        raise Refused(N_("Cette personne est décédée : aucun code ne peut être donné."))
    if not await has_come(unit, person_id):
        raise Refused(NEVER_CAME)
    if not beside:
        await void_sheet(unit, person_id)
    expires = unit.now + timedelta(days=days)
    await unit.fetch(
        "INSERT INTO return_code (person_id, number, hash, issued_at, issued_by, expires_at) "
        "SELECT $1, t.n, t.h, $3, $4, $5 FROM unnest($2::bytea[]) WITH ORDINALITY AS t (h, n)",
        person_id,
        [found for _, found in sheet],
        unit.now,
        unit.actor.account_id,
        expires,
    )
    unit.record(
        "access.sheet_issued",
        household_id=await _household_of(unit, person_id),
        person_id=person_id,
    )
    return expires


async def void_sheet(unit: Unit, person_id: int) -> None:
    """Its codes open nothing from now on."""
    await unit.fetch(
        f"UPDATE return_code SET voided_at = $2 WHERE person_id = $1 AND {_LIVE}",  # noqa: S608
        person_id,
        unit.now,
    )


async def has_come(unit: Unit, person_id: int) -> bool:
    """Whether this person came in once: the sheet is for coming back."""
    return bool(await unit.value("SELECT 1 FROM resident_account WHERE person_id = $1", person_id))


async def codes_left(unit: Unit, person_id: int) -> int:
    """How many codes would still open the door for this person."""
    return int(
        await unit.value(
            f"SELECT count(*) FROM return_code WHERE person_id = $1 AND {_LIVE} "  # noqa: S608
            "AND expires_at > $2",
            person_id,
            unit.now,
        )
    )


async def use_return_code(unit: Unit, found: bytes, birth: date | None) -> int | None:
    """The person whom a code of a sheet lets in, with their birth date; None for every mistake.

    Ten wrong dates on one sheet void all of it. None must still be committed: it counts.
    """
    row: Any = await unit.row(
        "SELECT c.id, c.person_id, p.birth FROM return_code c "
        "JOIN person p ON p.territory_id = c.territory_id AND p.id = c.person_id "
        "WHERE c.hash = $1 AND c.used_at IS NULL AND c.voided_at IS NULL AND c.expires_at > $2 "
        "FOR UPDATE OF c",
        found,
        unit.now,
    )
    if row is None:
        return None
    if birth is None or row["birth"] != birth:
        await _count_wrong(unit, row["id"], row["person_id"])
        return None
    await unit.fetch("UPDATE return_code SET used_at = $2 WHERE id = $1", row["id"], unit.now)
    unit.record("access.code_used_again", person_id=row["person_id"])
    return int(row["person_id"])


async def _count_wrong(unit: Unit, code_id: int, person_id: int) -> None:
    """The codes of one sheet are tried one after the other: the count is the sheet's."""
    # Two at once are counted one after the other: the person's row is their queue.
    await unit.fetch("SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE", person_id)
    await unit.fetch("UPDATE return_code SET fails = fails + 1 WHERE id = $1", code_id)
    fails = await unit.value(
        "SELECT sum(fails) FROM return_code WHERE person_id = $1 "
        "AND issued_at = (SELECT issued_at FROM return_code WHERE id = $2)",
        person_id,
        code_id,
    )
    if fails >= MAX_SHEET_FAILS:
        await void_sheet(unit, person_id)
        unit.record("access.code_voided", person_id=person_id)


async def _household_of(unit: Unit, person_id: int) -> Any:
    return await unit.value(
        "SELECT household_id FROM membership WHERE person_id = $1 AND ends_on IS NULL "
        "ORDER BY starts_on DESC, id DESC LIMIT 1",
        person_id,
    )
