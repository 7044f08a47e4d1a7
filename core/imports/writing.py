"""Write a plan: one statement per table and part, whatever the number of rows.

COPY would be quicker still, but PostgreSQL refuses it under row-level security.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, Self

from core.households.spellings import SLIPS
from core.imports.opening import encode
from core.imports.plans import Plan, Take
from core.kernel.unit import Unit
from core.requests.facts import KEPT

COLUMNS: dict[str, dict[str, str]] = {
    "household": {
        "id": "bigint", "ref": "text", "created_at": "timestamptz", "created_by": "bigint",
        "sector_id": "bigint", "external_no": "text", "phone": "text", "email": "text",
    },
    "person": {
        "id": "bigint", "ref": "text", "family_name": "text", "given_name": "text",
        "usual_name": "text", "search_key": "text", "birth": "date", "sex": "smallint",
        "phone": "text", "email": "text", "external_no": "text", "created_at": "timestamptz",
    },
    "membership": {
        "household_id": "bigint", "person_id": "bigint", "role": "text", "starts_on": "date",
    },
    "situation": {
        "person_id": "bigint", "code": "smallint", "starts_on": "date", "source": "text",
        "by": "bigint", "at": "timestamptz",
    },
    "housing_request": {
        "id": "bigint", "ref": "text", "household_id": "bigint", "state": "text",
        "reason_code": "smallint", "first_sent_on": "date", "last_sent_on": "date",
        "seniority_on": "date", "refresh_due": "date", "organisation_id": "bigint",
        "external_no": "text", "created_at": "timestamptz", "created_by": "bigint",
    },
    "request_state": {
        "request_id": "bigint", "verb": "text", "state": "text", "at": "timestamptz",
        "by": "bigint", "reason": "text",
    },
    "seniority_act": {
        "request_id": "bigint", "before": "date", "after": "date", "reason": "text",
        "at": "timestamptz", "by": "bigint",
    },
    "recommendation": {
        "request_id": "bigint", "rank": "smallint", "kind": "text", "by": "bigint",
        "starts_at": "timestamptz",
    },
    "waiting_entry": {
        "id": "bigint", "request_id": "bigint", "kind": "text", "state": "text",
        "seniority_on": "date", "entered_at": "timestamptz", "entered_by": "bigint",
    },
    "waiting_state": {
        "entry_id": "bigint", "verb": "text", "state": "text", "at": "timestamptz",
        "by": "bigint", "reason": "text",
    },
    "answer": {
        "household_id": "bigint", "person_id": "bigint", "question": "text",
        "field_class": "text", "state": "smallint", "value": "jsonb", "source": "text",
        "by": "bigint", "at": "timestamptz",
    },
    "note": {
        "household_id": "bigint", "person_id": "bigint", "field_class": "text", "text": "text",
        "by": "bigint", "at": "timestamptz",
    },
    "key_worker": {
        "household_id": "bigint", "account_id": "bigint", "organisation_id": "bigint",
        "role": "text", "starts_on": "date",
    },
    "imported_demande": {
        "key": "text", "request_id": "bigint", "household_id": "bigint", "digest": "text",
        "said": "jsonb", "run_id": "bigint", "line": "int", "at": "timestamptz",
    },
}  # fmt: skip
"""The tables a plan fills, parents first, with their columns in the order of a plan's tuples."""

IDS = ("household", "person", "housing_request", "waiting_entry")
"""Tables whose ids are drawn before, since other rows of the same plan name them."""


def _rows(*kinds: str, first: int = 1) -> str:
    """`unnest` of columns of these types, each given as one text (`_columns`)."""
    return ", ".join(
        f"(string_to_array(${n}, E'\\x1d', E'\\x1e'))[2:]::{kind}[]"
        for n, kind in enumerate(kinds, start=first)
    )


# Sorted as the index is: neighbours go to the same page of it.
_WORDS = f"""
INSERT INTO person_variant (person_id, variant)
SELECT person_id, word FROM unnest({_rows("bigint", "text")}) AS w(person_id, word)
ORDER BY word COLLATE "C", person_id
"""  # noqa: S608
_MORE_WORDS = _WORDS + 'ON CONFLICT (territory_id, variant COLLATE "C", person_id) DO NOTHING'
"""For people who are known already."""

_FACT_KINDS = (
    "bigint", "timestamptz", *("text" if kind.endswith("[]") else kind for kind in KEPT.values()),
)  # fmt: skip
_AS_KEPT = ", ".join(f"{n}::{kind}" if kind.endswith("[]") else n for n, kind in KEPT.items())
_FACTS = f"""
INSERT INTO request_facts (request_id, updated_at, {", ".join(KEPT)})
SELECT request_id, updated_at, {_AS_KEPT}
FROM unnest({_rows(*_FACT_KINDS)}) AS f(request_id, updated_at, {", ".join(KEPT)})
"""  # noqa: S608 -- the names are ours

_CHANGES = f"""
INSERT INTO import_change (run_id, chunk, line, object_kind, object_id, act, before, after)
SELECT $1, $2, line, kind, object_id, act, before, after
FROM unnest({_rows("int", "text", "bigint", "text", "jsonb", "jsonb", first=3)})
  AS c(line, kind, object_id, act, before, after)
"""  # noqa: S608

_FLAGS = f"""
INSERT INTO import_flag (run_id, line, code, household_id, person_id, other_person_id, field,
  details)
SELECT $1, line, code, household_id, person_id, other_person_id, field, details
FROM unnest({_rows("int", "text", "bigint", "bigint", "bigint", "text", "jsonb", first=2)})
  AS f(line, code, household_id, person_id, other_person_id, field, details)
"""  # noqa: S608


def _statement(table: str) -> str:
    columns = COLUMNS[table]
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT * FROM unnest({_rows(*columns.values())})"  # noqa: S608


_STATEMENTS = {table: _statement(table) for table in COLUMNS}


class DrawnIds:
    """Ids drawn from the sequences, many at once; those left over serve the next chunk."""

    def __init__(self) -> None:
        self._left: dict[str, list[int]] = {table: [] for table in IDS}

    async def draw(self, unit: Unit, wanted: dict[str, int]) -> None:
        """Make sure that there are enough for a plan."""
        missing = {
            table: number - len(self._left[table])
            for table, number in wanted.items()
            if number > len(self._left[table])
        }
        if not missing:
            return
        rows = await unit.fetch(
            "SELECT t.name, array(SELECT nextval(t.ids) FROM generate_series(1, t.wanted)) AS ids "
            "FROM (SELECT name, wanted, pg_get_serial_sequence(name, 'id')::regclass AS ids "
            "FROM unnest($1::text[], $2::int[]) AS w(name, wanted) OFFSET 0) AS t",
            list(missing),
            list(missing.values()),
        )
        for row in rows:
            self._left[row["name"]].extend(reversed(row["ids"]))

    def take(self, table: str) -> int:
        return self._left[table].pop()


class Writer:
    """Writes a plan part by part: the database, in a process of its own, works on what it was
    handed while the next part is planned.

        async with Writer(unit, plan, chunk) as writer:
            …plan…; await writer.hand_over()    # as often as one likes
            await writer.close()                # all is written, or this raises

    Nobody else may speak to the database between the first `hand_over` and `close`.
    """

    def __init__(self, unit: Unit, plan: Plan, chunk: int) -> None:
        self._unit, self._plan, self._chunk = unit, plan, chunk
        self._orders: asyncio.Queue[tuple[str, list[Any]] | None] = asyncio.Queue()
        self._told_changes = 0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _send(self) -> None:
        while (order := await self._orders.get()) is not None:
            statement, arguments = order
            await self._unit.fetch(statement, *arguments)

    async def _order(self, statement: str, *arguments: Any) -> None:
        self._orders.put_nowait((statement, list(arguments)))
        await breathe()

    async def hand_over(self) -> None:
        """What was planned since the last time, one statement per table.

        Statistics lag behind an import that fills empty tables: plans made on them (those of the
        foreign keys' own checks too) read a whole territory for each row, and stay. So plans are
        made anew after 1, 2, 4, 8… chunks, once there are people to plan for.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._send())
        plan, rows = self._plan, self._plan.take_rows()
        for table, statement in _STATEMENTS.items():
            if of_table := rows.get(table):
                await self._order(statement, *_columns(of_table))
            if table == "person" and self._chunk & (self._chunk - 1) == 0:
                await self._order("DISCARD PLANS")
        words, more = rows.get("person_variant", []), rows.get("more_variants", [])
        for statement, of_words in ((_WORDS, words), (_MORE_WORDS, more)):
            if of_words:
                await self._order(statement, *_columns(of_words))
        if known := {word for _, word in words} | {word for _, word in more}:
            await self._order(SLIPS, sorted(known))
        if facts := rows.get("request_facts"):
            await self._order(_FACTS, *_columns(facts))
        if changes := [
            (c.line, c.kind, c.object_id, c.act, _json(c.before), _json(c.after))
            for c in plan.changes[self._told_changes :]
        ]:
            self._told_changes = len(plan.changes)
            await self._order(_CHANGES, plan.run_id, self._chunk, *_columns(changes))

    async def close(self) -> None:
        """The flags, which may name anybody of the chunk, then wait for all that was ordered."""
        plan = self._plan
        await self.hand_over()
        if plan.flags:
            flags = [
                (f.line, f.code, f.household_id, f.person_id, f.other_person_id, f.field,
                 encode(f.details))
                for f in plan.flags
            ]  # fmt: skip
            await self._order(_FLAGS, plan.run_id, *_columns(flags))
        self._orders.put_nowait(None)
        assert self._task is not None
        await self._task


async def write(unit: Unit, plan: Plan, chunk: int) -> None:
    """All of a plan that is ready, but its chunk's own line, in the Unit's transaction."""
    async with Writer(unit, plan, chunk) as writer:
        await writer.close()


async def breathe() -> None:
    """Let an answer of the database in, and the next statement out: it takes three turns."""
    for _ in range(3):
        await asyncio.sleep(0)


def tell(unit: Unit, plan: Plan) -> None:
    """One event for each household. Last of all: whatever happens to it later comes after."""
    for kind, household_id, request_id in plan.happened:
        unit.record(
            kind, household_id=household_id, subject=("request", request_id), run=plan.run_id
        )


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Each column as one text: a driver that looks at every value for arrays in arrays took as
    long as the writing itself. No cell holds U+001D or U+001E: the reading takes them out.
    """
    width = len(rows[0])
    flat = list(chain.from_iterable(rows))
    return [_column(flat[n::width]) for n in range(width)]


def _column(values: list[Any]) -> str:
    first = values[0]
    if first.__class__ is not str and values.count(first) == len(values):
        return f"\x1d{_NULL if first is None else first}" * len(values)
    texts = [v if v.__class__ is str else _NULL if v is None else str(v) for v in values]
    return "\x1d" + "\x1d".join(texts)


_NULL = "\x1e"


def _json(value: Any) -> str | None:
    return None if value is None else encode(value)


__all__ = ["COLUMNS", "IDS", "DrawnIds", "Take", "Writer", "breathe", "tell", "write"]
