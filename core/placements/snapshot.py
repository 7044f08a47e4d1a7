"""What a referral was decided on, kept word for word, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.offers import RULE

FACT_LABELS = {
    "composition": N_("Composition"),
    "persons": N_("Nombre de personnes"),
    "couple": N_("Couple"),
    "adults": N_("Nombre d’adultes"),
    "youngest_birth": N_("Naissance du plus jeune"),
    "eldest_birth": N_("Naissance du plus âgé"),
    "lawful_stay": N_("Droit au séjour"),
    "social_housing_no": N_("Numéro unique"),
    "resources_cents": N_("Ressources mensuelles"),
    "kinds": N_("Préconisations"),
    "areas_wanted": N_("Communes souhaitées"),
    "areas_refused": N_("Communes refusées"),
    "accessible_needed": N_("Accessibilité nécessaire"),
    "animals": N_("Animaux"),
    "support": N_("Accompagnement"),
}
"""The facts that a referral keeps, with their names on the screen."""

_FACTS = "SELECT * FROM request_facts WHERE request_id = $1"
_LOCK = f"""
SELECT q.*, {", ".join(f"f.{name}" for name in FACT_LABELS)},
       r.id AS rule_id, r.version AS rule_version, r.text AS rule_text
FROM housing_request q
LEFT JOIN request_facts f ON f.territory_id = q.territory_id AND f.request_id = q.id
LEFT JOIN LATERAL ({RULE.format(kind="$2", on="$3")}) r ON true
WHERE q.id = $1
FOR UPDATE OF q
"""  # noqa: S608 -- the names are ours


def plain(value: Any) -> Any:
    """A value as it stands in json: dates as ISO text, tuples as lists."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


async def facts_now(unit: Unit, request_id: int) -> dict[str, Any]:
    """The facts of a demande today; None for what was not asked."""
    return _facts_of(await unit.row(_FACTS, request_id))


def _facts_of(row: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: plain(row[name]) if row else None for name in FACT_LABELS}


async def lock_request(unit: Unit, request_id: int, kind: str) -> Mapping[str, Any]:
    """The demande, held until the Unit ends, with its facts and the rule of that kind's list.

    One statement: a fact changed while it waited for the row shows as changed afterwards.
    """
    row = await unit.row(_LOCK, request_id, kind, unit.today)
    if row is None:
        raise NotFound()
    return row


def snapshot_of(
    vacancy: Mapping[str, Any],
    request: Mapping[str, Any],
    rank: int | None,
    passed_over: int,
    judged: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What is known at the moment of the referral; `request` comes from `lock_request`, `judged`
    from `Explanation.snapshot`: each criterion's answer."""
    rule = {
        "id": request["rule_id"],
        "version": request["rule_version"],
        "text": request["rule_text"],
    }
    return {
        "facts": _facts_of(request),
        "kind": vacancy["kind"],
        "free_on": plain(vacancy["free_on"]),
        "seed": vacancy["draw_seed"].hex(),
        "seniority_on": plain(request["seniority_on"]),
        "rule": rule if request["rule_id"] else None,
        "rank": rank,
        "passed_over": passed_over,
        **(judged or {}),
    }


def changed_facts(stored: str, now: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(label, then, now) of each fact that differs from the referral's snapshot."""
    then = msgspec.json.decode(stored).get("facts", {})
    return [
        (label, then.get(name), now.get(name))
        for name, label in FACT_LABELS.items()
        if name in then and then[name] != now.get(name)
    ]
