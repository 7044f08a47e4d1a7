"""What happens to accounts and code cards, beyond any state machine."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("account.role_granted", N_("Rôle donné")),
    EventKind("account.role_ended", N_("Rôle terminé")),
    EventKind("account.password_given", N_("Nouveau mot de passe remis")),
    EventKind("account.closed", N_("Accès fermé"), tone="warn"),
    EventKind("access.code_issued", N_("Carte avec un code remise"), N_("Vous avez une carte.")),
    EventKind("access.code_used", N_("Première connexion avec le code")),
    EventKind(
        "access.sheet_issued",
        N_("Dix codes pour revenir"),
        N_("Vous avez dix codes pour revenir."),
    ),
    EventKind("access.code_used_again", N_("Connexion avec un code de la feuille")),
    EventKind("access.code_voided", N_("Code annulé après trop d’essais"), tone="warn"),
)
