"""Files that open only to who follows the household, where those of an AMI are reserved."""

from __future__ import annotations

from core.extension.context import Ctx
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.settings import settings_of
from plugins.programmes.settings import Settings

FILES = frozenset({"households.read", "requests.read"})
"""What opens a household's file; a structure reads what is proposed to it by other rights."""

CONCERNED = frozenset({"social_worker", "prescriber", "observer"})
"""Roles that open files and answer for none by themselves."""

RESERVED = N_("Ce dossier est réservé aux personnes qui suivent ce ménage dans un programme. "
              "Demandez l’accès à la coordination.")  # fmt: skip

_FOLLOWED = """
SELECT bool_or(m.referent_id = $3) OR EXISTS (
  SELECT 1 FROM key_worker k WHERE k.household_id = $1 AND k.account_id = $3
    AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2))
FROM plugin_programmes.member m
JOIN plugin_programmes.programme p ON p.territory_id = m.territory_id AND p.id = m.programme_id
WHERE m.household_id = $1 AND p.kind = 'ami' AND m.starts_on <= $2
  AND (m.ends_on IS NULL OR m.ends_on > $2)
HAVING count(*) > 0
"""
"""Whether somebody follows a household that is in an AMI; no row where it is in none."""


async def refusal(ctx: Ctx, unit: Unit, permission: str, household_id: int) -> str | None:
    """Why this person may not open that file, or None."""
    actor = ctx.actor
    if actor is None or permission not in FILES or not actor.roles or actor.roles - CONCERNED:
        return None
    if not (await settings_of(unit, "programmes", Settings)).reserved:
        return None
    row = await unit.row(_FOLLOWED, household_id, unit.today, actor.account_id)
    return None if row is None or row[0] else RESERVED
