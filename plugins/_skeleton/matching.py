"""What the plugin says of a demande, and how a place takes it into account."""

from __future__ import annotations

from core.extension.contributions import Criterion, Tag
from core.kernel.words import N_

LATE = "skeleton.late"

TAGS = (Tag(LATE, N_("Étape en retard"), field_class="social", follows="household"),)

CRITERIA = (
    Criterion(
        LATE,
        N_("Aucune étape en retard"),
        sql="NOT {tag:skeleton.late}",
        no=N_("Une étape convenue est en retard : voyez-la avec le ménage."),
        unknown=N_("Étapes à vérifier."),
        plain_no=N_("Une étape convenue reste à faire."),
        plain_unknown=N_("Nous vérifions vos étapes."),
        hard=False,
        reads=("tags",),
    ),
)
