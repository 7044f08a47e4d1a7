"""Open a territory with all it needs to work on its first day."""

from __future__ import annotations

from typing import Any

import msgspec

from core.housing.service import seed_kinds
from core.kernel.clock import Clock
from core.kernel.unit import SYSTEM, Actor, Unit
from core.matching.ranking import FIRST_RULE
from core.matching.rulecheck import write_rule
from core.matching.ruletexts import plain_sentences
from core.placements.service import seed_reasons
from core.territories.service import create_territory, load_code_lists

RULE_TEXT = "\n".join(str(said) for said in plain_sentences(FIRST_RULE))
"""The first ranking rule in words, as households read it: the oldest demande, then the draw."""

RULE_KEYS = tuple(write_rule(FIRST_RULE))


async def open_territory(
    *,
    slug: str,
    name: str,
    clock: Clock | None = None,
    actor: Actor = SYSTEM,
    zone: str = "Europe/Paris",
    **about: Any,
) -> int:
    """A territory with the shipped code lists, kinds, refusal reasons and first ranking rules.

    `about` goes to `create_territory`. Two transactions: the wall lets nobody write into a
    territory that is not yet there; the second may be run again (`furnish`).
    """
    clock = clock or Clock()
    async with Unit(territory_id=None, actor=actor, clock=clock, zone=zone) as unit:
        await load_code_lists(unit)
        territory_id = await create_territory(unit, slug=slug, name=name, zone=zone, **about)
    async with Unit(territory_id=territory_id, actor=actor, clock=clock, zone=zone) as unit:
        await furnish(unit)
    return territory_id


async def furnish(unit: Unit) -> None:
    """Give a territory the shipped kinds and reasons, and one rule per kind that has none."""
    await seed_kinds(unit)
    await seed_reasons(unit)
    await unit.fetch(
        "INSERT INTO ranking_rule (kind, version, keys, text, starts_on, signed_by, signed_at, "
        "applied_at) "
        "SELECT DISTINCT k.code, 1, $1::jsonb, $2, $3::date, $4::bigint, $5::timestamptz, "
        "$5::timestamptz "
        "FROM housing_kind k "
        "WHERE NOT EXISTS (SELECT 1 FROM ranking_rule r WHERE r.kind = k.code)",
        msgspec.json.encode(RULE_KEYS).decode(),
        RULE_TEXT,
        unit.today,
        unit.actor.account_id,
        unit.now,
    )
