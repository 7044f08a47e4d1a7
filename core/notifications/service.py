"""What a person and the team write to each other, and what leaves for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from core.accounts.mandates import acts_for
from core.households.stops import stopped
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.territories.queries import settings_on

KINDS = ("message", "feedback", "correction")
MOODS = {5: N_("Bien"), 3: N_("Moyen"), 1: N_("Mal")}
"""How a step was for the person; always optional, never used to rank anyone."""

LONGEST = 4000
ANSWER_DAYS = 7
"""How many days the team has to answer, where the territory set nothing else."""

WRITE_SOMETHING = N_("Écrivez votre message.")
TOO_LONG = N_("Ce texte est trop long.")
NOT_THROUGH_HELP = N_("Un avis se donne soi-même, sans la personne qui aide.")
NOT_LISTED = N_("Choisissez une réponse de la liste.")


async def write(
    unit: Unit,
    household_id: int,
    person_id: int,
    kind: str,
    text: str,
    about: tuple[str, int] | None = None,
    mood: int | None = None,
) -> int:
    """A person writes to the team. Returns the exchange; its answer is due in some days.

    `about` is what it is about (kind and id: a request, a referral, a stay). A resident writes
    for nobody else; a professional may note what a person said, and who helps a person writes for
    them within the authorisation, never an opinion.
    """
    if unit.actor.kind in ("resident", "helper"):
        if not acts_for(unit.actor, person_id, "write"):
            raise Denied()
        if mood is not None and unit.actor.kind == "helper":
            # What one thinks of the help is not said through who helps.
            raise Refused(NOT_THROUGH_HELP)
    else:
        unit.require("messages.answer")
    text = text.strip()
    if not text:
        raise Invalid({"text": WRITE_SOMETHING})
    if len(text) > LONGEST:
        raise Invalid({"text": TOO_LONG})
    if kind not in KINDS or (mood is not None and mood not in MOODS):
        raise Invalid({"mood": NOT_LISTED})
    if not await _belongs(unit, household_id, person_id):
        raise NotFound()
    days = (await settings_on(unit, unit.today)).get("message_answer_days", ANSWER_DAYS)
    exchange_id = await unit.value(
        "INSERT INTO exchange (ref, household_id, person_id, kind, about_kind, about_id, text, "
        "mood, written_at, written_by, answer_due, mandate_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        new_ref(),
        household_id,
        person_id,
        kind,
        about[0] if about else "",
        about[1] if about else None,
        text,
        mood,
        unit.now,
        unit.actor.account_id,
        unit.now + timedelta(days=int(days)),
        unit.actor.mandate_id,
    )
    unit.record(
        "message.written",
        household_id=household_id,
        person_id=person_id,
        subject=("exchange", exchange_id),
        exchange_kind=kind,
    )
    return int(exchange_id)


async def _belongs(unit: Unit, household_id: int, person_id: int) -> bool:
    """Whether the person is, today, one of that household."""
    return bool(
        await unit.value(
            "SELECT 1 FROM membership WHERE household_id = $1 AND person_id = $2 "
            "AND starts_on <= $3 AND (ends_on IS NULL OR ends_on > $3)",
            household_id,
            person_id,
            unit.today,
        )
    )


async def answer(unit: Unit, exchange_id: int, text: str) -> None:
    """The team answers, once. What was said stays: a second thought is a new message."""
    unit.require("messages.answer")
    text = text.strip()
    if not text:
        raise Invalid({"answer": N_("Écrivez une réponse.")})
    if len(text) > LONGEST:
        raise Invalid({"answer": TOO_LONG})
    row = await unit.row(
        "SELECT household_id, person_id, answered_at, ref FROM exchange WHERE id = $1 FOR UPDATE",
        exchange_id,
    )
    if row is None:
        raise NotFound()
    if row["answered_at"] is not None:
        raise Refused(N_("Ce message a déjà une réponse."))
    await unit.fetch(
        "UPDATE exchange SET answer = $2, answered_at = $3, answered_by = $4 WHERE id = $1",
        exchange_id,
        text,
        unit.now,
        unit.actor.account_id,
    )
    await drop_draft(unit, row["ref"])
    unit.record(
        "message.answered",
        household_id=row["household_id"],
        person_id=row["person_id"],
        subject=("exchange", exchange_id),
    )


async def mark_read(unit: Unit, person_id: int) -> None:
    """The person has the answers and the news before them: nothing is unread any more."""
    await unit.fetch(
        "UPDATE exchange SET answer_read_at = $2 "
        "WHERE person_id = $1 AND answered_at IS NOT NULL AND answer_read_at IS NULL",
        person_id,
        unit.now,
    )
    await unit.fetch(
        "UPDATE outgoing_message SET read_at = $2 "
        "WHERE person_id = $1 AND channel = 'portal' AND state = 'sent' AND read_at IS NULL",
        person_id,
        unit.now,
    )
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'stopped', error = 'seen', next_at = NULL "
        "WHERE person_id = $1 AND template = 'notice' AND channel NOT IN ('portal', 'desk') "
        "AND state IN ('waiting', 'failed')",
        person_id,
    )


# -- what leaves ------------------------------------------------------------------------------

_TELL = f"""
INSERT INTO outgoing_message (person_id, household_id, event_id, channel, template, params, state,
                              created_at, sent_at)
SELECT p.id, $2, $3, $4, $5, $6, CASE WHEN $4 = 'portal' THEN 'sent' ELSE 'waiting' END, $7,
       CASE WHEN $4 = 'portal' THEN $7::timestamptz END
FROM person p
WHERE p.id = ANY($1::bigint[]) AND p.died_on IS NULL
  AND NOT {stopped("p", wish_counts="$4 <> 'portal'")}
ON CONFLICT (territory_id, event_id, person_id, channel) WHERE event_id IS NOT NULL DO NOTHING
RETURNING id
"""  # noqa: S608 made of constants


async def tell(
    unit: Unit,
    person_id: int | list[int],
    template: str,
    params: dict[str, Any] | None = None,
    *,
    household_id: int | None = None,
    event_id: int | None = None,
    channel: str = "portal",
) -> int:
    """Put a message in the outbox; returns how many. None for the dead and for who is stopped.

    Who said STOP of their own wish is written nothing outside, and still reads the portal.

    `template` names the sentence (an event kind), `params` hold codes and dates: the words are
    found when it is read, in the reader's language. The same event tells a person once.
    """
    people = person_id if isinstance(person_id, list) else [person_id]
    rows = await unit.fetch(
        _TELL,
        people,
        household_id,
        event_id,
        channel,
        template,
        msgspec.json.encode(params or {}).decode(),
        unit.now,
    )
    return len(rows)


# -- drafts of answers ------------------------------------------------------------------------


async def keep_draft(unit: Unit, ref: str, text: str) -> None:
    """Keep what the actor began to answer; one draft per author and message."""
    unit.require("messages.answer")
    await unit.fetch(
        "INSERT INTO draft (account_id, form, subject, values, saved_at) "
        "VALUES ($1, 'answer', $2, $3, $4) "
        "ON CONFLICT (territory_id, account_id, form, subject) "
        "DO UPDATE SET values = excluded.values, saved_at = excluded.saved_at, "
        "version = draft.version + 1",
        unit.actor.account_id,
        ref,
        msgspec.json.encode({"answer": text[:LONGEST]}).decode(),
        unit.now,
    )


async def drop_draft(unit: Unit, ref: str) -> None:
    """The answer has left: the actor's draft of it is done with."""
    await unit.fetch(
        "DELETE FROM draft WHERE account_id = $1 AND form = 'answer' AND subject = $2",
        unit.actor.account_id,
        ref,
    )
