"""What the law asks to be told where a calculation helped a decision: dated, by country."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from core.kernel.words import N_


@dataclass(frozen=True, slots=True)
class Reference:
    """A law in force from a day: its articles, as they are cited."""

    country: str
    starts_on: date
    ends_on: date | None
    reference: str


DEGREE = (
    N_("Un calcul met les demandes dans l’ordre."),
    N_("Il compare aussi chaque demande avec le lieu."),
    N_("Une personne de l’équipe choisit et décide."),
)
"""The degree and the way in which the calculation contributes."""

SOURCES = (
    N_("Votre demande, remplie avec vous."),
    N_("Ce que l’équipe du lieu dit du lieu."),
)
"""The data treated, and where they come from."""

OPERATIONS = (
    N_("Chaque condition est lue une par une."),
    N_("Si une information manque, rien n’est refusé."),
    N_("Les demandes sont mises dans l’ordre de la règle."),
    N_("Entre deux demandes égales, un tirage décide."),
)
"""What is done; the parameters and their weights are the list's own rule."""


@cache
def references() -> tuple[Reference, ...]:
    """Every reference that is shipped; a bad file is refused at start."""
    raw = files("core.matching").joinpath("data/mentions.json").read_text("utf-8")
    return tuple(
        Reference(
            item["country"],
            date.fromisoformat(item["starts_on"]),
            date.fromisoformat(item["ends_on"]) if item["ends_on"] else None,
            item["reference"],
        )
        for item in json.loads(raw)["items"]
    )


def reference_on(country: str, on: date) -> Reference | None:
    """What holds in a country on a day; None where no text that we know of asks for it."""
    for one in references():
        if one.country == country and one.starts_on <= on and (not one.ends_on or on < one.ends_on):
            return one
    return None
