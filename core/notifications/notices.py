"""Notices: that there is news and where; by which of the safe ways each person is sent one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from core.kernel.events import Event
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.notifications.composing import compose, news
from core.notifications.contacts import contact_of, contacts
from core.notifications.content import Letter, Voice, put
from core.notifications.reach import chosen_ways, ways
from core.notifications.topics import PRESSING, WORKER_TOLD, policy_of, topic_of
from core.territories.settings import CoreSettings, read_settings

NOTICE = "notice"
"""The template of a message that only says that there is news."""

# Nobody is told of what they did themselves, or let do. `hushed`: the last call was not followed
# by a visit yet: there is nothing more to say, unless a date runs.
_SPARED = """
SELECT p.id,
  EXISTS (SELECT 1 FROM event e WHERE e.territory_id = p.territory_id AND e.id = $2
          AND (e.actor_id = r.account_id OR e.on_behalf_of = p.id)) AS own,
  EXISTS (SELECT 1 FROM outgoing_message o
    WHERE o.territory_id = p.territory_id AND o.person_id = p.id AND o.channel <> 'portal'
      AND o.state IN ('sent', 'told') AND o.sent_at > $3::timestamptz - interval '3 days'
      AND NOT EXISTS (SELECT 1 FROM session n WHERE n.account_id = r.account_id
                      AND n.seen_at > o.sent_at)) AS hushed
FROM person p
LEFT JOIN resident_account r ON r.territory_id = p.territory_id AND r.person_id = p.id
WHERE p.id = ANY($1::bigint[])
"""

_PUT = """
INSERT INTO outgoing_message (ref, person_id, household_id, event_id, channel, template, params,
                              state, created_at, content)
SELECT d.ref, d.person_id, $2, $3, d.channel, d.template, '{}', 'waiting', $4, d.content
FROM jsonb_to_recordset($1::jsonb)
  AS d(ref text, person_id bigint, channel text, template text, content jsonb)
ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass
class Departures:
    """What is to leave for one event, gathered and written in one statement."""

    voice: Voice
    settings: CoreSettings
    event_id: int | None
    household_id: int | None
    today: Any
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, person: Any, channel: str, letter: Letter | None, template: str) -> None:
        """One message by one channel; a letter's words are put into the language at once."""
        content = None
        if channel == "letter":
            lang = self.voice.speaks(person["language"])
            content = put(
                letter or news(self.voice, lang),
                self.voice,
                language=person["language"],
                given=person["given_name"],
                family=person["family_name"],
                address=person["address"],
                on=self.today,
                sender=self.settings.letter_sender,
            )
        self.rows.append(
            {
                "ref": new_ref(),
                "person_id": person["id"],
                "channel": channel,
                "template": template if channel == "letter" and letter else NOTICE,
                "content": content,
            }
        )

    async def write(self, unit: Unit) -> int:
        """Put them all in the outbox; how many were not there already."""
        if not self.rows:
            return 0
        given = msgspec.json.encode(self.rows).decode()
        done = await unit.fetch(_PUT, given, self.household_id, self.event_id, unit.now)
        said = [r["person_id"] for r in self.rows if r["template"] != NOTICE]
        if said:
            # A letter that says something makes the one that only calls needless.
            await unit.fetch(
                "UPDATE outgoing_message SET state = 'stopped', error = 'joined' "
                "WHERE person_id = ANY($1::bigint[]) AND channel = 'letter' "
                "AND template = 'notice' AND state = 'waiting' AND printed_at IS NULL",
                said,
            )
        return len(done)


async def notify(unit: Unit, people: Sequence[int], event: Event, voice: Voice) -> int:
    """Messages outside of the portal about an event, by the ways that are safe for each person and
    as far as the territory's setting for such events goes; returns how many."""
    settings = await read_settings(unit)
    policy = policy_of(settings, event.kind)
    if policy == "portal":
        return 0
    spared = {r["id"]: r for r in await unit.fetch(_SPARED, list(people), event.id, unit.now)}
    letter = await compose(unit, event)
    pressing = topic_of(event.kind) in PRESSING
    leaving = Departures(voice, settings, event.id, event.household_id, unit.today)
    for person in await contacts(unit, people, event.household_id):
        known: Mapping[str, Any] = spared[person["id"]]
        if known["own"]:
            continue
        for channel in chosen_ways(policy, ways(contact_of(person), voice.country)):
            # A call is not repeated; a letter that says something of its own is no call.
            if known["hushed"] and not pressing and not (channel == "letter" and letter):
                continue
            leaving.add(person, channel, letter, event.kind)
    return await leaving.write(unit)


_TRIED = """
SELECT DISTINCT channel FROM outgoing_message
WHERE person_id = $1 AND channel <> 'portal'
  AND (event_id IS NOT DISTINCT FROM $2 AND created_at >= $3 OR state = 'waiting')
"""


async def reach_otherwise(unit: Unit, message: Any, voice: Voice) -> str | None:
    """What failed for good leaves by the next safe way, or waits to be said; which, None when
    another is on its way already or nothing may leave."""
    known = await contacts(unit, [message["person_id"]], message["household_id"])
    if not known:
        return None
    tried = {
        r["channel"]
        for r in await unit.fetch(
            _TRIED, message["person_id"], message["event_id"], message["created_at"]
        )
    }
    if tried - {message["channel"]} and await _still_waits(unit, message["person_id"]):
        return None
    contact = contact_of(known[0])
    channel = ways(replace(contact, unsafe=contact.unsafe | tried), voice.country)[0]
    if channel in tried:
        return None
    leaving = Departures(
        voice, await read_settings(unit), message["event_id"], message["household_id"], unit.today
    )
    leaving.add(known[0], channel, None, NOTICE)
    return channel if await leaving.write(unit) else None


async def _still_waits(unit: Unit, person_id: int) -> bool:
    return bool(
        await unit.value(
            "SELECT 1 FROM outgoing_message WHERE person_id = $1 AND channel <> 'portal' "
            "AND state = 'waiting' LIMIT 1",
            person_id,
        )
    )


_DESK = """
INSERT INTO outgoing_message (account_id, household_id, event_id, channel, template, params, state,
                              created_at, sent_at)
SELECT DISTINCT k.account_id, $1::bigint, $2::bigint, 'desk', $3, '{}'::jsonb, 'sent',
       $4::timestamptz, $4::timestamptz
FROM key_worker k JOIN account a ON a.id = k.account_id
WHERE k.household_id = $1 AND k.starts_on <= $5 AND (k.ends_on IS NULL OR k.ends_on > $5)
  AND a.disabled_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.territory_id = k.territory_id AND e.id = $2
                  AND e.actor_id = k.account_id)
ON CONFLICT DO NOTHING RETURNING id
"""


async def tell_workers(unit: Unit, event: Event) -> int:
    """Put on the desk of the household's key workers what has a date that runs; how many."""
    if event.kind not in WORKER_TOLD or event.household_id is None:
        return 0
    return len(
        await unit.fetch(_DESK, event.household_id, event.id, event.kind, unit.now, unit.today)
    )
