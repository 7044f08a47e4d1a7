"""Settle what an import could not decide alone: a look-alike, two values of one field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from core.extension.permissions import FIELD_CLASSES
from core.households.scope import opens
from core.imports import updating
from core.imports.plans import Plan
from core.imports.standing import read_standing
from core.imports.writing import DrawnIds, Writer
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.facts import rebuild_facts

PERMISSION = "imports.run"
TAKEN_BACK = timedelta(days=7)
"""How long a change said to be entered may come back on the queue."""
DECISIONS = {
    "same": N_("C’est la même personne"),
    "different": N_("Ce n’est pas la même"),
    "seen": N_("Vérifié"),
    "keep_here": N_("Garder la valeur d’ici"),
    "take_file": N_("Prendre la valeur du fichier"),
}
CHOICES = {
    "maybe_same_person": ("same", "different"),
    "maybe_known": ("same", "different"),
    "number_conflict": ("same", "different"),
    "local_newer": ("keep_here", "take_file"),
}
"""What may be decided of each kind of flag; the others are only looked at."""


def choices(code: str) -> tuple[str, ...]:
    """The decisions that fit a flag."""
    return CHOICES.get(code, ("seen",))


async def settle_flag(unit: Unit, flag_id: int, decision: str) -> None:
    """Record what somebody decided; a value of the file is written only by `take_file`.

    "The same person" is kept as a decision: nobody is merged here, both files stay as they are.
    """
    unit.require(PERMISSION)
    flag = await unit.row("SELECT * FROM import_flag WHERE id = $1 FOR UPDATE", flag_id)
    if flag is None:
        raise NotFound()
    if flag["settled_at"] is not None:
        raise Refused(N_("Ce point a déjà été vérifié."))
    if decision not in choices(flag["code"]):
        raise Invalid({"decision": N_("Choisissez une réponse de la liste.")})
    if decision == "take_file":
        await _take(unit, flag)
    await unit.fetch(
        "UPDATE import_flag SET settled_at = $2, settled_by = $3, settled_as = $4 WHERE id = $1",
        flag_id, unit.now, unit.actor.account_id, decision,
    )  # fmt: skip
    unit.record(
        "import.flag_settled", household_id=flag["household_id"], person_id=flag["person_id"],
        subject=("import_flag", flag_id), code=flag["code"], decision=decision,
    )  # fmt: skip


async def _take(unit: Unit, flag: Any) -> None:
    """Write the file's value over the one that stands, which stays in the history."""
    details = msgspec.json.decode(flag["details"])
    if not await opens(unit, flag["household_id"], FIELD_CLASSES[details["class"]]):
        raise Denied()
    ids = DrawnIds()
    plan = Plan(unit.now, unit.today, unit.actor.account_id, flag["run_id"], ids.take)
    line, name, kind, value = flag["line"], flag["field"], details["object"], details["file"]
    request_id, household_id = details["request"], flag["household_id"]
    row_id = details["id"]
    if updating.sql_type(name) == "date" and kind != "answer":
        value = date.fromisoformat(value)
    if kind == "answer":
        await updating.answer(
            unit, plan, line, household_id, flag["person_id"], name, value[0], value[1]
        )
    elif kind == "situation":
        await updating.move(unit, plan, line, row_id, value, unit.today)
    elif kind == "request" and name == "kinds":
        await updating.recommend(unit, plan, line, request_id, value)
    else:
        table = "housing_request" if kind == "request" else kind
        await updating.change(unit, plan, line, table, row_id, {name: value})
        if kind == "person":
            await updating.respell(unit, plan, row_id, {name: value})
    if kind == "request":
        standing = (await read_standing(unit, [request_id]))[request_id]
        if name in ("state", "seniority_on"):
            before = details["here"] if name == "seniority_on" else None
            updating.history(
                plan, request_id, {name: value}, date.fromisoformat(before) if before else None
            )
        await updating.keep_lists(
            unit, plan, line, request_id, standing.request["state"], standing.kinds,
            standing.request["seniority_on"],
        )  # fmt: skip
    async with Writer(unit, plan, 0) as writer:
        await writer.close()
    await rebuild_facts(unit, request_id)


async def settle_reports(unit: Unit, ids: list[int]) -> int:
    """Changes that somebody has entered in SI-SIAO leave the queue; who and when stay."""
    unit.require("external.report")
    rows = await unit.fetch(
        "UPDATE external_change SET done_at = $2, done_by = $3 "
        "WHERE id = ANY($1::bigint[]) AND done_at IS NULL RETURNING id",
        ids, unit.now, unit.actor.account_id,
    )  # fmt: skip
    return len(rows)


async def reopen_reports(unit: Unit, ids: list[int]) -> int:
    """Back on the queue what was said to be entered by mistake, of late: what it held is kept."""
    unit.require("external.report")
    rows = await unit.fetch(
        "UPDATE external_change SET done_at = NULL, done_by = NULL "
        "WHERE id = ANY($1::bigint[]) AND done_at > $2 RETURNING id",
        ids, unit.now - TAKEN_BACK,
    )  # fmt: skip
    return len(rows)
