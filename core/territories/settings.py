"""What a territory may tune in core: typed, with defaults, bounds and words; values are dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.extension.tunables import (
    Tunable,
    choice,
    known_tunable,
    number,
    tunables_of,
    words,
    yes_no,
)
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import settings_on

T = TypeVar("T")

DAYS, MONTHS = N_("jours"), N_("mois")
REFRESH = N_("Actualisation des demandes")
DECISIONS = N_("Décisions")
PROPOSALS = N_("Propositions et places")
PEOPLE = N_("Suivi des personnes")
FIGURES = N_("Chiffres et attente")

RANK, BAND, NO_RANK = "rank", "band", "none"
"""What a household is told of its place on a list, beside the usual wait."""
KEEPING = N_("Conservation des données")
CONDITIONS = N_("Signaler sur la liste d’une place (sans écarter personne)")
MESSAGES = N_("Messages et courriers")

POLICIES = {
    "portal": N_("Sur l’espace personnel seulement"),
    "best": N_("Par le premier moyen possible"),
    "letter": N_("Par le premier moyen possible, et par courrier"),
    "all": N_("Par tous les moyens possibles"),
}
"""How far an event is told outside of the portal; always by what is safe for the person."""


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
    figures_months: int = number(
        24,
        12,
        60,
        N_("Période regardée par les chiffres"),
        N_("Attentes, orientations, vacance : les derniers mois, jusqu’à aujourd’hui."),
        unit=MONTHS,
        group=FIGURES,
    )
    figures_least: int = number(
        11,
        11,
        100,
        N_("Ne donner aucun chiffre en dessous de"),
        N_("En dessous, l’écran dit « pas assez de données ». Onze est le minimum."),
        group=FIGURES,
    )
    figures_comment_days: int = number(
        15,
        5,
        60,
        N_("Temps laissé aux structures pour commenter leurs chiffres"),
        N_("Passé ce délai, les chiffres sont publiés avec le commentaire."),
        unit=DAYS,
        group=FIGURES,
    )
    wait_shown: str = choice(
        BAND,
        {
            RANK: N_("Le rang exact"),
            BAND: N_("Une tranche de rangs (par dix)"),
            NO_RANK: N_("Aucun rang"),
        },
        N_("Ce que le ménage lit de sa place sur la liste"),
        N_("Jamais seul : la page « Mon attente » dit aussi l’attente habituelle."),
        group=FIGURES,
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

    notify_proposal: str = choice(
        "letter",
        POLICIES,
        N_("Une place est proposée"),
        N_("Le courrier décrit la place, ce que changent le oui et le non, et le délai."),
        group=MESSAGES,
    )
    notify_deadline: str = choice(
        "all",
        POLICIES,
        N_("Le délai pour répondre se termine"),
        N_("Le rappel part le nombre de jours réglé plus bas."),
        group=MESSAGES,
    )
    notify_decision: str = choice(
        "letter",
        POLICIES,
        N_("La demande est refusée"),
        N_("Le courrier porte les recours et leurs dates."),
        group=MESSAGES,
    )
    notify_lapse: str = choice(
        "all",
        POLICIES,
        N_("Une sortie de liste est annoncée ou constatée"),
        N_("Le courrier dit quoi faire, et jusqu’à quand revenir."),
        group=MESSAGES,
    )
    notify_refresh: str = choice(
        "all",
        POLICIES,
        N_("La demande sera bientôt à actualiser"),
        N_("Le rappel part le nombre de jours réglé plus haut."),
        group=MESSAGES,
    )
    notify_key_worker: str = choice(
        "best",
        POLICIES,
        N_("Un référent est nommé"),
        N_("Le courrier donne son nom et son téléphone."),
        group=MESSAGES,
    )
    notify_seniority: str = choice(
        "letter",
        POLICIES,
        N_("L’ancienneté change"),
        N_("Le courrier dit la date d’avant et la nouvelle."),
        group=MESSAGES,
    )
    notify_other: str = choice(
        "best",
        POLICIES,
        N_("Toute autre nouvelle"),
        N_("Le message dit seulement où lire, jamais quoi."),
        group=MESSAGES,
    )
    answer_reminder_days: int = number(
        2,
        0,
        30,
        N_("Rappeler une proposition avant la fin du délai"),
        N_("Le ménage et son référent sont prévenus ce nombre de jours avant."),
        unit=DAYS,
        group=MESSAGES,
    )
    letter_sender: str = words(
        "",
        N_("Expéditeur écrit sur l’enveloppe"),
        N_("Une adresse neutre, pour que le courrier revienne. Vide : rien n’est écrit."),
        group=MESSAGES,
    )


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
