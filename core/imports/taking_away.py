"""Take away what a run made: people, answers and all that hangs on them; the journals stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.households.spellings import forget_people
from core.kernel.unit import Unit


@dataclass(slots=True)
class Made:
    """A demande that the run opened, with the people it recorded for it."""

    line: int
    request_id: int
    household_id: int
    opened: bool
    people: tuple[int, ...]


_BY_REQUEST = (
    "DELETE FROM waiting_state USING waiting_entry e WHERE waiting_state.entry_id = e.id "
    "AND e.request_id = ANY($1::bigint[])",
    "DELETE FROM waiting_entry WHERE request_id = ANY($1::bigint[])",
    "DELETE FROM recommendation WHERE request_id = ANY($1::bigint[])",
    "DELETE FROM request_facts WHERE request_id = ANY($1::bigint[])",
    "DELETE FROM imported_demande WHERE request_id = ANY($1::bigint[])",
)
_BY_HOUSEHOLD = (
    "DELETE FROM outgoing_message WHERE household_id = ANY($1::bigint[])",
    "DELETE FROM answer WHERE household_id = ANY($1::bigint[])",
    "DELETE FROM note WHERE household_id = ANY($1::bigint[])",
    "DELETE FROM key_worker WHERE household_id = ANY($1::bigint[])",
    "DELETE FROM membership WHERE household_id = ANY($1::bigint[])",
)
_BY_PERSON = (
    "DELETE FROM outgoing_message WHERE person_id = ANY($1::bigint[])",
    "DELETE FROM answer WHERE person_id = ANY($1::bigint[])",
    "DELETE FROM note WHERE person_id = ANY($1::bigint[])",
    "DELETE FROM membership WHERE person_id = ANY($1::bigint[])",
    "DELETE FROM situation WHERE person_id = ANY($1::bigint[])",
    "DELETE FROM person WHERE id = ANY($1::bigint[])",
    "DELETE FROM past_version WHERE kind = 'person' AND row_id = ANY($1::bigint[])",
)
_PAST = (
    "DELETE FROM past_version WHERE household_id = ANY($1::bigint[]) "
    "OR (kind = 'housing_request' AND row_id = ANY($2::bigint[]))"
)
"""Last of all: emptying a shell is itself a change whose past would keep what is to go."""


async def take_away(unit: Unit, going: Sequence[Made]) -> None:
    """Of each household there remains an empty, archived shell, to which its steps belong."""
    requests = [one.request_id for one in going]
    households = [one.household_id for one in going if one.opened]
    people = [person_id for one in going for person_id in one.people]
    for sql in _BY_REQUEST:
        await unit.fetch(sql, requests)
    for sql in _BY_HOUSEHOLD:
        await unit.fetch(sql, households)
    await forget_people(unit, people)
    for sql in _BY_PERSON:
        await unit.fetch(sql, people)
    await unit.fetch(
        "UPDATE housing_request SET state = 'cancelled', external_no = NULL, reason_code = NULL, "
        "summary = '', organisation_id = NULL, refresh_due = NULL, version = version + 1 "
        "WHERE id = ANY($1::bigint[])",
        requests,
    )
    await unit.fetch(
        "INSERT INTO request_state (request_id, verb, state, at, by) "
        "SELECT id, 'import_reverted', 'cancelled', $2, $3 FROM unnest($1::bigint[]) AS r(id)",
        requests,
        unit.now,
        unit.actor.account_id,
    )
    await unit.fetch(
        "UPDATE household SET external_no = NULL, phone = '', email = '', address = '', "
        "sector_id = NULL, archived_on = $2, version = version + 1 WHERE id = ANY($1::bigint[])",
        households,
        unit.today,
    )
    await unit.fetch(_PAST, households, requests)
    for one in going:
        unit.record(
            "import.demande_reverted",
            household_id=one.household_id,
            subject=("request", one.request_id),
        )
