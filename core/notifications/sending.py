"""What waits leaves: one message at a time, held by its row while the carrier has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.households.stops import stop_messages, stopped
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.notifications.carriers import Carrier, Notice, Smtp, Undelivered
from core.notifications.contacts import contact_of, contacts
from core.notifications.content import Voice
from core.notifications.notices import reach_otherwise
from core.notifications.reach import safe_by
from core.notifications.rules import MOST_TRIES, NOTICE, QUIET, SHORT, text_of, wait_after
from core.notifications.sms import HttpGateway


def carriers_of(settings: Settings) -> Mapping[str, Carrier]:
    """Who carries what on this installation, by channel. A channel that is not here is the team's:
    its messages stay visible, to be told otherwise."""
    found: dict[str, Carrier] = {}
    if settings.smtp_url is not None:
        found["email"] = Smtp(settings.smtp_url, settings.smtp_from)
    if settings.sms_url is not None:
        found["sms"] = HttpGateway(settings.sms_url, settings.sms_token, settings.sms_from)
    return found


def said_by(channel: str, voice: Voice, language: str) -> tuple[str, str]:
    """Subject and text of a notice in a person's language, where the territory speaks it."""
    lang = voice.speaks(language)
    gettext = voice.tongue(lang).gettext
    if channel == "sms":
        return "", gettext(SHORT) % {"address": voice.portal(lang)}
    lines = {key: gettext(sentence) for key, sentence in NOTICE.items()}
    return lines["subject"], text_of(lines, voice.portal(lang))


_CLAIM = f"""
SELECT o.id, o.channel, o.tries, o.created_at, o.person_id, o.household_id, o.event_id,
       p.email, p.phone, p.language,
       p.died_on IS NOT NULL OR {stopped("p")} AS stopped,
       EXISTS (SELECT 1 FROM resident_account r JOIN session n ON n.account_id = r.account_id
               WHERE r.territory_id = o.territory_id AND r.person_id = o.person_id
                 AND n.seen_at > o.created_at) AS seen
FROM outgoing_message o
JOIN person p ON p.territory_id = o.territory_id AND p.id = o.person_id
WHERE o.state = 'waiting' AND o.channel = ANY($1::text[])
  AND (o.next_at IS NULL OR o.next_at <= $2)
ORDER BY o.created_at, o.id FOR UPDATE OF o SKIP LOCKED LIMIT 1
"""  # noqa: S608 made of constants


async def send_one(unit: Unit, carriers: Mapping[str, Carrier], voice: Voice) -> bool:
    """Send the oldest that is due in the Unit's territory; False when there is none.

    Its row stays locked meanwhile: who records a death waits for it, or it is found stopped.
    A crash after the carrier took it sends it again, under the same key.
    """
    awake = unit.now.astimezone(ZoneInfo(unit.zone)).hour in QUIET
    row = await unit.row(_CLAIM, [c for c in carriers if awake or c != "sms"], unit.now)
    if row is None:
        return False
    channel = row["channel"]
    if row["stopped"] or row["seen"]:
        # The dead, those who said stop, and those who came and read by themselves.
        await _end(unit, row["id"], "stopped", "" if row["stopped"] else "seen")
        return True
    # What is safe is looked at again: it may have been said since.
    known = await contacts(unit, [row["person_id"]], row["household_id"])
    if known and not safe_by(contact_of(known[0]), channel):
        await _end(unit, row["id"], "stopped", "unsafe")
        await reach_otherwise(unit, row, voice)
        return True
    subject, text = said_by(channel, voice, row["language"])
    key = f"seuil.{unit.territory_id}.{row['id']}"
    address = {"email": row["email"], "sms": row["phone"]}.get(channel, "")
    try:
        await carriers[channel].carry(Notice(key, address, subject, text, voice.country))
    except Undelivered as trouble:
        await _trouble(unit, row, trouble, voice)
    else:
        kept = {"to": address, "subject": subject, "text": text}
        await unit.fetch(
            "UPDATE outgoing_message SET state = 'sent', sent_at = $2, error = '', "
            "tries = tries + 1, next_at = NULL, content = $3 WHERE id = $1",
            row["id"],
            unit.now,
            msgspec.json.encode(kept).decode(),
        )
    return True


async def _trouble(unit: Unit, row: Any, trouble: Undelivered, voice: Voice) -> None:
    tries = row["tries"] + 1
    if trouble.service:
        # The carrier's own trouble is nobody's fault: all that waits for it waits together.
        await unit.fetch(
            "UPDATE outgoing_message SET error = $2, tries = least(tries + 1, 1000), "
            "next_at = $3 WHERE channel = $1 AND state = 'waiting'",
            row["channel"],
            trouble.trouble,
            unit.now + wait_after(tries),
        )
        return
    if trouble.final or tries >= MOST_TRIES:
        await _end(unit, row["id"], "failed", trouble.trouble if trouble.final else "too_long")
        if trouble.trouble == "opted_out":
            await stop_messages(unit, row["person_id"], "own_wish")
        else:
            await reach_otherwise(unit, row, voice)
        return
    await unit.fetch(
        "UPDATE outgoing_message SET tries = $2, error = $3, next_at = $4 WHERE id = $1",
        row["id"],
        tries,
        trouble.trouble,
        unit.now + wait_after(tries),
    )


async def _end(unit: Unit, message_id: int, state: str, error: str) -> None:
    await unit.fetch(
        "UPDATE outgoing_message SET state = $2, error = $3, next_at = NULL WHERE id = $1",
        message_id,
        state,
        error,
    )
