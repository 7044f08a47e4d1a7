"""A vacancy's verbs: declare a free unit, then each step of its life cycle."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import asyncpg

from core.housing.rules import VACANCY, UnitShape, unit_takes
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.machine import Transition
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

IN_WORKS = N_("Cette place est gelée pour travaux : levez d’abord le gel.")
IN_WORKS_UNTIL = N_("Cette place est gelée pour travaux jusqu’au %(day)s : levez d’abord le gel.")
LONG_AGO = FAR_OFF = timedelta(days=366)
"""How far from today a place may be declared free: further is a slip of the hand."""


async def declare_vacancy(
    unit: Unit, unit_id: int, *, free_on: date, note: str = "", draw_seed: bytes | None = None
) -> int:
    """A unit is free from a day on. The seed that breaks ties is drawn now, once, and kept.

    Its kind is what the programme is on that day. A structure declares its own units only.
    """
    unit.require("vacancies.declare")
    place = await unit.row(
        "SELECT u.id, u.typology, u.min_persons, u.max_persons, u.closed_on, p.organisation_id, "
        "(SELECT k.kind FROM programme_kind k WHERE k.territory_id = p.territory_id "
        " AND k.programme_id = p.id AND k.starts_on <= $2 "
        " AND (k.ends_on IS NULL OR k.ends_on > $2)) AS kind, "
        "EXISTS (SELECT 1 FROM housing_unit part WHERE part.territory_id = u.territory_id "
        " AND part.parent_id = u.id AND part.closed_on IS NULL) AS divided, "
        "(SELECT coalesce(v.frozen_until, 'infinity') FROM vacancy v "
        " WHERE v.territory_id = u.territory_id AND v.unit_id = u.id AND v.state = 'frozen' "
        " LIMIT 1) AS works_until, "
        "EXISTS (SELECT 1 FROM placement s WHERE s.territory_id = u.territory_id "
        " AND s.unit_id = u.id AND s.state IN ('planned', 'present') "
        " AND (s.ends_on IS NULL OR s.ends_on > $2)) AS occupied "
        "FROM housing_unit u JOIN programme p ON p.territory_id = u.territory_id "
        "AND p.id = u.programme_id WHERE u.id = $1 FOR UPDATE OF u",
        unit_id,
        free_on,
    )
    if place is None or not unit.scope("vacancies.declare").runs(place["organisation_id"]):
        raise NotFound()
    if free_on < unit.today - LONG_AGO or free_on > unit.today + FAR_OFF:
        raise Invalid({"free_on": N_("Cette date est trop loin : un an au plus, avant ou après.")})
    if (works := place["works_until"]) is not None:
        # asyncpg reads an infinite date as the last one there is.
        raise (
            Refused(IN_WORKS)
            if works == date.max
            else Refused(IN_WORKS_UNTIL, day=works.strftime("%d/%m/%Y"))
        )
    if place["closed_on"] is not None and place["closed_on"] <= free_on:
        raise Refused(N_("Cette place est fermée à cette date."))
    if place["kind"] is None:
        raise Refused(N_("Cette structure n’est pas encore ouverte à cette date."))
    if place["occupied"]:
        raise Refused(N_("La place est encore occupée à cette date : notez d’abord la sortie."))
    if await awaits_household(unit, unit_id):
        raise Refused(N_("Un ménage admis doit encore entrer dans cette place."))
    if place["divided"]:
        shape = UnitShape(place["typology"], place["min_persons"], place["max_persons"], True)
        verdict = unit_takes(shape, place["min_persons"], has_leaves=True)
        assert verdict.reason is not None
        raise Refused(verdict.reason.msgid)
    vacancy_id = await unit.value(
        "INSERT INTO vacancy (ref, unit_id, kind, state, free_on, draw_seed, note, declared_by, "
        "declared_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        new_ref(),
        unit_id,
        place["kind"],
        VACANCY.start,
        free_on,
        draw_seed or secrets.token_bytes(32),
        note,
        unit.actor.account_id,
        unit.now,
    )
    await _trace(unit, vacancy_id, "declare", VACANCY.start, "")
    unit.record("vacancy.declared", subject=("vacancy", vacancy_id), on=free_on.isoformat())
    return int(vacancy_id)


async def lock_vacancy(unit: Unit, vacancy_id: int) -> asyncpg.Record:
    """The vacancy for whoever changes it next; NotFound for a structure that does not run it."""
    row = await unit.row(
        "SELECT v.*, u.programme_id, p.organisation_id FROM vacancy v "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE v.id = $1 FOR UPDATE OF v",
        vacancy_id,
    )
    if row is None or not unit.scope("vacancies.read").runs(row["organisation_id"]):
        raise NotFound()
    return row


_MOVE = """
WITH moved AS (
  UPDATE vacancy SET state = $2::text,
    held_until = CASE WHEN $2::text = 'held' THEN coalesce($3, held_until) END,
    frozen_until = CASE WHEN $2::text = 'frozen' THEN $4::date END,
    closed_on = CASE WHEN $2::text IN ('filled', 'given_back') THEN $5::date END
  WHERE id = $1 RETURNING id)
INSERT INTO vacancy_state (vacancy_id, state, verb, at, by, reason)
SELECT id, $2::text, $6::text, $7::timestamptz, $8::bigint, $9::text FROM moved
"""
"""The new state and its line of history, in one statement."""


async def vacancy_step(
    unit: Unit,
    vacancy_id: int,
    verb: str,
    *,
    facts: Mapping[str, bool] | None = None,
    reason: str = "",
    held_until: datetime | None = None,
    frozen_until: date | None = None,
    household_id: int | None = None,
    locked: asyncpg.Record | None = None,
) -> Transition:
    """One step of a vacancy. `facts` are what the caller knows; the rest is looked up here.

    `locked` is its row where the caller holds it already (`lock_vacancy`).
    """
    row = locked or await lock_vacancy(unit, vacancy_id)
    _check_days(unit, row, verb, held_until, frozen_until)
    wanted = VACANCY.find(row["state"], verb)
    known = {
        "reason": bool(reason.strip()),
        "held_until": held_until is not None,
        "household": household_id is not None,
        "hold_over": row["held_until"] is not None and unit.now > row["held_until"],
        **(facts or {}),
    }
    if wanted is not None and any(need.key == "unit_free" for need in wanted.needs):
        known.setdefault("unit_free", not await _occupied(unit, row["unit_id"]))
    transition = VACANCY.apply(row["state"], verb, known)
    unit.require(transition.permission)
    target = transition.target
    await unit.fetch(
        _MOVE,
        vacancy_id,
        target,
        held_until,
        frozen_until,
        unit.today,
        verb,
        unit.now,
        unit.actor.account_id,
        reason,
    )
    unit.record(transition.event, household_id=household_id, subject=("vacancy", vacancy_id))
    return transition


def _check_days(
    unit: Unit,
    row: asyncpg.Record,
    verb: str,
    held_until: datetime | None,
    frozen_until: date | None,
) -> None:
    """Days that cross are refused beside their field."""
    if (
        verb == "freeze"
        and frozen_until is not None
        and frozen_until < max(unit.today, row["free_on"])
    ):
        raise Invalid(
            {"frozen_until": N_("La fin des travaux ne peut pas être passée, ni avant le jour où "
                                "la place est libre.")}
        )  # fmt: skip
    if verb in ("hold", "extend") and held_until is not None and held_until <= unit.now:
        raise Invalid({"held_until": N_("La fin de la réservation doit être à venir.")})


async def note_vacancy(unit: Unit, vacancy_id: int, version: int, note: str) -> None:
    """What the structure wants to be known of a free place; `version` is the one that was read.

    Raises Conflict with the note that stands now when somebody else wrote one since.
    """
    unit.require("vacancies.declare")
    await lock_vacancy(unit, vacancy_id)
    if await change_row(unit, "vacancy", vacancy_id, version, {"note": note}, ("note",)):
        unit.record("vacancy.noted", subject=("vacancy", vacancy_id))


_AWAITED = """
SELECT 1 FROM vacancy v JOIN referral r ON r.territory_id = v.territory_id AND r.vacancy_id = v.id
WHERE v.unit_id = $1 AND r.state = 'admitted' AND NOT EXISTS (
  SELECT 1 FROM placement s WHERE s.territory_id = r.territory_id AND s.referral_id = r.id
    AND s.state <> 'cancelled')
"""


async def awaits_household(unit: Unit, unit_id: int) -> bool:
    """Whether an admitted household is still to move into this place."""
    return bool(await unit.value(_AWAITED, unit_id))


async def _occupied(unit: Unit, unit_id: int) -> bool:
    lived_in = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND state = 'present' "
        "AND (ends_on IS NULL OR ends_on > $2)",
        unit_id,
        unit.today,
    )
    return bool(lived_in) or await awaits_household(unit, unit_id)


async def _trace(unit: Unit, vacancy_id: int, verb: str, state: str, reason: str) -> None:
    await unit.fetch(
        "INSERT INTO vacancy_state (vacancy_id, state, verb, at, by, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        vacancy_id,
        state,
        verb,
        unit.now,
        unit.actor.account_id,
        reason,
    )
