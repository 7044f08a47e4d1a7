"""What a territory may tune: the form, its dates and its history come with it."""

from __future__ import annotations

from dataclasses import dataclass

from core.extension.tunables import number, yes_no
from core.kernel.words import N_


@dataclass(frozen=True)
class Settings:
    """The values in force on one day."""

    soon_days: int = number(
        7, 1, 60, N_("Une étape presse à partir de"), N_("Jours avant sa date."), unit=N_("jours")
    )
    told: bool = yes_no(
        True,
        N_("Noter les étapes en retard sur la demande"),
        N_("La mention aide à proposer une place au bon moment."),
    )
    hold: bool = yes_no(
        False,
        N_("Retenir l’orientation d’un ménage dont une étape est en retard"),
        N_("L’équipe lit pourquoi, et termine l’étape avant de proposer la place."),
    )
