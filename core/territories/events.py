"""What happens to a territory itself."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind("territory.setting_changed", N_("Réglage modifié")),
    EventKind("territory.plugin_on", N_("Extension activée")),
    EventKind("territory.plugin_off", N_("Extension désactivée")),
    EventKind("territory.delivery_retried", N_("Événement remis en file")),
    EventKind("territory.delivery_skipped", N_("Événement passé")),
    EventKind("territory.sector_opened", N_("Secteur ouvert")),
    EventKind("territory.sector_ended", N_("Secteur terminé")),
)
