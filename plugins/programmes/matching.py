"""What programmes say to matching: their tags, the condition they carry, when both are kept."""

from __future__ import annotations

from collections.abc import Sequence

from core.extension.contributions import Criterion, Obligation, Tag
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_
from plugins.programmes.codes import BADGES, KINDS
from plugins.programmes.members import keep_tags

TAGS = tuple(
    Tag(
        f"programmes.{kind}",
        label,
        "social",
        None,
        order,
        follows="household",
        badge=BADGES[kind],
    )
    for order, (kind, label) in enumerate(KINDS.items(), 200)
)
"""One per sort of programme: the catalogue is fixed at start, programmes are opened at any time."""

CRITERIA = (
    Criterion(
        "programmes.accompanied",
        N_("Logement accompagné pour les ménages d’un AMI"),
        "NOT {tag:programmes.ami} OR v.kind IN ('residence_sociale', 'fjt', 'rhj', "
        "'pension_de_famille', 'residence_accueil')",
        no=N_("Ce ménage est suivi dans un AMI : un logement accompagné est d’abord à chercher."),
        unknown=N_("La sorte de place n’est pas connue."),
        plain_no=N_("Un logement avec une équipe est d’abord cherché pour vous."),
        plain_unknown=N_("Le type de lieu reste à préciser."),
        hard=False,
        reads=("kind",),
        order=300,
    ),
)
"""S0.7: households of an AMI are steered to accompanied housing. It says so, and bars nobody."""

OPENED = "request.opened"


async def follow(unit: Unit, event: Event) -> None:
    """A demande that opens after the entry in a programme gets its tag. Harmless when repeated."""
    if event.kind == OPENED and event.household_id is not None:
        await keep_tags(unit, event.household_id)


async def tag_all(unit: Unit) -> None:
    """Switched on again: demandes that opened meanwhile get the tags of those still members."""
    for row in await unit.fetch(
        """SELECT DISTINCT household_id FROM plugin_programmes.member
           WHERE ends_on IS NULL OR ends_on > $1 ORDER BY household_id""",
        unit.today,
    ):
        await keep_tags(unit, row["household_id"])


async def running(unit: Unit) -> Sequence[Obligation]:
    """What goes on whoever switches the plugin off: households inside, milestones to come."""
    found = await unit.row(
        """SELECT (SELECT count(DISTINCT household_id) FROM plugin_programmes.member
                   WHERE ends_on IS NULL OR ends_on > $1) AS households,
                  (SELECT count(*) FROM plugin_programmes.milestone
                   WHERE ended_on IS NULL) AS milestones""",
        unit.today,
    )
    assert found is not None
    return (
        Obligation(
            N_("Ménages suivis dans un programme : %(count)s"),
            found["households"],
            "/programmes/membres?etat=present",
            "programmes.read",
        ),
        Obligation(
            N_("Jalons encore ouverts : %(count)s"),
            found["milestones"],
            "/programmes",
            "programmes.read",
        ),
    )
