"""How the lists a household waits on are ordered, in plain words: a part for any page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.kernel.unit import Unit
from core.matching.rulehistory import InForce, rules_of_request
from core.matching.ruletexts import plain_sentences
from core.requests.recommendations import kind_labels
from core.web.visit import Visit


@dataclass(frozen=True)
class ListRule:
    """A list and its order: `lines` are sentences in the reader's language."""

    label: str
    lines: tuple[str, ...]
    since: date | None


async def list_rules(visit: Visit, unit: Unit, request_id: int | None) -> list[ListRule]:
    """The rule of each list a demande stands on; none where it waits on no list.

    In French, the words that were signed; in other languages, the sentences drawn from the keys.
    """
    if request_id is None:
        return []
    found = await rules_of_request(unit, request_id)
    labels = await kind_labels(unit) if found else {}
    return [
        ListRule(labels.get(one.kind, one.kind), _lines(visit, one), one.starts_on) for one in found
    ]


def _lines(visit: Visit, one: InForce) -> tuple[str, ...]:
    if one.text and visit.ctx.lang == "fr":
        return tuple(line for line in one.text.splitlines() if line.strip())
    return tuple(said.render(visit._) for said in plain_sentences(one.rule))
