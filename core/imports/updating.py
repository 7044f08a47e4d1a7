"""Bring a known demande to what the file newly says, each change with what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.households.names import search_key
from core.imports.known import KnownPerson
from core.imports.merging import Merge, Standing, plain
from core.imports.opening import (
    SENIORITY_REASON,
    encode,
    plausible,
    record_person,
    say,
    situate,
    starting,
)
from core.imports.plans import Change, Flag, Plan
from core.imports.targets import (
    CLASSES,
    LISTED,
    OVER,
    REMARKS_CLASS,
    PersonTarget,
    Target,
)  # fmt: skip
from core.kernel.unit import Unit


async def apply(unit: Unit, plan: Plan, target: Target, standing: Standing, done: Merge) -> None:
    """Write a merge; rows that a plan can hold go there, the others are written now."""
    line, household_id = target.line, standing.household_id
    if done.household:
        await change(unit, plan, line, "household", household_id, done.household)
    for person_id, fields in done.people.items():
        await change(unit, plan, line, "person", person_id, fields)
        await respell(unit, plan, person_id, fields)
    if done.request:
        await change(unit, plan, line, "housing_request", standing.request_id, done.request)
        history(plan, standing.request_id, done.request, standing.request["seniority_on"])
    for person_id, code in done.situations.items():
        await move(unit, plan, line, person_id, code, target.situated_on or plan.today)
    for whom, question, (state, value) in done.answers:
        await answer(unit, plan, line, household_id, whom, question, state, value)
    for person_id, text in done.remarks:
        plan.add("note", household_id, person_id, REMARKS_CLASS, text, plan.by, plan.now)
    for one in done.joining:
        await _join(unit, plan, target, household_id, one)
    if done.kinds is not None:
        await recommend(unit, plan, line, standing.request_id, done.kinds)
    if done.kinds is not None or "state" in done.request or "seniority_on" in done.request:
        state = done.request.get("state", standing.request["state"])
        kinds = done.kinds if done.kinds is not None else standing.kinds
        seniority = done.request.get("seniority_on") or standing.request["seniority_on"]
        await keep_lists(unit, plan, line, standing.request_id, state, kinds, seniority)


async def _join(
    unit: Unit, plan: Plan, target: Target, household_id: int, one: PersonTarget
) -> None:
    """A person whom the file newly shows in the household; a mistyped number names nobody."""
    number, known = one.external_no, None
    row = await unit.row(
        "SELECT id, family_name, given_name, birth FROM person WHERE external_no = $1 "
        "AND merged_into IS NULL ORDER BY id DESC LIMIT 1",
        number,
    )
    if row is not None:
        bearer = KnownPerson(row["id"], row["family_name"], row["given_name"], row["birth"])
        if plausible(one, bearer):
            known = bearer.id
        else:
            plan.flags.append(
                Flag(one.line, "number_conflict", household_id, None, bearer.id,
                     details={"number": number})
            )  # fmt: skip
            number = None
    joined: int = known or plan.numbers.get(number or "") or record_person(plan, one, number)
    plan.add("membership", household_id, joined, one.role, starting(plan, target, one))
    if not known:
        situate(plan, joined, one, target.situated_on)
        for question, said in one.answers.items():
            say(plan, household_id, joined, question, said)
    plan.changes.append(
        Change(one.line, "person", joined, "joined", None,
               {"household": household_id, "new": not known})
    )  # fmt: skip


_TYPES = {"birth": "date", "sex": "smallint", "reason_code": "smallint"}


def sql_type(name: str) -> str:
    """The SQL type of a field that an import may change."""
    return _TYPES.get(name) or ("date" if name.endswith(("_on", "_due")) else "text")


async def change(
    unit: Unit, plan: Plan, line: int, table: str, row_id: int, fields: Mapping[str, Any]
) -> None:
    """Set fields of a row, with the change that a revert reads."""
    names = list(fields)
    row = await unit.row(
        f"SELECT {', '.join(names)} FROM {table} WHERE id = $1",  # noqa: S608
        row_id,
    )
    assert row is not None
    before = {name: plain(row[name]) for name in names}
    places = ", ".join(f"{name} = ${n}::{sql_type(name)}" for n, name in enumerate(names, start=2))
    await unit.fetch(
        f"UPDATE {table} SET {places} WHERE id = $1",  # noqa: S608
        row_id, *fields.values(),
    )  # fmt: skip
    after = {name: plain(value) for name, value in fields.items()}
    plan.changes.append(Change(line, table, row_id, "updated", before, after))


async def respell(unit: Unit, plan: Plan, person_id: int, fields: Mapping[str, Any]) -> None:
    """New names are found too; the former spellings keep finding the person."""
    if not fields.keys() & {"family_name", "given_name", "usual_name"}:
        return
    row = await unit.row(
        "SELECT family_name, given_name, usual_name FROM person WHERE id = $1", person_id
    )
    assert row is not None
    await unit.fetch(
        "UPDATE person SET search_key = $2 WHERE id = $1",
        person_id,
        search_key(f"{row['family_name']} {row['given_name']}"),
    )
    for word in dict.fromkeys(search_key(" ".join(row)).split()):
        plan.add("more_variants", person_id, word)


def history(plan: Plan, request_id: int, fields: Mapping[str, Any], seniority: date | None) -> None:
    """The lines of history that a new state or another seniority leave."""
    if "state" in fields:
        plan.told_state(request_id, fields["state"])
    if "seniority_on" in fields:
        plan.add("seniority_act", request_id, seniority, fields["seniority_on"],
                 SENIORITY_REASON, plan.now, plan.by)  # fmt: skip


async def move(unit: Unit, plan: Plan, line: int, person_id: int, code: int, on: date) -> None:
    """Another situation from a day on; the one before ends that day."""
    latest = await unit.value(
        "SELECT max(starts_on) FROM situation WHERE person_id = $1", person_id
    )
    day = max(on, latest) if latest else on
    ended = await unit.fetch(
        "UPDATE situation SET ends_on = $2 WHERE person_id = $1 AND starts_on <= $2 "
        "AND (ends_on IS NULL OR ends_on > $2) RETURNING id",
        person_id, day,
    )  # fmt: skip
    made = await unit.value(
        "INSERT INTO situation (person_id, code, starts_on, source, by, at) "
        "VALUES ($1, $2, $3, 'import', $4, $5) RETURNING id",
        person_id, code, day, plan.by, plan.now,
    )  # fmt: skip
    plan.changes.append(
        Change(line, "situation", made, "replaced", [r["id"] for r in ended], {"code": code})
    )


async def answer(
    unit: Unit, plan: Plan, line: int, household_id: int, person_id: int | None, question: str,
    state: int, value: Any,
) -> None:  # fmt: skip
    """A newer answer; the former ones stay beneath it."""
    made = await unit.value(
        "INSERT INTO answer (household_id, person_id, question, field_class, state, value, "
        "source, by, at) VALUES ($1, $2, $3, $4, $5, $6, 'import', $7, $8) RETURNING id",
        household_id, person_id, question, CLASSES[question], int(state),
        None if value is None else encode(value), plan.by, plan.now,
    )  # fmt: skip
    plan.changes.append(Change(line, "answer", made, "created"))


async def recommend(
    unit: Unit, plan: Plan, line: int, request_id: int, kinds: Sequence[str]
) -> None:
    """Other kinds of housing; the former recommendations end."""
    ended = await unit.fetch(
        "UPDATE recommendation SET ends_at = $2 WHERE request_id = $1 AND ends_at IS NULL "
        "RETURNING id",
        request_id, plan.now,
    )  # fmt: skip
    made = await unit.fetch(
        "INSERT INTO recommendation (request_id, rank, kind, by, starts_at) "
        "SELECT $1, n, kind, $3, $4 FROM unnest($2::text[]) WITH ORDINALITY AS k(kind, n) "
        "RETURNING id",
        request_id, list(kinds), plan.by, plan.now,
    )  # fmt: skip
    plan.changes.append(
        Change(line, "recommendation", request_id, "replaced", [r["id"] for r in ended],
               [r["id"] for r in made])
    )  # fmt: skip


async def keep_lists(
    unit: Unit, plan: Plan, line: int, request_id: int, state: str, kinds: Sequence[str],
    seniority: date | None,
) -> None:  # fmt: skip
    """Entries follow the demande: there for each kind while it waits, ended when it is over."""
    wanted = LISTED.get(state)
    target = wanted or ("withdrawn" if state in OVER else "placed" if state == "admitted" else None)
    if target is None:
        return
    for r in await unit.fetch(
        "SELECT id, kind, state, seniority_on FROM waiting_entry WHERE request_id = $1 "
        "AND state NOT IN ('lapsed', 'placed', 'withdrawn') FOR UPDATE",
        request_id,
    ):
        new = target if wanted is None or r["kind"] in kinds else "withdrawn"
        since = seniority or r["seniority_on"]
        if new == r["state"] and since == r["seniority_on"]:
            continue
        await unit.fetch(
            "UPDATE waiting_entry SET state = $2, seniority_on = $3, "
            "ended_at = CASE WHEN $2 IN ('placed', 'withdrawn') THEN $4::timestamptz END "
            "WHERE id = $1",
            r["id"], new, since, plan.now,
        )  # fmt: skip
        if new != r["state"]:
            plan.told_entry(r["id"], new)
        plan.changes.append(
            Change(line, "waiting_entry", r["id"], "updated",
                   {"state": r["state"], "seniority_on": plain(r["seniority_on"])},
                   {"state": new, "seniority_on": plain(since)})
        )  # fmt: skip
    if wanted is None:
        return
    for r in await unit.fetch(
        "INSERT INTO waiting_entry (request_id, kind, state, seniority_on, entered_at, "
        "entered_by) SELECT $1, kind, $3, $4, $5, $6 FROM unnest($2::text[]) AS k(kind) "
        "WHERE NOT EXISTS (SELECT 1 FROM waiting_entry w WHERE w.request_id = $1 "
        "AND w.kind = k.kind AND w.state NOT IN ('lapsed', 'placed', 'withdrawn')) RETURNING id",
        request_id, list(kinds), wanted, seniority or plan.today, plan.now, plan.by,
    ):  # fmt: skip
        plan.told_entry(r["id"], wanted)
        plan.changes.append(Change(line, "waiting_entry", r["id"], "created"))
