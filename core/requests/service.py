"""What is done to a demande: open, complete, recommend, transmit, refresh; `step` for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.households.external import to_report
from core.households.service import set_answer, set_situation
from core.kernel.errors import Conflict, Invalid
from core.kernel.machine import Transition
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.decisions import decide
from core.requests.facts import QUESTIONS, known, rebuild_facts, rebuild_facts_of
from core.requests.life import carry, live_event
from core.requests.recommendations import recommend, replace_recommendations
from core.requests.resources import ResourceLine, replace_resources
from core.requests.steps import lock, step, write_state
from core.requests.tables import HousingRequest
from core.territories.codes import code_list

__all__ = [
    "carry", "complete_request", "decide", "live_event", "open_request", "rebuild_facts",
    "rebuild_facts_of", "recommend", "refresh", "step", "transmit",
]  # fmt: skip

COLUMNS = ("reason_code", "summary", "organisation_id", "external_no")
"""What `complete_request` may change in the demande itself."""

CHANGED = N_("Une autre personne a modifié cette demande pendant que vous la remplissiez.")


async def open_request(
    unit: Unit,
    household_id: int,
    *,
    reason_code: int | None = None,
    organisation_id: int | None = None,
    external_no: str | None = None,
    summary: str = "",
) -> int:
    """Begin a demande for a household, as a draft. Raises Conflict when one is open already.

    A prescriber's own organisation is the one that asks, unless another is named.
    """
    unit.require("requests.write")
    _check_reason(reason_code)
    if organisation_id is None:
        organisation_id = await _asking(unit, household_id)
    row = HousingRequest(
        ref=new_ref(),
        household_id=household_id,
        reason_code=reason_code,
        organisation_id=organisation_id,
        external_no=external_no,
        summary=summary,
        created_at=unit.now,
        created_by=unit.actor.account_id,
    )
    await row.save()
    await write_state(unit, row.id, "open", "draft", "")
    await rebuild_facts(unit, row.id)
    unit.record("request.opened", household_id=household_id, subject=("request", row.id))
    return int(row.id)


async def _asking(unit: Unit, household_id: int) -> int | None:
    """The organisation for which a prescriber asks: the one that follows the household first."""
    own = sorted(unit.actor.organisations("prescriber"))
    if len(own) < 2:
        return own[0] if own else None
    follows = await unit.value(
        "SELECT organisation_id FROM key_worker WHERE household_id = $1 "
        "AND organisation_id = ANY($2) AND (ends_on IS NULL OR ends_on > $3) ORDER BY id LIMIT 1",
        household_id,
        own,
        unit.today,
    )
    return int(follows) if follows else own[0]


def _check_asking(unit: Unit, organisation_id: int | None) -> None:
    """A prescriber keeps a demande within its own organisations: handing it on is the SIAO's."""
    scope = unit.scope("requests.write")
    if not scope.everything and organisation_id not in scope.files:
        raise Invalid({"organisation_id": NOT_YOURS})


def _check_reason(code: int | None) -> None:
    if code is not None and code not in code_list("request_reason").labels():
        raise Invalid({"reason_code": N_("Choisissez une réponse de la liste.")})


NOT_YOURS = N_("Gardez votre organisme : seul le SIAO confie la demande à un autre.")


async def complete_request(
    unit: Unit,
    request_id: int,
    version: int,
    *,
    answers: Mapping[str, tuple[int | None, Any]] | None = None,
    situation: tuple[int, int, date] | None = None,
    recommendations: Sequence[tuple[str, int | None, str]] | None = None,
    resources: Sequence[ResourceLine] | None = None,
    **fields: Any,
) -> None:
    """Change what a demande says; nothing has to be complete, nothing is overwritten for good.

    `answers`: question -> (one of the four answers, value), of the household. `situation`:
    (person, SI-SIAO code, since when). `resources`: every line of them. `version` is the one the
    form was read at: when somebody else saved since, raises Conflict with what stands now and
    writes nothing.
    """
    unit.require("requests.write")
    unknown = set(fields) - set(COLUMNS) | set(answers or {}) - set(QUESTIONS)
    if unknown:
        raise TypeError(f"a demande has no {sorted(unknown)}")
    _check_reason(fields.get("reason_code"))
    row = await lock(unit, request_id)
    if fields.get("organisation_id", row["organisation_id"]) != row["organisation_id"]:
        _check_asking(unit, fields["organisation_id"])
    if row["version"] != version:
        raise Conflict(CHANGED, theirs=await _theirs(unit, request_id))
    changed = {name: value for name, value in fields.items() if row[name] != value}
    if changed:
        places = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, start=2))
        await unit.fetch(
            f"UPDATE housing_request SET {places} WHERE id = $1",  # noqa: S608
            request_id,
            *changed.values(),
        )
    for question, (state, value) in (answers or {}).items():
        await set_answer(unit, row["household_id"], question, state, value=value)
    if resources is not None:
        await replace_resources(unit, row["household_id"], resources)
    if situation is not None:
        person_id, code, since = situation
        await set_situation(unit, person_id, code, starts_on=since)
    if recommendations is not None:
        await replace_recommendations(unit, row, recommendations)
    if not changed:  # an answer is a new row: the demande is another one all the same
        await unit.fetch(
            "UPDATE housing_request SET version = version + 1 WHERE id = $1", request_id
        )
    await rebuild_facts(unit, request_id)
    unit.record(
        "request.changed",
        household_id=row["household_id"],
        subject=("request", request_id),
        fields=sorted(changed),
    )
    if "reason_code" in changed and row["first_sent_on"]:
        label = code_list("request_reason").labels().get(changed["reason_code"], "(vide)")
        await to_report(unit, row["household_id"], "request", f"Demande – motif : {label}")


async def _theirs(unit: Unit, request_id: int) -> dict[str, Any]:
    """What stands now, as a form compares it: the columns, and answers as [state, value]."""
    file = await known(unit, request_id)
    theirs: dict[str, Any] = {name: file.request[name] for name in COLUMNS}
    theirs["version"] = file.request["version"]
    theirs["answers"] = {q: (a.state, a.value) for q, a in file.answers.items()}
    theirs["recommendations"] = [(r["kind"], r["support"], r["why"]) for r in file.recommendations]
    theirs["situation"] = file.main["situation"] if file.main else None
    return theirs


async def transmit(
    unit: Unit, request_id: int, *, informed_on: date | None, doubts: Sequence[str] = ()
) -> Transition:
    """Send a draft to the SIAO. `informed_on`: when the household was told how its data is used.

    `doubts`: the keys of what an import had left in doubt, and which the sender says they checked:
    the demande's history keeps who said so.

    Raises Refused while something is missing: `Known.missing` lists what.
    """
    row = await lock(unit, request_id)
    if informed_on is not None:
        if informed_on > unit.today:
            raise Invalid({"informed_on": N_("Cette date est dans l’avenir.")})
        await set_answer(unit, row["household_id"], "informed_on", 1, value=informed_on.isoformat())
    verb = {"incomplete": "complete", "to_refresh": "retransmit"}.get(row["state"], "transmit")
    checked: dict[str, Any] = {"doubts": list(doubts)} if doubts else {}
    transition = await step(unit, request_id, verb, **checked)
    await rebuild_facts(unit, request_id)
    return transition


async def refresh(unit: Unit, request_id: int) -> Transition:
    """The household confirmed that the demande still holds: the next due date moves on.

    Somebody whose last refusal was judged inadmissible must transmit again instead.
    """
    transition = await step(unit, request_id, "refresh")
    await rebuild_facts(unit, request_id)
    return transition
