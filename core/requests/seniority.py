"""The only act that moves a seniority: with author, reason and the words to the household."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.rules import SeniorityAct
from core.requests.steps import lock

SENTENCES: Mapping[str, str] = {
    "correction": N_("Votre date d’inscription était fausse. Elle est corrigée."),
    "earlier_request": N_("Votre ancienne demande compte. Votre date d’inscription avance."),
    "given_back": N_("Votre date d’inscription vous est rendue."),
    "oldest_kept": N_("Deux demandes sont réunies. La date la plus ancienne est gardée."),
    "restart": N_("Votre demande est envoyée à nouveau. Votre date d’inscription change."),
}
"""Why a seniority moves, with what the household reads."""

BY_HAND = ("correction", "earlier_request", "given_back")
"""The kinds a coordinator chooses; the others follow from an act of their own."""


async def move_seniority(
    unit: Unit, request_id: int, after: date, kind: str, reason: str
) -> SeniorityAct | None:
    """Give a demande, and its waiting-list entries, another seniority; None when it is the same.

    `kind` is one of SENTENCES. The act is kept for ever; undoing it is another act. Nobody's
    permission is asked here: `core.matching.service.change_seniority` is the act by hand.
    """
    if kind not in SENTENCES:
        raise Invalid({"kind": N_("Choisissez une réponse de la liste.")})
    if after > unit.today:
        raise Invalid({"after": N_("Cette date est dans l’avenir.")})
    row = await lock(unit, request_id)
    if row["seniority_on"] == after:
        return None
    act = SeniorityAct(unit.today, row["seniority_on"], after, reason, unit.actor.account_id)
    await unit.fetch(
        "INSERT INTO seniority_act (request_id, before, after, reason, sentence, at, by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        request_id,
        act.before,
        act.after,
        act.reason,
        SENTENCES[kind],
        unit.now,
        act.by,
    )
    # Entries store it too, so that a list is read in the order of one index.
    await unit.fetch(
        "WITH moved AS (UPDATE housing_request SET seniority_on = $2 WHERE id = $1) "
        "UPDATE waiting_entry SET seniority_on = $2 WHERE request_id = $1",
        request_id,
        after,
    )
    unit.record(
        f"seniority.{kind}",
        household_id=row["household_id"],
        subject=("request", request_id),
        before=act.before.isoformat() if act.before else None,
        after=after.isoformat(),
    )
    return act
