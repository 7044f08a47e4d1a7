"""What happens to the reasons of refusals, beyond the machines of referrals and stays."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (EventKind("refusal_reason.reworded", N_("Motif de refus modifié.")),)
