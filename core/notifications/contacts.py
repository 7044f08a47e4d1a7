"""How a person wants to be reached: what they say, kept in rows, and what is known besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.accounts.mandates import acts_for
from core.households.stops import stopped
from core.kernel.errors import Denied, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.reach import OUTSIDE, Contact

UNSAFE_CLASS = ("violence", "hidden_address")
"""The questions whose "yes" lets nothing leave until the person was asked what is safe."""

# What is known of the people of $1, the household being $2; the dead and the stopped left out.
_CONTACTS = f"""
SELECT p.id, p.email, p.phone, p.language, p.given_name, p.family_name,
       coalesce(h.address, '') AS address, c.prefers, c.unsafe, c.id IS NOT NULL AS asked,
       EXISTS (SELECT 1 FROM (
         SELECT DISTINCT ON (a.question) a.state FROM answer a
         WHERE a.territory_id = p.territory_id AND a.person_id = p.id
           AND a.question = ANY($3::text[]) AND a.household_id IN (
             SELECT m.household_id FROM membership m
             WHERE m.territory_id = p.territory_id AND m.person_id = p.id)
         ORDER BY a.question, a.id DESC) latest WHERE latest.state = 1) AS guarded,
       EXISTS (SELECT 1 FROM outgoing_message o
         WHERE o.territory_id = p.territory_id AND o.person_id = p.id AND o.channel = 'letter'
           AND o.state = 'failed' AND o.error LIKE 'returned%'
           AND o.content->'to'->>'address' = h.address) AS returned
FROM person p
LEFT JOIN household h ON h.territory_id = p.territory_id AND h.id = $2
LEFT JOIN LATERAL (SELECT x.id, x.prefers, x.unsafe FROM contact_choice x
  WHERE x.territory_id = p.territory_id AND x.person_id = p.id ORDER BY x.id DESC LIMIT 1) c ON true
WHERE p.id = ANY($1::bigint[]) AND p.died_on IS NULL AND NOT {stopped("p")}
"""  # noqa: S608 made of constants


async def contacts(unit: Unit, people: Sequence[int], household_id: int | None) -> list[Any]:
    """Who of these may be written to at all, with what is known of how. One statement."""
    return await unit.fetch(_CONTACTS, list(people), household_id, list(UNSAFE_CLASS))


def contact_of(row: Any) -> Contact:
    """A row of `contacts` as the rule reads it."""
    return Contact(
        row["email"],
        row["phone"],
        row["address"],
        tuple(row["prefers"] or ()),
        frozenset(row["unsafe"] or ()),
        row["asked"],
        row["guarded"],
        row["returned"],
    )


async def say_contact(
    unit: Unit,
    person_id: int,
    *,
    prefers: Sequence[str],
    unsafe: Sequence[str],
    note: str = "",
) -> None:
    """Note what the person said of how to reach them: it holds from now on, for what waits too.

    A resident says it for themself alone; somebody of the team writes down what they were told.
    """
    if unit.actor.kind in ("resident", "helper"):
        if unit.actor.kind == "helper" or not acts_for(unit.actor, person_id, "write"):
            raise Denied()
    else:
        unit.require("households.write")
    if set(prefers) - set(OUTSIDE) or set(unsafe) - {*OUTSIDE, "voice"}:
        raise Invalid({"prefers": N_("Choisissez une réponse de la liste.")})
    if set(prefers) & set(unsafe):
        raise Invalid({"prefers": N_("Ce moyen est aussi dans la liste « jamais ».")})
    await unit.fetch(
        "INSERT INTO contact_choice (person_id, prefers, unsafe, note, at, by) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        person_id,
        list(dict.fromkeys(prefers)),
        sorted(set(unsafe)),
        note.strip()[:500],
        unit.now,
        unit.actor.account_id,
    )
    # What waits for a channel that is not safe never leaves by it: the team says it instead.
    await unit.fetch(
        "UPDATE outgoing_message o SET channel = 'voice', next_at = NULL, error = '', "
        "state = 'waiting' WHERE o.person_id = $1 AND o.channel = ANY($2) "
        "AND o.state IN ('waiting', 'failed') AND NOT EXISTS (SELECT 1 FROM outgoing_message v "
        "WHERE v.territory_id = o.territory_id AND v.person_id = o.person_id "
        "AND v.channel = 'voice' AND v.state IN ('waiting', 'failed'))",
        person_id,
        list(unsafe),
    )
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'stopped', error = 'unsafe', next_at = NULL "
        "WHERE person_id = $1 AND channel = ANY($2) AND state IN ('waiting', 'failed')",
        person_id,
        list(unsafe),
    )
    unit.record("person.contact_said", person_id=person_id)


async def choice_of(unit: Unit, person_id: int) -> Any:
    """What the person last said of how to reach them, with who wrote it; None: not asked."""
    return await unit.row(
        "SELECT c.prefers, c.unsafe, c.note, c.at, a.name AS author FROM contact_choice c "
        "LEFT JOIN account a ON a.id = c.by WHERE c.person_id = $1 ORDER BY c.id DESC LIMIT 1",
        person_id,
    )
