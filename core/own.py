"""What core itself contributes, through the same hooks as everybody: permissions, event kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.extension.contributions import EventKind, Permission
from core.extension.hookspecs import hookimpl
from core.extension.permissions import EVERYONE, TEAM
from core.kernel.words import N_

_FIELD_ROLES = TEAM | {"prescriber"}

PERMISSIONS = (
    Permission("home.read", N_("Voir l’accueil"), EVERYONE),
    Permission("households.read", N_("Lire les dossiers"), EVERYONE - {"observer"}),
    Permission("households.write", N_("Compléter les dossiers"), TEAM | {"prescriber"}),
    Permission("households.hand_over", N_("Confier des dossiers"), TEAM),
    Permission("fields.health", N_("Lire les données de santé"), _FIELD_ROLES),
    Permission("fields.justice", N_("Lire les données de justice"), _FIELD_ROLES),
    Permission("fields.child", N_("Lire les données de protection de l’enfance"), _FIELD_ROLES),
    Permission("fields.violence", N_("Lire les données de violences"), _FIELD_ROLES),
    Permission("requests.read", N_("Lire les demandes"), TEAM | {"prescriber"}),
    Permission("requests.write", N_("Déposer une demande"), TEAM | {"prescriber"}),
    Permission("requests.decide", N_("Décider d’une demande"), TEAM),
    Permission("lists.read", N_("Lire les listes d’attente"), TEAM),
    Permission("lists.write", N_("Tenir les listes d’attente"), TEAM),
    Permission("seniority.change", N_("Changer une ancienneté"), frozenset({"coordinator"})),
    Permission("housing.read", N_("Voir les structures et les places"), EVERYONE),
    Permission("housing.write", N_("Modifier les structures"), TEAM | {"administrator"}),
    Permission("vacancies.declare", N_("Déclarer une place libre"), TEAM | {"structure"}),
    Permission("referrals.read", N_("Voir les orientations"), EVERYONE - {"observer"}),
    Permission("referrals.propose", N_("Orienter un ménage"), TEAM),
    Permission(
        "referrals.answer_household",
        N_("Répondre pour un ménage"),
        TEAM | {"prescriber"},
    ),
    Permission("referrals.answer_structure", N_("Répondre pour une structure"), TEAM | {"structure"}),
    Permission("placements.write", N_("Noter une entrée ou une sortie"), TEAM | {"structure"}),
    Permission("messages.answer", N_("Répondre aux messages"), TEAM | {"prescriber"}),
    Permission("codes.issue", N_("Donner un code d’accès"), TEAM | {"prescriber"}),
    Permission("external.report", N_("Reporter dans le SI-SIAO"), TEAM),
    Permission("imports.run", N_("Importer des fichiers"), TEAM | {"administrator"}),
    Permission(
        "territory.settings",
        N_("Régler le territoire"),
        frozenset({"administrator", "coordinator"}),
    ),
    Permission("people.manage", N_("Gérer les comptes"), frozenset({"administrator"})),
)


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return PERMISSIONS


@hookimpl
def register_event_kinds() -> Sequence[EventKind]:
    return tuple(_event_kinds())


def _event_kinds() -> Iterator[EventKind]:
    yield EventKind("account.role_granted", N_("Rôle donné"))
    yield EventKind("account.role_ended", N_("Rôle terminé"))
    yield EventKind("territory.setting_changed", N_("Réglage modifié"))
    yield EventKind("access.code_issued", N_("Carte avec un code remise"))
    yield EventKind("access.code_used", N_("Première connexion avec le code"))
    yield EventKind("access.code_voided", N_("Code annulé après trop d’essais"), tone="warn")
