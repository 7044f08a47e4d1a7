"""What a territory may tune in core: typed, with defaults, bounds and words; values are dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as _field
from datetime import date
from typing import Any

from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import settings_on


@dataclass(frozen=True, slots=True)
class Tunable:
    """How one setting is shown and judged. `unit` and `group` are msgids; bounds are included."""

    name: str
    label: str
    help: str
    kind: str
    default: Any
    group: str
    unit: str = ""
    low: int = 0
    high: int = 0

    def read(self, typed: str) -> Any:
        """The value that a person typed; raises Invalid with what would be right."""
        if self.kind == "bool":
            return self.check(typed in ("yes", "true", "1"))
        plain = typed.strip().replace(" ", "").replace("\u202f", "")
        if not plain.isdecimal():
            raise Invalid({self.name: N_("Indiquez un nombre entier.")})
        return self.check(int(plain))

    def check(self, value: Any) -> Any:
        """The value itself, or Invalid: the type and the bounds hold whoever writes it."""
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise Invalid({self.name: N_("Répondez par oui ou par non.")})
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid({self.name: N_("Indiquez un nombre entier.")})
        if not self.low <= value <= self.high:
            raise Invalid({self.name: N_("Cette valeur est hors des limites indiquées.")})
        return value


def _number(
    default: int, low: int, high: int, unit: str, group: str, label: str, help_text: str
) -> Any:
    about = {"kind": "int", "low": low, "high": high, "unit": unit, "group": group}
    return _field(default=default, metadata={**about, "label": label, "help": help_text})


def _yes_no(default: bool, group: str, label: str, help_text: str) -> Any:
    about = {"kind": "bool", "group": group, "label": label, "help": help_text}
    return _field(default=default, metadata=about)


DAYS, MONTHS = N_("jours"), N_("mois")
REFRESH = N_("Actualisation des demandes")
DECISIONS = N_("Décisions")
PROPOSALS = N_("Propositions et places")
PEOPLE = N_("Suivi des personnes")


@dataclass(frozen=True)
class CoreSettings:
    """The values in force on one day. Numbers are days unless the name says months.

    The defaults are proposals of this project (domain.md 1.4): no national rule fixes them.
    """

    refresh_months: int = _number(
        6, 1, 24, MONTHS, REFRESH, N_("Actualiser une demande tous les"),
        N_("Compté depuis la dernière transmission ou actualisation."),
    )  # fmt: skip
    reminder_days: int = _number(
        15, 0, 90, DAYS, REFRESH, N_("Rappeler l’actualisation avant l’échéance"),
        N_("Le ménage et son référent sont prévenus ce nombre de jours avant."),
    )  # fmt: skip
    lapse_days: int = _number(
        30, 30, 365, DAYS, REFRESH, N_("Ne jamais sortir de liste avant"),
        N_("Un plancher après l’échéance : il faut aussi trois essais par deux canaux."),
    )  # fmt: skip
    adjourn_days: int = _number(
        30, 1, 180, DAYS, DECISIONS, N_("Délai proposé pour compléter un ajournement"),
        N_("La date reste modifiable à chaque décision."),
    )  # fmt: skip
    court_relevant: bool = _yes_no(
        False, DECISIONS, N_("Citer le tribunal administratif dans les refus"),
        N_("À activer seulement si vos décisions peuvent être portées devant lui."),
    )  # fmt: skip
    proposal_answer_days: int = _number(
        7, 1, 60, DAYS, PROPOSALS, N_("Temps laissé au ménage pour répondre"),
        N_("À partir du jour où la place est proposée."),
    )  # fmt: skip
    structure_answer_days: int = _number(
        10, 1, 60, DAYS, PROPOSALS, N_("Temps laissé à la structure pour répondre"),
        N_("À partir du jour où l’orientation lui est envoyée."),
    )  # fmt: skip
    hold_days: int = _number(
        14, 1, 90, DAYS, PROPOSALS, N_("Durée de réservation d’une place"),
        N_("Passé ce délai, la place redevient disponible."),
    )  # fmt: skip
    message_answer_days: int = _number(
        7, 1, 60, DAYS, PEOPLE, N_("Répondre aux messages des ménages sous"),
        N_("La date est promise au ménage quand il écrit."),
    )  # fmt: skip
    code_days: int = _number(
        21, 1, 90, DAYS, PEOPLE, N_("Validité d’une carte avec code"),
        N_("Une carte ne sert qu’une fois ; une nouvelle annule la précédente."),
    )  # fmt: skip
    key_worker_days: int = _number(
        5, 1, 30, DAYS, PEOPLE, N_("Nommer un référent sous"),
        N_("Jours ouvrés : au-delà, le ménage apparaît dans les files de travail."),
    )  # fmt: skip


TUNABLES: Mapping[str, Tunable] = {
    f.name: Tunable(name=f.name, default=f.default, **f.metadata) for f in fields(CoreSettings)
}
"""Every core setting by name, in the order to show them."""


def tunable(name: str) -> Tunable:
    """One setting; an unknown name is refused."""
    known = TUNABLES.get(name)
    if known is None:
        raise Invalid({name: N_("Ce réglage n’existe pas.")})
    return known


async def read_settings(unit: Unit, on: date | None = None) -> CoreSettings:
    """The values in force on a day (today by default): what was set, else the defaults.

    A stored name that no version knows any more is left aside: history may outlive a setting.
    """
    stored = await settings_on(unit, on or unit.today)
    return CoreSettings(**{n: v for n, v in stored.items() if n in TUNABLES})
