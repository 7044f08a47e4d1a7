"""What a territory may tune of its programmes."""

from __future__ import annotations

from dataclasses import dataclass

from core.extension.tunables import number, yes_no
from core.kernel.words import N_


@dataclass(frozen=True)
class Settings:
    """Typed, dated and signed: read with `settings_of`."""

    alert_days: int = number(
        14, 0, 180, N_("Alerter avant la date d’un jalon"),
        N_("Le jalon est signalé à l’équipe ce nombre de jours avant."), unit=N_("jours"),
    )  # fmt: skip
    resident_card: bool = yes_no(
        True, N_("Montrer les accompagnements aux ménages"),
        N_("Sur « Ma situation » : ce que l’accompagnement apporte, et qui appeler."),
    )  # fmt: skip
    reserved: bool = yes_no(
        False, N_("Réserver les dossiers des ménages d’un AMI"),
        N_("Ouverts à la coordination, aux référents du ménage et à celui de l’AMI."),
    )  # fmt: skip
