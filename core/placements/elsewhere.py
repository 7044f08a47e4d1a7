"""Demandes that a file says referred or admitted, without a word of where: how a team goes on.

An export of SI-SIAO tells a state, not the referral behind it. The state stays as the file's fact,
and three ways lead on: back to the list, the entry noted in a place that is known here, or closed.
None is open while a referral runs here: that one is answered first.
"""

from __future__ import annotations

from datetime import date, timedelta

from core.housing.service import declare_vacancy, vacancy_step
from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.lifecycle import OPEN_REFERRAL
from core.placements.stays import begin_stay
from core.requests.lifecycle import NOTHING_HERE
from core.requests.service import step
from core.requests.steps import lock

STATES = ("referred", "admitted")
"""States of a demande that a referral made here explains, or a file alone."""

NO_KIND = N_("Indiquez d’abord une préconisation : elle dit sur quelle liste la demande attend.")

HERE = f"""EXISTS (SELECT 1 FROM referral o WHERE o.territory_id = r.territory_id
  AND o.request_id = r.id AND o.state IN {(*OPEN_REFERRAL, "admitted")!r})"""  # noqa: S608
"""SQL, true of a demande `r` that a referral made here holds or has led in."""

_KNOWN = f"SELECT {HERE} FROM housing_request r WHERE r.id = $1"  # noqa: S608
_KINDS = "SELECT 1 FROM recommendation WHERE request_id = $1 AND ends_at IS NULL LIMIT 1"


async def said_by_a_file(unit: Unit, request_id: int) -> bool:
    """Whether a demande is referred or admitted by a file's word alone."""
    state = await unit.value("SELECT state FROM housing_request WHERE id = $1", request_id)
    return state in STATES and not await unit.value(_KNOWN, request_id)


async def leave_elsewhere(unit: Unit, request_id: int, verb: str, reason: str) -> None:
    """Back to the list, closed or cancelled (`verb`): only while no referral runs here."""
    await lock(unit, request_id)
    if not await said_by_a_file(unit, request_id):
        raise Refused(NOTHING_HERE.message)
    if verb == "return_to_list" and not await unit.value(_KINDS, request_id):
        raise Refused(NO_KIND)
    await step(unit, request_id, verb, facts={NOTHING_HERE.key: True}, reason=reason)


async def note_entry(
    unit: Unit,
    request_id: int,
    unit_id: int,
    *,
    on: date,
    lease_kind: str | None = None,
    double: bool = False,
    leave: int | None = None,
) -> int:
    """The household entered a place that stands here: the stay begins, the demande closes.

    Returns the stay's id. The place is taken out of what is free; `double` and `leave` as for
    `stays.move_in`.
    """
    unit.require("placements.confirm")
    row = await lock(unit, request_id)
    if not await said_by_a_file(unit, request_id):
        raise Refused(NOTHING_HERE.message)
    vacancy_id = await unit.value(
        "SELECT id FROM vacancy WHERE unit_id = $1 AND state IN ('declared', 'held', 'frozen')",
        unit_id,
    )
    with unit.consequence():
        if vacancy_id is None:
            vacancy_id = await declare_vacancy(unit, unit_id, free_on=on)
        household_id, why = row["household_id"], "Entrée notée d’après le fichier importé."
        await vacancy_step(
            unit, vacancy_id, "hold", reason=why, household_id=household_id,
            held_until=unit.now + timedelta(days=1),
        )  # fmt: skip
        await vacancy_step(
            unit, vacancy_id, "fill", facts={"admitted": True}, reason=why,
            household_id=household_id,
        )  # fmt: skip
        kind = await unit.value("SELECT kind FROM vacancy WHERE id = $1", vacancy_id)
        if row["state"] == "referred":
            await step(unit, request_id, "admit", reason=why)
        stay = await begin_stay(
            unit, unit_id=unit_id, household_id=household_id, request_id=request_id,
            referral_id=None, kind=kind, on=on, lease_kind=lease_kind, double=double, leave=leave,
        )  # fmt: skip
        await step(unit, request_id, "close", facts={"moved_in": True})
    return stay
