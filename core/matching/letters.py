"""The letter that announces that an entry may lapse: what to do, and how to come back."""

from __future__ import annotations

from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.matching.rules import RESTORE_DAYS
from core.notifications.composing import helpers_of, write_letters
from core.notifications.content import Block, Letter, Value, head, points, text

LAPSE = {
    "soon": N_("Vous allez sortir d’une liste d’attente"),
    "done": N_("Vous n’êtes plus sur une liste d’attente"),
    "silence": N_("Nous n’avons pas eu de vos nouvelles."),
    "list": N_("Liste"),
    "since": N_("Date d’inscription"),
    "stay": N_("Pour rester sur la liste"),
    "back": N_("Pour revenir sur la liste"),
    "call": N_("Appelez l’équipe. Le numéro est en bas."),
    "call_one": N_("Appelez %(name)s : %(phone)s."),
    "come": N_("Ou venez nous voir, ou envoyez quelqu’un."),
    "days": N_("Vous pouvez revenir pendant %(num)s jours. Votre date est gardée."),
    "longer": N_("Après l’hôpital, la prison ou des violences : aucune limite."),
}
"""What the letter says."""

_ENTRY = """
SELECT e.state, e.seniority_on, coalesce(k.label, e.kind) AS label FROM waiting_entry e
LEFT JOIN LATERAL (SELECT h.label FROM housing_kind h WHERE h.territory_id = e.territory_id
  AND h.code = e.kind AND h.starts_on <= $2 ORDER BY h.starts_on DESC LIMIT 1) k ON true
WHERE e.id = $1
"""


async def _lapse(unit: Unit, event: Event) -> Letter | None:
    row = await unit.row(_ENTRY, event.subject_id, unit.today)
    over = event.kind == "entry.lapsed"
    # Somebody who came back meanwhile is not to be frightened.
    if row is None or row["state"] != ("lapsed" if over else "to_refresh"):
        return None
    ways: list[Value] = [Sentence(LAPSE["call"])]
    for one in await helpers_of(unit, event.household_id):
        if one["phone"]:
            said = {"name": one["name"], "phone": one["phone"]}
            ways.append(Sentence(LAPSE["call_one"], said))
    ways.append(Sentence(LAPSE["come"]))
    rows = (
        (Sentence(LAPSE["list"]), row["label"]),
        (Sentence(LAPSE["since"]), row["seniority_on"]),
    )
    return Letter(
        Sentence(LAPSE["done" if over else "soon"]),
        (
            text(LAPSE["silence"]),
            Block("facts", rows=rows),
            head(LAPSE["back" if over else "stay"]),
            points(ways),
            text(LAPSE["days"], num=RESTORE_DAYS),
            text(LAPSE["longer"]),
        ),
    )


write_letters(_lapse, "entry.lapse_announced", "entry.lapsed")
