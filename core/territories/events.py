"""What happens to a territory itself."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (EventKind("territory.setting_changed", N_("Réglage modifié")),)
