"""Recommendations (préconisations): the kinds of housing that fit, in order, and the support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.households.external import to_report
from core.housing.kinds import shipped_kinds
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.facts import rebuild_facts
from core.requests.steps import lock
from core.requests.tables import Recommendation

SUPPORT = {
    0: N_("Aucun"),
    1: N_("Veille"),
    2: N_("Léger"),
    3: N_("Moyen"),
    4: N_("Intensif"),
}
"""Levels of support: 0 none, then the four intensities of domain.md §3."""


async def recommend(
    unit: Unit, request_id: int, items: Sequence[tuple[str, int | None, str]]
) -> None:
    """Say which kinds of housing fit, in order of preference: (kind, support level, why).

    The former recommendations end and stay readable. Raises Invalid on an unknown kind, one
    given twice, or a support level outside 0 to 4.
    """
    unit.require("requests.write")
    row = await lock(unit, request_id)
    if await replace_recommendations(unit, row, items):
        await unit.fetch(
            "UPDATE housing_request SET version = version + 1 WHERE id = $1", request_id
        )
        await rebuild_facts(unit, request_id)


async def replace_recommendations(
    unit: Unit, row: Mapping[str, Any], items: Sequence[tuple[str, int | None, str]]
) -> bool:
    """End what stood and write what is wanted; False when nothing differs. `row`: the demande."""
    wanted = [(kind, support, why.strip()) for kind, support, why in items]
    kinds = [kind for kind, _, _ in wanted]
    if len(set(kinds)) != len(kinds):
        raise Invalid({"kind_2": N_("Ce type de logement est indiqué deux fois.")})
    if not set(kinds) <= await known_kinds(unit):
        raise Invalid({"kind_1": N_("Choisissez une réponse de la liste.")})
    if any(support is not None and not 0 <= support <= 4 for _, support, _ in wanted):
        raise Invalid({"support_1": N_("Choisissez une réponse de la liste.")})
    stands = [
        (r["kind"], r["support"], r["why"])
        for r in await unit.fetch(
            "SELECT kind, support, why FROM recommendation "
            "WHERE request_id = $1 AND ends_at IS NULL ORDER BY rank, id",
            row["id"],
        )
    ]
    if stands == wanted:
        return False
    await unit.fetch(
        "UPDATE recommendation SET ends_at = $2 WHERE request_id = $1 AND ends_at IS NULL",
        row["id"],
        unit.now,
    )
    for rank, (kind, support, why) in enumerate(wanted, start=1):
        await Recommendation(
            request_id=row["id"],
            rank=rank,
            kind=kind,
            support=support,
            why=why,
            by=unit.actor.account_id,
            starts_at=unit.now,
        ).save()
    unit.record(
        "request.recommended",
        household_id=row["household_id"],
        subject=("request", row["id"]),
        kinds=kinds,
    )
    if row["first_sent_on"]:
        labels = await kind_labels(unit)
        said = " ; ".join(f"{n}. {labels.get(k, k)}" for n, k in enumerate(kinds, start=1))
        await to_report(unit, row["household_id"], "request", f"Préconisations – {said}")
    return True


async def known_kinds(unit: Unit) -> set[str]:
    """The kinds this territory offers today; the shipped ones until it has its own."""
    return set(await kind_labels(unit))


async def kind_labels(unit: Unit) -> dict[str, str]:
    """French label by kind, in the territory's words of today."""
    rows = await unit.fetch(
        "SELECT DISTINCT ON (code) code, label FROM housing_kind WHERE starts_on <= $1 "
        "AND (ends_on IS NULL OR ends_on > $1) ORDER BY code, starts_on DESC",
        unit.today,
    )
    shipped = {code: kind.label for code, kind in shipped_kinds().items()}
    own = {r["code"]: r["label"] for r in rows}
    # In the shipped order, which goes from emergency to ordinary housing.
    return {**{c: own[c] for c in shipped if c in own}, **own} if own else shipped
