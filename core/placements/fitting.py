"""How a demande fits a free place: plain facts, each yes, no or not known. No ranking here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.housing.rules import UnitShape, unit_takes
from core.kernel.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class Fit:
    """One fact about a demande and a place. `fits` None: to be checked, it was not asked."""

    key: str
    fits: bool | None
    text: Sentence


def facts_of_fit(request: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[Fit, ...]:
    """What speaks for and against, from the facts of the demande and the place's card.

    `request`: kinds, persons, accessible_needed, animals, areas_wanted, areas_refused.
    `place`: kind, min_persons, max_persons, accessible, animals, area_id (four-answer numbers).
    """
    return (
        _kind(request, place),
        _size(request, place),
        _access(request, place),
        _animals(request, place),
        _area(request, place),
    )


def _kind(request: Mapping[str, Any], place: Mapping[str, Any]) -> Fit:
    kinds = request["kinds"]
    if not kinds:
        return Fit("kind", None, Sentence(N_("Aucune préconisation notée")))
    if place["kind"] in kinds:
        rank = list(kinds).index(place["kind"]) + 1
        return Fit("kind", True, Sentence(N_("Préconisation n° %(n)s"), {"n": rank}))
    return Fit("kind", False, Sentence(N_("Type non préconisé")))


def _size(request: Mapping[str, Any], place: Mapping[str, Any]) -> Fit:
    persons = request["persons"]
    if persons is None:
        return Fit("persons", None, Sentence(N_("Nombre de personnes non renseigné")))
    shape = UnitShape("", place["min_persons"], place["max_persons"])
    verdict = unit_takes(shape, persons)
    words = Sentence(
        N_("%(n)s pers. pour %(low)s à %(high)s"),
        {"n": persons, "low": place["min_persons"], "high": place["max_persons"]},
    )
    return Fit("persons", bool(verdict), words)


def _access(request: Mapping[str, Any], place: Mapping[str, Any]) -> Fit:
    needed = request["accessible_needed"]
    if needed is None:
        return Fit("access", None, Sentence(N_("Accessibilité : question pas encore posée")))
    if not needed:
        return Fit("access", True, Sentence(N_("Pas de besoin d’accessibilité")))
    if place["accessible"] == 1:
        return Fit("access", True, Sentence(N_("Place accessible")))
    if place["accessible"] == 2:
        return Fit("access", False, Sentence(N_("Place non accessible")))
    return Fit("access", None, Sentence(N_("Accessibilité de la place à vérifier")))


def _animals(request: Mapping[str, Any], place: Mapping[str, Any]) -> Fit:
    animals = request["animals"]
    if animals is None:
        return Fit("animals", None, Sentence(N_("Animal : question pas encore posée")))
    if not animals:
        return Fit("animals", True, Sentence(N_("Pas d’animal")))
    if place["animals"] == 1:
        return Fit("animals", True, Sentence(N_("Animal accepté")))
    if place["animals"] == 2:
        return Fit("animals", False, Sentence(N_("Animal non accepté ici")))
    return Fit("animals", None, Sentence(N_("Animal : à vérifier avec la structure")))


def _area(request: Mapping[str, Any], place: Mapping[str, Any]) -> Fit:
    area = place["area_id"]
    if area is not None and area in (request["areas_refused"] or ()):
        return Fit("area", False, Sentence(N_("Commune refusée par le ménage")))
    wanted = request["areas_wanted"]
    if wanted is None:
        return Fit("area", None, Sentence(N_("Communes souhaitées : question pas encore posée")))
    if not wanted:
        return Fit("area", True, Sentence(N_("Toutes communes")))
    if area is None:
        return Fit("area", None, Sentence(N_("Commune de la place non renseignée")))
    if area in wanted:
        return Fit("area", True, Sentence(N_("Commune souhaitée")))
    return Fit("area", False, Sentence(N_("Hors des communes souhaitées")))
