"""Undo a whole run: what it made goes, what it changed comes back, what has moved on since stays.

What the journals hold (events, the steps of a demande) is never taken away: of a household that
the run opened there remains an empty, archived shell without any personal data, to which its
steps belong. Everything else that the run wrote about people is deleted: it came by mistake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.imports.runs import LOCK, PERMISSION
from core.imports.taking_away import Made, take_away
from core.imports.undoing import undo_change
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
    """What a revert does or would do. `kept` counts by reason; `lines` says where."""

    households: int = 0
    people: int = 0
    changes: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    lines: list[tuple[int, str]] = field(default_factory=list)

    def keep(self, line: int, reason: str) -> None:
        self.kept[reason] += 1
        if len(self.lines) < 1000:
            self.lines.append((line, reason))


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
    await _alive(unit, run["id"], "state = 'reverting'")
    return run


async def _alive(unit: Unit, run_id: int, change: str = "state = state") -> None:
    """The undoing goes on, in somebody's name; its page tells one that has fallen silent."""
    await unit.fetch(
        f"UPDATE import_run SET {change}, reverted_at = $2, reverted_by = $3 WHERE id = $1",  # noqa: S608
        run_id,
        unit.now,
        unit.actor.account_id,
    )


async def revert_import(
    open_unit: Callable[[], Unit], ref: str, progress: Callable[[int, int], None] | None = None
) -> Undoing:
    """Undo a run, the last chunk first. Stopped half-way, it can be asked for again."""
    undoing = Undoing()
    async with open_unit() as unit:
        run = await begin_revert(unit, ref)
        chunks = await _chunks(unit, run["id"])
    for done, chunk in enumerate(chunks, start=1):
        async with open_unit() as unit:
            await unit.fetch("SELECT pg_advisory_xact_lock($1, $2)", LOCK, unit.territory_id)
            for change in await unit.fetch(
                "SELECT * FROM import_change WHERE run_id = $1 AND chunk = $2 "
                "AND (object_kind <> 'demande' OR act <> 'created') ORDER BY id DESC",
                run["id"],
                chunk,
            ):
                if await undo_change(unit, run["id"], change):
                    undoing.changes += 1
                else:
                    undoing.keep(change["line"], "changed_since")
            made = await _made(unit, run["id"], chunk)
            going = await _going(unit, run["id"], made, undoing)
            await take_away(unit, going)
            await _alive(unit, run["id"])
            undoing.households += len(going)
            undoing.people += sum(len(one.people) for one in going)
        if progress:
            progress(done, len(chunks))
    async with open_unit() as unit:
        await unit.fetch(
            "UPDATE import_run SET state = 'reverted', reverted_at = $2 "
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
  AND e.kind NOT IN ('import.demande_updated', 'import.demande_reverted')
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
            undoing.keep(one.line, "worked_on")
        elif one.request_id in later:
            undoing.keep(one.line, "later_import")
        elif (
            one.household_id in in_use["household"]
            or one.request_id in in_use["housing_request"]
            or any(p in in_use["person"] or p in elsewhere for p in one.people)
        ):
            undoing.keep(one.line, "in_use")
        else:
            going.append(one)
    return _together(going, made, undoing)


def _together(going: list[Made], made: Sequence[Made], undoing: Undoing) -> list[Made]:
    """A person who is in two demandes of the chunk stays when one of the two stays."""
    staying = [one for one in made if one not in going]
    shared = {p for one in staying for p in one.people}
    for one in [one for one in going if shared & set(one.people)]:
        going.remove(one)
        undoing.keep(one.line, "in_use")
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
