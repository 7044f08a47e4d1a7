"""What happens to a step, in two sentences: for the staff, and for the household."""

from __future__ import annotations

from core.extension.contributions import EventKind
from core.kernel.words import N_

ADDED, ENDED = "skeleton.added", "skeleton.ended"

EVENT_KINDS = (
    EventKind(ADDED, N_("Étape convenue avec le ménage"), N_("Une étape a été notée avec vous.")),
    EventKind(ENDED, N_("Étape terminée")),
)
