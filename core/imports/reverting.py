"""Undo a whole run: what it made goes, what it changed comes back, what has moved on since stays.

What the journals hold (events, the steps of a demande) is never taken away: of a household that
the run opened there remains an empty, archived shell without any personal data, to which its
steps belong. Everything else that the run wrote about people is deleted: it came by mistake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec

from core.imports.runs import LOCK, PERMISSION
from core.imports.taking_away import Made, take_away
from core.imports.undoing import undo_change, undo_many
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_

REASONS = {
    "worked_on": N_("Dossier repris par l’équipe depuis : il reste."),
    "later_import": N_("Un fichier plus récent l’a mis à jour : annulez-le d’abord."),
    "in_use": N_("D’autres informations en dépendent : il reste."),
    "changed_since": N_("Valeur modifiée depuis : elle reste."),
}
"""Why something is left as it is."""

OWN = frozenset({
    "membership", "situation", "answer", "note", "key_worker", "person_variant", "past_version",
    "housing_request", "request_state", "recommendation", "request_facts", "waiting_entry",
    "seniority_act", "imported_demande", "outgoing_message",
})  # fmt: skip
"""Tables whose rows a run writes itself, and takes away (or empties) with what it made.

Messages are those of the run's own events: any later one makes the file worked on.
"""


@dataclass(slots=True)
class Undoing:
    """What a revert does, did or would do. `kept` counts by reason.

    Of one that is done: chunks from `chunk` on are dealt with, `done` of the `total` demandes.
    """

    households: int = 0
    people: int = 0
    changes: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    chunk: int | None = None
    done: int = 0
    total: int = 0

    @classmethod
    def read(cls, kept: str | None) -> Self:
        """As the line of a run keeps it; a fresh one where nothing is undone yet."""
        said = msgspec.json.decode(kept or "{}")
        return cls(**{**said, "kept": Counter(said.get("kept", {}))})

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    def keep(self, reason: str) -> None:
        self.kept[reason] += 1


async def find_run(unit: Unit, ref: str) -> Any:
    """A run by its reference; raises NotFound."""
    row = await unit.row("SELECT * FROM import_run WHERE ref = $1", ref)
    if row is None:
        raise NotFound(N_("Aucun import ne porte cette référence."))
    return row


async def preview_revert(unit: Unit, ref: str) -> Undoing:
    """What a revert would undo, and what it would leave. Writes nothing."""
    unit.require(PERMISSION)
    run = await _revertible(unit, ref)
    undoing = Undoing()
    for chunk in await _chunks(unit, run["id"]):
        made = await _made(unit, run["id"], chunk)
        going = await _going(unit, run["id"], made, undoing)
        undoing.households += len(going)
        undoing.people += sum(len(one.people) for one in going)
    undoing.changes = await unit.value(
        "SELECT count(*) FROM import_change WHERE run_id = $1 AND act <> 'created' "
        "AND act <> 'read'",
        run["id"],
    )
    return undoing


async def begin_revert(unit: Unit, ref: str) -> Any:
    """From now on the run is being undone: whoever is still writing it stops at its next chunk."""
    unit.require(PERMISSION)
    run = await _revertible(unit, ref)
    undoing = Undoing.read(run["undo"])
    undoing.total = undoing.total or await unit.value(_DEMANDES, run["id"])
    await _note(unit, run["id"], undoing, "state = 'reverting'")
    return await find_run(unit, ref)


_DEMANDES = (
    "SELECT count(*)::int FROM import_change WHERE run_id = $1 AND object_kind = 'demande' "
    "AND act IN ('created', 'read')"
)


async def _note(unit: Unit, run_id: int, undoing: Undoing, change: str = "tries = 0") -> None:
    """How far the undoing is, in somebody's name; its page tells one that has fallen silent."""
    await unit.fetch(
        f"UPDATE import_run SET {change}, undo = $2, reverted_at = $3, reverted_by = $4, "  # noqa: S608
        "failed_at = NULL, failure = '' WHERE id = $1",
        run_id,
        undoing.to_json(),
        unit.now,
        unit.actor.account_id,
    )


async def revert_import(
    open_unit: Callable[[], Unit], ref: str, progress: Callable[[int, int], None] | None = None
) -> Undoing:
    """Undo a run, the last chunk first. Stopped half-way, it goes on after the last one done.

    `progress` is told how many demandes are dealt with, and of how many.
    """
    async with open_unit() as unit:
        run = await begin_revert(unit, ref)
        undoing = Undoing.read(run["undo"])
        chunks = [
            c for c in await _chunks(unit, run["id"])
            if undoing.chunk is None or c < undoing.chunk
        ]  # fmt: skip
    for chunk in chunks:
        async with open_unit() as unit:
            await unit.fetch("SELECT pg_advisory_xact_lock($1, $2)", LOCK, unit.territory_id)
            changes = await unit.fetch(
                "SELECT * FROM import_change WHERE run_id = $1 AND chunk = $2 "
                "AND (object_kind <> 'demande' OR act <> 'created') ORDER BY id DESC",
                run["id"],
                chunk,
            )
            for change in await undo_many(unit, run["id"], changes):
                if not await undo_change(unit, change):
                    undoing.keep("changed_since")
                    undoing.changes -= 1
            undoing.changes += len(changes)
            made = await _made(unit, run["id"], chunk)
            going = await _going(unit, run["id"], made, undoing)
            await take_away(unit, going)
            undoing.households += len(going)
            undoing.people += sum(len(one.people) for one in going)
            undoing.chunk, undoing.done = chunk, undoing.done + len(made)
            undoing.done += sum(
                c["object_kind"] == "demande" and c["act"] == "read" for c in changes
            )
            await _note(unit, run["id"], undoing)
        if progress:
            progress(undoing.done, undoing.total)
    async with open_unit() as unit:
        await unit.fetch(
            "UPDATE import_run SET state = 'reverted', reverted_at = $2, failed_at = NULL "
            "WHERE id = $1 AND state = 'reverting'",
            run["id"],
            unit.now,
        )
        await unit.fetch(
            "UPDATE import_flag SET settled_at = $2, settled_by = $3, settled_as = 'reverted' "
            "WHERE run_id = $1 AND settled_at IS NULL",
            run["id"], unit.now, unit.actor.account_id,
        )  # fmt: skip
    return undoing


async def _revertible(unit: Unit, ref: str) -> Any:
    run = await find_run(unit, ref)
    if run["state"] == "reverted":
        raise Refused(N_("Cet import est déjà annulé."))
    if run["state"] == "refused":
        raise Refused(N_("Ce fichier avait été refusé : il n’y a rien à annuler."))
    return run


async def _chunks(unit: Unit, run_id: int) -> list[int]:
    rows = await unit.fetch(
        "SELECT number FROM import_chunk WHERE run_id = $1 ORDER BY number DESC", run_id
    )
    return [r["number"] for r in rows]


async def _made(unit: Unit, run_id: int, chunk: int) -> list[Made]:
    rows = await unit.fetch(
        "SELECT c.line, c.object_id, (c.after ->> 'household')::bigint AS household, "
        "(c.after ->> 'opened')::boolean AS opened, "
        "array(SELECT (p ->> 1)::bigint FROM jsonb_array_elements(c.after -> 'people') AS p) "
        "AS people FROM import_change c WHERE c.run_id = $1 AND c.chunk = $2 "
        "AND c.object_kind = 'demande' AND c.act = 'created' "
        "AND EXISTS (SELECT 1 FROM imported_demande d WHERE d.request_id = c.object_id) "
        "ORDER BY c.id",
        run_id,
        chunk,
    )
    return [
        Made(r["line"], r["object_id"], r["household"], r["opened"], tuple(r["people"]))
        for r in rows
    ]


_WORKED_ON = """
SELECT DISTINCT e.household_id AS id FROM event e
JOIN LATERAL (SELECT max(i.id) AS id FROM event i WHERE i.household_id = e.household_id
              AND i.kind = 'import.demande_imported') AS imported ON true
WHERE e.household_id = ANY($1::bigint[]) AND e.id > imported.id
  AND e.kind NOT IN
    ('import.demande_updated', 'import.demande_reverted', 'import.name_settled')
"""


async def _going(unit: Unit, run_id: int, made: Sequence[Made], undoing: Undoing) -> list[Made]:
    """Those that nobody has touched since; the others are noted with their reason."""
    if not made:
        return []
    households = [one.household_id for one in made]
    requests = [one.request_id for one in made]
    people = [person_id for one in made for person_id in one.people]
    worked_on = {r["id"] for r in await unit.fetch(_WORKED_ON, households)}
    later = {
        r["request_id"]
        for r in await unit.fetch(
            "SELECT request_id FROM imported_demande WHERE request_id = ANY($1::bigint[]) "
            "AND run_id <> $2",
            requests,
            run_id,
        )
    }
    in_use = await _in_use(unit, {"household": households, "housing_request": requests,
                                  "person": people})  # fmt: skip
    elsewhere = {
        r["person_id"]: r["household_id"]
        for r in await unit.fetch(
            "SELECT person_id, household_id FROM membership WHERE person_id = ANY($1::bigint[])",
            people,
        )
        if r["household_id"] not in households
    }
    going = []
    for one in made:
        if one.household_id in worked_on:
            undoing.keep("worked_on")
        elif one.request_id in later:
            undoing.keep("later_import")
        elif (
            one.household_id in in_use["household"]
            or one.request_id in in_use["housing_request"]
            or any(p in in_use["person"] or p in elsewhere for p in one.people)
        ):
            undoing.keep("in_use")
        else:
            going.append(one)
    return _together(going, made, undoing)


def _together(going: list[Made], made: Sequence[Made], undoing: Undoing) -> list[Made]:
    """A person who is in two demandes of the chunk stays when one of the two stays."""
    staying = [one for one in made if one not in going]
    shared = {p for one in staying for p in one.people}
    for one in [one for one in going if shared & set(one.people)]:
        going.remove(one)
        undoing.keep("in_use")
    return going


async def _in_use(unit: Unit, ids: dict[str, list[int]]) -> dict[str, set[int]]:
    """Rows that tables other than the import's own refer to, plugins' included."""
    found: dict[str, set[int]] = {target: set() for target in ids}
    for r in await unit.fetch(
        "SELECT k.conrelid::regclass::text AS name, a.attname::text AS column, "
        "k.confrelid::regclass::text AS target FROM pg_constraint k "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
        "WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 2 "
        "AND k.confrelid::regclass::text = ANY($1::text[])",
        list(ids),
    ):
        if r["name"] in OWN or r["name"] == r["target"] or not ids[r["target"]]:
            continue
        rows = await unit.fetch(
            f"SELECT DISTINCT {r['column']} AS id FROM {r['name']} "  # noqa: S608 - catalogue names
            f"WHERE {r['column']} = ANY($1::bigint[])",
            ids[r["target"]],
        )
        found[r["target"]].update(row["id"] for row in rows)
    return found
