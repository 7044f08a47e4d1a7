"""Where a territory stands: first steps while it is new, then today's figures; one statement.

Figures name nobody and count households and people; an observer never reads a number under
`SMALL`, from which somebody might be recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.extension.context import Ctx
from core.extension.permissions import TEAM
from core.kernel.unit import Unit
from core.kernel.words import N_

SMALL = 11
"""Counts of people below this are not shown to those who may read no file."""

RECENT, IN_A_MONTH = timedelta(days=30), N_("en trente jours")

_STANDING = """
SELECT
  EXISTS (SELECT 1 FROM role_grant WHERE role IN ('coordinator', 'social_worker')
          AND (ends_on IS NULL OR ends_on > $1)) AS team,
  EXISTS (SELECT 1 FROM sector WHERE ended_on IS NULL) AS sectors,
  EXISTS (SELECT 1 FROM territory_organisation) AS organisations,
  EXISTS (SELECT 1 FROM housing_unit) AS units,
  EXISTS (SELECT 1 FROM housing_request) AS requests,
  w.households, w.persons,
  (SELECT count(*) FROM vacancy WHERE state = 'declared') AS free,
  (SELECT count(*) FROM referral WHERE proposed_at >= $2) AS referred,
  (SELECT count(*) FROM placement WHERE starts_on > $3 AND starts_on <= $1
     AND state <> 'planned') AS moved_in
FROM (SELECT count(*) AS households, coalesce(sum(f.persons), 0)::int AS persons
      FROM (SELECT DISTINCT request_id FROM waiting_entry WHERE state = 'active') e
      LEFT JOIN request_facts f ON f.request_id = e.request_id) w
"""


@dataclass(frozen=True)
class Step:
    """One of the first things to do in a new territory, and whether it is done."""

    label: str
    text: str
    path: str
    permission: str
    done: bool
    optional: bool = False


@dataclass(frozen=True)
class Figure:
    """A count of today; `value` None is one too small to be shown. `path` leads to its list."""

    label: str
    value: int | None
    hint: str = ""
    path: str = ""
    permission: str = ""


@dataclass(frozen=True)
class Standing:
    """The first steps that are left to show (none once all are done) and today's figures."""

    steps: tuple[Step, ...]
    figures: tuple[Figure, ...]


async def standing(ctx: Ctx, unit: Unit) -> Standing:
    """What this actor is shown of the territory as a whole: nothing without `figures.read`."""
    if not ctx.can("figures.read"):
        return Standing((), ())
    row = await unit.row(_STANDING, unit.today, unit.now - RECENT, unit.today - RECENT)
    assert row is not None
    steps = [
        Step(
            N_("Inviter l’équipe"), N_("Une coordination et des travailleurs sociaux."),
            "/equipe/inviter", "people.manage", row["team"],
        ),
        Step(
            N_("Dessiner les secteurs"), N_("Facultatif : des secteurs peuvent se recouvrir."),
            "/reglages/secteurs", "territory.settings", row["sectors"], optional=True,
        ),
        Step(
            N_("Ajouter les organisations"), N_("Celles qui gèrent des structures ou orientent."),
            "/structures/organisations", "housing.write", row["organisations"],
        ),
        Step(
            N_("Ouvrir les structures et leurs places"),
            N_("Type, commune, nombre de personnes, coût."),
            "/structures/nouvelle", "housing.write", row["units"],
        ),
        Step(
            N_("Recevoir une première demande"),
            N_("Cinq champs suffisent. Un fichier existant s’importe par « Imports »."),
            "/demandes/nouvelle", "requests.write", row["requests"],
        ),
    ]  # fmt: skip
    return Standing(
        () if all(s.done or s.optional for s in steps) else tuple(steps),
        tuple(_figures(ctx, row)) if row["requests"] else (),
    )


def _figures(ctx: Ctx, found: Mapping[str, Any]) -> list[Figure]:
    """The counts, and where each leads for those who may go there."""
    whole = bool(ctx.who.roles & TEAM)

    def shown(count: int) -> int | None:
        return count if whole or count == 0 or count >= SMALL else None

    lists = ("/listes", "lists.read")
    return [
        Figure(N_("Ménages en attente"), shown(found["households"]), "", *lists),
        Figure(N_("Personnes en attente"), shown(found["persons"]), "", *lists),
        Figure(N_("Places déclarées libres"), found["free"], "", "/places", "vacancies.read"),
        Figure(N_("Orientations proposées"), shown(found["referred"]), IN_A_MONTH),
        Figure(N_("Entrées"), shown(found["moved_in"]), IN_A_MONTH),
    ]
