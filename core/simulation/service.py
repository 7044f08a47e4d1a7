"""Replays asked for, carried on piece by piece by the worker, stopped, and reported once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
import structlog

from core.extension.context import Ctx
from core.kernel.errors import Conflict, DatabaseUnavailable, Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.trace import trace
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.ranking import Rule
from core.matching.rulecheck import read_rule, write_rule
from core.matching.rulehistory import draft_of, versions
from core.simulation.film import BOUND, bounds, count_places, read_film
from core.simulation.findings import findings
from core.simulation.replay import Choice, Film, World, play

log = structlog.get_logger()

PIECE = 2.0
"""Seconds of replay between two looks at whether somebody stopped it."""

LONGEST = 366 * 3
"""Days of the longest period."""

UNDER_WAY = ("waiting", "running")


async def ask_simulation(
    unit: Unit,
    kind: str,
    *,
    rule_id: int | None,
    starts_on: date,
    ends_on: date,
    title: str,
    tags: Collection[str] | None = None,
) -> str:
    """Ask for a replay of `kind` from a day up to and without another, under a signed version
    (`rule_id`) or the open draft; its ref. The rule is kept word for word.

    One at a time for a list. Raises Invalid, BadRule, Conflict.
    """
    unit.require("rules.write")
    wrong = {}
    if ends_on <= starts_on:
        wrong["ends_on"] = N_("La fin vient après le début.")
    elif ends_on > unit.today + timedelta(days=1):
        wrong["ends_on"] = N_("Seul le passé se rejoue.")
    elif (ends_on - starts_on).days > LONGEST:
        wrong["starts_on"] = N_("Trois ans au plus.")
    if wrong:
        raise Invalid(wrong)
    rule, draft_id = await _tried(unit, kind, rule_id)
    read_rule(write_rule(rule), tags)
    await unit.fetch("SELECT 1 FROM territory WHERE id = $1 FOR NO KEY UPDATE", unit.territory_id)
    if await unit.value(
        "SELECT 1 FROM simulation WHERE kind = $1 AND state = ANY($2) LIMIT 1",
        kind,
        list(UNDER_WAY),
    ):
        raise Conflict(N_("Une simulation de cette liste est déjà en cours."))
    total = await count_places(unit, kind, starts_on, ends_on)
    if not total:
        raise Invalid({"starts_on": N_("Aucune place de cette liste n’a été pourvue alors.")})
    ref = new_ref()
    await unit.fetch(
        "INSERT INTO simulation (ref, kind, keys, title, draft_id, rule_id, starts_on, ends_on, "
        "asked_by, asked_at, total) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        ref,
        kind,
        msgspec.json.encode(write_rule(rule)).decode(),
        title.strip(),
        draft_id,
        rule_id,
        starts_on,
        ends_on,
        unit.actor.account_id,
        unit.now,
        total,
    )
    return ref


async def _tried(unit: Unit, kind: str, rule_id: int | None) -> tuple[Rule, int | None]:
    if rule_id is None:
        draft = await draft_of(unit, kind)
        return draft.rule, draft.id
    found = [v for v in await versions(unit, kind) if v.id == rule_id]
    if not found or found[0].rule is None:
        raise NotFound()
    return found[0].rule, None


async def stop_simulation(unit: Unit, ref: str) -> None:
    """Stop a replay that is under way: it keeps nothing but that it was asked and stopped."""
    unit.require("rules.write")
    row = await unit.row("SELECT id, state FROM simulation WHERE ref = $1 FOR UPDATE", ref.upper())
    if row is None:
        raise NotFound()
    if row["state"] not in UNDER_WAY:
        raise Refused(N_("Cette simulation est déjà terminée."))
    await unit.fetch(
        "UPDATE simulation SET state = 'stopped', stop_by = $2, stop_at = $3, ended_at = $3, "
        "progress = '{}' WHERE id = $1",
        row["id"],
        unit.actor.account_id,
        unit.now,
    )


_NEXT = """
SELECT * FROM simulation WHERE state IN ('waiting', 'running') ORDER BY id LIMIT 1
FOR UPDATE SKIP LOCKED
"""


async def carry_on(ctx: Ctx, seconds: float = PIECE) -> int:
    """A piece of the oldest replay of this territory; 1 when there was one, else 0.

    A piece is one transaction: a crash loses that piece, and the next takes it up. One that
    raises is marked failed, with its kind of error only.
    """
    number: int | None = None
    try:
        async with ctx.unit() as unit:
            row = await unit.row(_NEXT)
            if row is None:
                return 0
            number = row["id"]
            async with unit.savepoint(BOUND):
                await _piece(unit, row, seconds)
        return 1
    except DatabaseUnavailable:
        raise
    except Exception as error:
        if number is None:
            raise
        log.error("simulation failed", simulation=number, **trace(error))
        async with ctx.unit() as unit:
            await unit.fetch(
                "UPDATE simulation SET state = 'failed', ended_at = $2, progress = $3 "
                "WHERE id = $1",
                number,
                unit.now,
                msgspec.json.encode({"error": type(error).__name__}).decode(),
            )
        return 1


async def _piece(unit: Unit, row: Mapping[str, Any], seconds: float) -> None:
    tried = read_rule(msgspec.json.decode(row["keys"]))
    film, used = await read_film(unit, row["kind"], row["starts_on"], row["ends_on"], tried)
    choices = [
        ((before, after), fitted)
        for before, after, fitted in msgspec.json.decode(row["progress"]).get("choices", [])
    ]
    # Not on the loop: pages are answered while this is counted.
    choices = await asyncio.to_thread(_go_on, film, choices, seconds)
    if len(choices) < len(film.places):
        await unit.fetch(
            "UPDATE simulation SET state = 'running', done = $2, total = $3, progress = $4 "
            "WHERE id = $1",
            row["id"],
            len(choices),
            len(film.places),
            msgspec.json.encode({"choices": [(*c, n) for c, n in choices]}).decode(),
        )
        return
    first, last = bounds(unit, row["starts_on"], row["ends_on"])
    found = await asyncio.to_thread(findings, film, choices, first, last, used)
    await unit.fetch(
        "INSERT INTO simulation_report (simulation_id, found, at) VALUES ($1, $2, $3)",
        row["id"],
        msgspec.json.encode(found).decode(),
        unit.now,
    )
    await unit.fetch(
        "UPDATE simulation SET state = 'done', done = $2, total = $2, ended_at = $3, "
        "progress = '{}' WHERE id = $1",
        row["id"],
        len(choices),
        unit.now,
    )


def _go_on(
    film: Film, choices: list[tuple[Choice, int]], seconds: float
) -> list[tuple[Choice, int]]:
    """Play on from what is played already, until the time is up; one place at least."""
    worlds = (World(), World())
    for number, (choice, _) in enumerate(choices):
        for world, request_id in zip(worlds, choice, strict=True):
            if request_id is not None:
                world.housed[request_id] = number
    until = time.monotonic() + seconds
    played = list(choices)
    for number in range(len(played), len(film.places)):
        played.append(play(film, number, worlds))
        if time.monotonic() >= until:
            break
    return played
