"""What a territory may tune in core: typed, with defaults, bounds and words; values are dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.extension.tunables import Tunable, known_tunable, number, tunables_of, words, yes_no
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import settings_on

T = TypeVar("T")

DAYS, MONTHS = N_("jours"), N_("mois")
REFRESH = N_("Actualisation des demandes")
DECISIONS = N_("Décisions")
PROPOSALS = N_("Propositions et places")
PEOPLE = N_("Suivi des personnes")
KEEPING = N_("Conservation des données")
CONDITIONS = N_("Signaler sur la liste d’une place (sans écarter personne)")


@dataclass(frozen=True)
class CoreSettings:
    """The values in force on one day. Numbers are days unless the name says months.

    The defaults are proposals of this project (domain.md 1.4): no national rule fixes them.
    """

    refresh_months: int = number(
        6,
        1,
        24,
        N_("Actualiser une demande tous les"),
        N_("Compté depuis la dernière transmission ou actualisation."),
        unit=MONTHS,
        group=REFRESH,
    )
    reminder_days: int = number(
        15,
        0,
        90,
        N_("Rappeler l’actualisation avant l’échéance"),
        N_("Le ménage et son référent sont prévenus ce nombre de jours avant."),
        unit=DAYS,
        group=REFRESH,
    )
    lapse_days: int = number(
        30,
        30,
        365,
        N_("Ne jamais sortir de liste avant"),
        N_("Un plancher après l’échéance : il faut aussi trois essais par deux canaux."),
        unit=DAYS,
        group=REFRESH,
    )
    adjourn_days: int = number(
        30,
        1,
        180,
        N_("Délai proposé pour compléter un ajournement"),
        N_("La date reste modifiable à chaque décision."),
        unit=DAYS,
        group=DECISIONS,
    )
    court_relevant: bool = yes_no(
        False,
        N_("Citer le tribunal administratif dans les refus"),
        N_("À activer seulement si vos décisions peuvent être portées devant lui."),
        group=DECISIONS,
    )
    daho_contact: str = words(
        "",
        N_("Où envoyer un recours DAHO"),
        N_("Adresse et téléphone de la commission de médiation, écrits au ménage refusé."),
        group=DECISIONS,
    )
    outside_help_contact: str = words(
        "",
        N_("Qui aide gratuitement à contester"),
        N_("Nom, adresse et téléphone du médiateur ou de la personne qualifiée."),
        group=DECISIONS,
    )
    proposal_answer_days: int = number(
        7,
        1,
        60,
        N_("Temps laissé au ménage pour répondre"),
        N_("À partir du jour où la place est proposée."),
        unit=DAYS,
        group=PROPOSALS,
    )
    structure_answer_days: int = number(
        10,
        1,
        60,
        N_("Temps laissé à la structure pour répondre"),
        N_("À partir du jour où l’orientation lui est envoyée."),
        unit=DAYS,
        group=PROPOSALS,
    )
    hold_days: int = number(
        14,
        1,
        90,
        N_("Durée de réservation d’une place"),
        N_("Passé ce délai, la place redevient disponible."),
        unit=DAYS,
        group=PROPOSALS,
    )
    message_answer_days: int = number(
        7,
        1,
        60,
        N_("Répondre aux messages des ménages sous"),
        N_("La date est promise au ménage quand il écrit."),
        unit=DAYS,
        group=PEOPLE,
    )
    code_days: int = number(
        21,
        1,
        90,
        N_("Validité d’une carte avec code"),
        N_("Une carte ne sert qu’une fois ; une nouvelle annule la précédente."),
        unit=DAYS,
        group=PEOPLE,
    )
    sheet_days: int = number(
        365,
        30,
        730,
        N_("Validité des dix codes pour revenir"),
        N_("Chaque code ne sert qu’une fois ; une nouvelle feuille annule la précédente."),
        unit=DAYS,
        group=PEOPLE,
    )
    key_worker_days: int = number(
        5,
        1,
        30,
        N_("Nommer un référent sous"),
        N_("Jours ouvrés : au-delà, le ménage apparaît dans les files de travail."),
        unit=DAYS,
        group=PEOPLE,
    )
    retention_months: int = number(
        24,
        6,
        120,
        N_("Garder un dossier après le dernier contact"),
        N_("Référentiel de la CNIL 2021-028 : deux ans en base active. Ensuite il s’efface."),
        unit=MONTHS,
        group=KEEPING,
    )
    contest_months: int = number(
        2,
        0,
        24,
        N_("Garder un refus tant qu’il peut être contesté"),
        N_("Pendant ce délai le dossier n’est pas effacé : il sert de preuve à la personne."),
        unit=MONTHS,
        group=KEEPING,
    )
    criterion_size_soon: bool = yes_no(
        True,
        N_("Place pour l’enfant attendu"),
        N_("Le terme d’une grossesse, quand il est connu."),
        group=CONDITIONS,
    )
    criterion_rooms: bool = yes_no(
        True,
        N_("Nombre de pièces"),
        N_("Les enfants grandissent : besoin calculé pour l’année qui vient."),
        group=CONDITIONS,
    )
    criterion_dormitory: bool = yes_no(
        True,
        N_("Intimité des couples et des familles"),
        N_("Un dortoir proposé à un couple ou à une famille."),
        group=CONDITIONS,
    )
    criterion_area_wanted: bool = yes_no(
        True,
        N_("Commune souhaitée"),
        N_("Une commune refusée, elle, écarte toujours la place."),
        group=CONDITIONS,
    )
    criterion_lease: bool = yes_no(
        True,
        N_("Contrat"),
        N_("Un bail demande un adulte pour le signer."),
        group=CONDITIONS,
    )
    criterion_support: bool = yes_no(
        True,
        N_("Accompagnement"),
        N_("Le niveau nécessaire, à côté de celui du lieu."),
        group=CONDITIONS,
    )
    criterion_social_housing_no: bool = yes_no(
        True,
        N_("Numéro unique"),
        N_("Là où le type de place demande un numéro unique."),
        group=CONDITIONS,
    )
    """Soft criteria of core (`core.matching.conditions`): said or not looked at. None becomes hard,
    and no hard one can be switched off."""


TUNABLES: Mapping[str, Tunable] = tunables_of(CoreSettings)
"""Every core setting by name, in the order to show them."""


def tunable(name: str) -> Tunable:
    """One setting; an unknown name is refused."""
    return known_tunable(TUNABLES, name)


async def read_settings(unit: Unit, on: date | None = None) -> CoreSettings:
    """Core's values in force on a day (today by default): what was set, else the defaults."""
    return await settings_of(unit, "core", CoreSettings, on)


async def settings_of(unit: Unit, plugin: str, kind: type[T], on: date | None = None) -> T:
    """A plugin's values in force here on a day: what was set, else the defaults.

    A stored name that this version does not know any more is left aside, and so is a value that
    its bounds now refuse: history may outlive a setting.
    """
    known = tunables_of(kind)  # type: ignore[arg-type]
    stored = await settings_on(unit, on or unit.today, plugin)
    return kind(**{n: v for n, v in stored.items() if n in known and known[n].takes(v)})
