"""The codes of programmes, each with its French word: what the staff choose from."""

from __future__ import annotations

from collections.abc import Mapping

from core.kernel.words import N_

KINDS: Mapping[str, str] = {
    "ami": N_("Appel à manifestation d’intérêt (AMI)"),
    "local": N_("Projet d’une collectivité"),
    "state": N_("Programme de l’État"),
    "other": N_("Autre programme"),
}
"""What sort of programme: each has its tag for matching, `programmes.<kind>`."""

BADGES: Mapping[str, str] = {
    "ami": N_("AMI"),
    "local": N_("Projet local"),
    "state": N_("Programme de l’État"),
    "other": N_("Programme"),
}
"""The same in a word or two, beside a household on a list."""

ROLES: Mapping[str, str] = {
    "funder": N_("Financeur"),
    "lead": N_("Porteur"),
    "partner": N_("Partenaire"),
}
"""What an organisation does in a programme."""

MEASURES: Mapping[str, str] = {
    "entered_households": N_("Ménages entrés"),
    "entered_persons": N_("Personnes entrées"),
    "present_households": N_("Ménages présents"),
    "present_persons": N_("Personnes présentes"),
    "housed_households": N_("Ménages logés"),
    "housed_persons": N_("Personnes logées"),
}
"""What a goal counts, always in households and in people."""

END_REASONS: Mapping[str, str] = {
    "housed": N_("Logement trouvé"),
    "completed": N_("Accompagnement arrivé à son terme"),
    "own_choice": N_("Le ménage ne souhaite plus l’accompagnement"),
    "moved": N_("Départ du territoire"),
    "other_support": N_("Relais par un autre accompagnement"),
    "lost_contact": N_("Contact perdu"),
    "deceased": N_("Décès"),
    "programme_over": N_("Fin du programme"),
    "mistake": N_("Inscription faite par erreur"),
}
"""Why a household leaves a programme."""

OUTCOMES: Mapping[str, str] = {"done": N_("Atteint"), "given_up": N_("Abandonné")}
"""How a milestone ends."""

STATES: Mapping[str, str] = {
    "present": N_("Présents"),
    "left": N_("Sortis"),
    "housed": N_("Logés depuis leur entrée"),
    "unfollowed": N_("Sans référent"),
}
"""How the members of a programme are narrowed."""

TONES: Mapping[str, str] = {
    "late": "error", "soon": "warn", "ahead": "info", "done": "ok", "given_up": "neutral",
}  # fmt: skip
