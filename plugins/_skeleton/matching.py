"""What the plugin says of a demande, and how a place takes it into account."""

from __future__ import annotations

from collections.abc import Sequence

from core.extension.contributions import Criterion, Obstacle, Tag
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.territories.settings import settings_of
from plugins._skeleton.queries import late_of_request
from plugins._skeleton.settings import Settings

LATE = "skeleton.late"

TAGS = (
    Tag(
        LATE,
        N_("Étape en retard"),
        field_class="social",
        badge=N_("étape en retard"),
        tone="warn",
        follows="household",
    ),
)

HELD = "skeleton.held"


async def held_back(unit: Unit, request_id: int) -> Sequence[Obstacle]:
    """Why this demande may not be proposed a place now, where the territory wishes that."""
    if not (await settings_of(unit, "skeleton", Settings)).hold:
        return ()
    late = await late_of_request(unit, request_id)
    if not late:
        return ()
    said = N_("Étapes en retard avec ce ménage : %(count)s. Terminez-les avant de proposer.")
    return (Obstacle(HELD, Sentence(said, {"count": late})),)


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
