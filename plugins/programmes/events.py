"""What happens in programmes, in two sentences: for the staff, and for the household."""

from __future__ import annotations

from core.extension.contributions import EventKind
from core.kernel.words import N_

ENTERED, LEFT = "programmes.entered", "programmes.left"
REFERENT, NOTED = "programmes.referent", "programmes.noted"
OPENED, CHANGED = "programmes.opened", "programmes.changed"
PARTNERED, AIMED = "programmes.partnered", "programmes.aimed"
DUE, SETTLED = "programmes.due", "programmes.settled"

EVENT_KINDS = (
    EventKind(
        ENTERED,
        N_("Entrée dans le programme « %(programme)s »"),
        N_("Un accompagnement en plus est mis en place pour vous."),
        "info",
    ),
    EventKind(
        LEFT,
        N_("Sortie du programme « %(programme)s »"),
        N_("Un de vos accompagnements s’est terminé. Cela ne change rien à votre demande."),
    ),
    EventKind(
        REFERENT,
        N_("Référent changé dans le programme « %(programme)s »"),
        N_("La personne qui vous suit dans votre accompagnement a changé."),
    ),
    EventKind(NOTED, N_("Note ajoutée dans le programme « %(programme)s »")),
    EventKind(OPENED, N_("Programme ouvert")),
    EventKind(CHANGED, N_("Programme modifié")),
    EventKind(PARTNERED, N_("Partenaires du programme changés")),
    EventKind(AIMED, N_("Objectifs du programme changés")),
    EventKind(DUE, N_("Jalon ajouté au programme")),
    EventKind(SETTLED, N_("Jalon du programme clos")),
)
