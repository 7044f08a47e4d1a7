"""Who fits a vacancy, in the list's order, with the plain facts that say why or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence

# The codes are those of a passing-over: a reason found here is the reason proposed there.
OBSTACLES: Mapping[str, str] = {
    "size": N_("%(persons)s personne(s) pour une place de %(low)s à %(high)s."),
    "accessibility": N_("Le ménage a besoin d’un lieu accessible ; celui-ci ne l’est pas."),
    "area": N_("Le ménage refuse cette commune."),
    "animal": N_("Le ménage a un animal ; la structure ne les accepte pas."),
}
DOUBTS: Mapping[str, str] = {
    "size": N_("Nombre de personnes non renseigné."),
    "accessibility": N_("Accessibilité de la place non renseignée."),
    "animal": N_("Accueil des animaux non renseigné."),
}
"""What nobody knows yet: never counted against a household."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the list of the vacancy's kind. `rank` is among everybody on that list."""

    request_id: int
    ref: str
    household_id: int
    family_name: str
    given_name: str
    rank: int
    priority: int
    seniority_on: Any
    persons: int | None
    composition: int | None
    obstacles: tuple[tuple[str, Sentence], ...]
    doubts: tuple[Sentence, ...]
    wanted_area: bool

    @property
    def fits(self) -> bool:
        return not self.obstacles


_VACANCY = """
SELECT v.id, v.kind, v.draw_seed, u.min_persons, u.max_persons, u.accessible,
  coalesce(u.area_id, p.area_id) AS area_id, p.animals
FROM vacancy v JOIN housing_unit u ON u.id = v.unit_id JOIN programme p ON p.id = u.programme_id
WHERE v.id = $1
"""

_LIST = """
SELECT e.request_id, r.ref, r.household_id, e.priority, e.seniority_on, f.persons, f.composition,
  f.accessible_needed, f.animals, f.areas_wanted, f.areas_refused, n.family_name, n.given_name,
  row_number() OVER (ORDER BY e.priority, e.seniority_on,
    sha256($2::bytea || convert_to(r.ref, 'UTF8')))::int AS rank
FROM waiting_entry e
JOIN housing_request r ON r.id = e.request_id AND r.state = 'waiting'
LEFT JOIN request_facts f ON f.request_id = e.request_id
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name FROM membership m JOIN person p ON p.id = m.person_id
  WHERE m.household_id = r.household_id AND m.role = 'main'
  ORDER BY m.ends_on IS NULL DESC, m.id DESC LIMIT 1) n ON true
WHERE e.kind = $1 AND e.state = 'active'
ORDER BY rank
"""

_FIT = f"""
SELECT * FROM ({_LIST}) AS q
WHERE $3 OR ((q.persons IS NULL OR q.persons BETWEEN $4 AND $5)
  AND NOT (coalesce(q.accessible_needed, false) AND $6::smallint IS NOT DISTINCT FROM 2)
  AND NOT (coalesce(q.animals, false) AND $7::smallint IS NOT DISTINCT FROM 2)
  AND NOT ($8::bigint IS NOT NULL AND $8 = ANY(coalesce(q.areas_refused, '{{}}'))))
ORDER BY q.rank LIMIT $9
"""  # noqa: S608


async def shortlist(
    unit: Unit, vacancy_id: int, limit: int = 50, *, everybody: bool = False
) -> list[Candidate]:
    """Those on the list of the vacancy's kind whom the place fits, in the list's order.

    The order is the ranking rule's: priority class, then the oldest seniority, then the draw of
    this vacancy among equals (`core.matching.rules.tie_break`). What is not known excludes
    nobody. `everybody`: those it does not fit too, with their obstacles. Two statements.
    """
    place = await unit.row(_VACANCY, vacancy_id)
    if place is None:
        raise NotFound()
    rows = await unit.fetch(
        _FIT,
        place["kind"],
        place["draw_seed"],
        everybody,
        place["min_persons"],
        place["max_persons"],
        place["accessible"],
        place["animals"],
        place["area_id"],
        limit,
    )
    return [_candidate(row, place) for row in rows]


def _candidate(row: Mapping[str, Any], place: Mapping[str, Any]) -> Candidate:
    obstacles: list[tuple[str, Sentence]] = []
    doubts: list[Sentence] = []
    low, high, persons = place["min_persons"], place["max_persons"], row["persons"]
    if persons is None:
        doubts.append(Sentence(DOUBTS["size"]))
    elif not low <= persons <= high:
        said = {"persons": persons, "low": low, "high": high}
        obstacles.append(("size", Sentence(OBSTACLES["size"], said)))
    for code, needed, offered in (
        ("accessibility", row["accessible_needed"], place["accessible"]),
        ("animal", row["animals"], place["animals"]),
    ):
        if needed and offered == 2:
            obstacles.append((code, Sentence(OBSTACLES[code])))
        elif needed and offered != 1:
            doubts.append(Sentence(DOUBTS[code]))
    area = place["area_id"]
    if area is not None and area in (row["areas_refused"] or ()):
        obstacles.append(("area", Sentence(OBSTACLES["area"])))
    return Candidate(
        request_id=row["request_id"],
        ref=row["ref"],
        household_id=row["household_id"],
        family_name=row["family_name"] or "",
        given_name=row["given_name"] or "",
        rank=row["rank"],
        priority=row["priority"],
        seniority_on=row["seniority_on"],
        persons=persons,
        composition=row["composition"],
        obstacles=tuple(obstacles),
        doubts=tuple(doubts),
        wanted_area=area is not None and area in (row["areas_wanted"] or ()),
    )
